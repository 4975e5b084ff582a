"""The outbox: hands what happened to the tasks that the wiring names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from journal.models import Entry

BATCH = 500


@cache
def wiring() -> Mapping[str, Sequence[str]]:
    """Journal kind → task names, reached through a setting because the journal imports no room."""
    table: Mapping[str, Sequence[str]] = import_string(settings.JOURNAL_WIRING)
    return table


@shared_task(name="journal.tasks.dispatch")
def dispatch(entry_id: str | None = None) -> int:
    """Send undispatched entries to their tasks, oldest first; returns how many were handed on.

    Tasks are sent before the entry is marked: a crash in between sends twice, which idempotent tasks bear.
    `SKIP LOCKED` keeps two dispatchers apart. The sweep leaves the last seconds to the commit hooks.
    """
    entries = Entry.objects.filter(dispatched_at=None)
    if entry_id is not None:
        entries = entries.filter(pk=entry_id)
    else:
        entries = entries.filter(created__lt=timezone.now() - timedelta(seconds=5))
    with transaction.atomic():
        batch = list(entries.order_by("created").select_for_update(skip_locked=True)[:BATCH])
        for entry in batch:
            for task in wiring().get(entry.kind, ()):
                current_app.send_task(task, args=[str(entry.pk)])
        Entry.objects.filter(pk__in=[entry.pk for entry in batch]).update(dispatched_at=timezone.now())
    return len(batch)
