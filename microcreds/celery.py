"""The Celery application. Only the roof knows it; rooms declare `@shared_task`."""

from __future__ import annotations

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microcreds.settings")

app = Celery("microcreds")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
