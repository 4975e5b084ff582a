"""Tasks that look into many rooms."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import uuid4

from celery import shared_task
from django.db.models import Q
from django.utils import timezone

from accounts import workflow
from accounts.models import DataExport
from badges.workflow import allowing
from journal.models import Entry
from journal.workflow import TransitionError
from microcreds import exporting
from submissions import uploads, vault
from submissions.models import Artifact

LONG = 6 * 3600  # seconds
DEAD = timedelta(hours=7)  # an export that runs longer belongs to a dead worker


@shared_task(time_limit=LONG)
def export(entry_id: str) -> None:
    """Make the copy of somebody's data that she asked for."""
    entry = Entry.objects.get(pk=entry_id)
    if row := DataExport.objects.select_related("user").filter(pk=entry.subject_id).first():
        make(row)


def make(row: DataExport) -> None:
    """Pack it beside the uploads, seal it into the vault. Whatever goes wrong is said, and nothing is left behind."""
    try:
        workflow.move_export(row, "begin_export")
    except TransitionError:
        return
    key = f"exports/{uuid4().hex}"
    try:
        with uploads.workroom("export") as folder:
            path = Path(folder) / "export.zip"
            exporting.pack(row.user, path, lambda percent: _say(row, percent))
            secret = vault.new_secret() if vault.seals() else None
            vault.put(key, path, secret)
            workflow.finish_export(row, key, secret, path.stat().st_size)
    except Exception:
        vault.discard(key)
        workflow.move_export(row, "fail_export")
        raise


def _say(row: DataExport, percent: int) -> None:
    if percent > row.progress:
        row.progress = percent
        DataExport.objects.filter(pk=row.pk).update(progress=min(percent, 99))


@shared_task
def tidy_programs() -> int:
    """Tokens that work no more go, and programs that registered and never got one."""
    return allowing.tidy_programs()


@shared_task
def tidy_exports() -> int:
    """Copies whose week is over go; one whose worker died is said to have failed."""
    now = timezone.now()
    rows = DataExport.objects.select_related("user")
    over = list(rows.filter(state="ready", expires__lt=now)[:100])
    for row in over:
        _discard(row)
    dead = list(rows.filter(state__in=["queued", "running"], state_since__lt=now - DEAD)[:100])
    for row in dead:
        workflow.move_export(row, "fail_export")
    return len(over) + len(dead)


@shared_task
def recall_exports(entry_id: str) -> None:
    """What a family stopped must not lie on in a copy made before; nor does anything of hers when she has left."""
    entry = Entry.objects.get(pk=entry_id)
    shown = Artifact.objects.filter(pk__in=[one["artifact"] for one in entry.data.get("closed", [])])
    concerned = Q(user__in=shown.values("submission__enrolment__earner"))
    if entry.kind == "accounts.closed":
        concerned = Q(user=entry.subject_id)
    for row in DataExport.objects.filter(concerned, state="ready").select_related("user"):
        _discard(row)


def _discard(row: DataExport) -> None:
    workflow.move_export(row, "expire_export", secret=None)
    vault.discard(row.file)
