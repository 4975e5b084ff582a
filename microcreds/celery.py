"""The Celery application. Only the roof knows it; rooms declare `@shared_task`."""

from __future__ import annotations

import os
import signal
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from microcreds.orphans import die_with

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "microcreds.settings")

app = Celery("microcreds")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def end_with_worker(**_: Any) -> None:
    """A pool process whose worker was killed would wait for work for ever."""
    die_with(os.getppid(), signal.SIGKILL)
