"""What is told about lists of people who were granted a badge."""

from __future__ import annotations

from celery import shared_task
from django.urls import reverse

from badges.models import Batch
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.telling import subject


@shared_task(name="notifications.tasks.granted")
def granted(entry_id: str) -> None:
    """Every row of a list is answered: to whoever sent it."""
    entry, batch = subject(entry_id, Batch.objects.select_related("by", "version"))
    if batch is None or batch.by is None or batch.by.closed_at is not None:
        return
    context = {
        "list": batch.name,
        "micro_credential": batch.version.title,
        "total": batch.total,
        "refused": batch.refused,
    }
    workflow.notify(entry, batch.by, Kind.GRANTED, context, reverse("grant", args=[batch.pk]))
