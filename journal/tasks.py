"""The outbox: hands what happened to the tasks that the wiring names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from typing import Any

from celery import current_app, shared_task
from django.conf import settings
from django.db import transaction
from django.db.models import Case, When
from django.utils import timezone
from django.utils.module_loading import import_string

from journal.models import BULK, Entry

BATCH = 500
LAST = 9  # of the broker's priorities, of which 0 goes first


@cache
def wiring() -> Mapping[str, Sequence[str]]:
    """Journal kind → task names, reached through a setting because the journal imports no room."""
    table: Mapping[str, Sequence[str]] = import_string(settings.JOURNAL_WIRING)
    return table


@shared_task(name="journal.tasks.dispatch")
def dispatch(entry_id: str | None = None) -> int:
    """Send undispatched entries to their tasks, oldest first; returns how many were handed on.

    Tasks are sent before the entry is marked: a crash in between sends twice, which idempotent tasks bear.
    `SKIP LOCKED` keeps two dispatchers apart. The sweep leaves the last seconds to the commit hooks, and takes what was
    written by the thousand after everything else.
    """
    entries = Entry.objects.filter(dispatched_at=None)
    if entry_id is not None:
        entries = entries.filter(pk=entry_id)
    else:
        entries = entries.filter(created__lt=timezone.now() - timedelta(seconds=5))
        entries.filter(data__has_key=BULK).exclude(kind__in=wiring()).update(dispatched_at=timezone.now())
    of_many = Case(When(data__has_key=BULK, then=1), default=0)
    with transaction.atomic():
        batch = list(entries.order_by(of_many, "created").select_for_update(skip_locked=True)[:BATCH])
        for entry in batch:
            _hand_on(entry)
        Entry.objects.filter(pk__in=[entry.pk for entry in batch]).update(dispatched_at=timezone.now())
    return len(batch)


def _hand_on(entry: Entry) -> None:
    """To its tasks. Those of one of thousands wait behind everything else, and so does whatever they start."""
    options: dict[str, Any] = {"priority": LAST} if BULK in entry.data else {}
    for task in wiring().get(entry.kind, ()):
        current_app.send_task(task, args=[str(entry.pk)], **options)
