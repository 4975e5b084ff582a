"""Nothing stays of uploads that nobody finishes: rows, bytes on our disk, parts and objects in the store."""

from __future__ import annotations

import logging
import shutil
import time
from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from submissions import vault
from submissions.files import FileRefused
from submissions.models import Artifact, Upload
from submissions.uploads import parts
from submissions.workflow.intake import end_upload, settle
from submissions.workflow.keeping import sweep_contents

logger = logging.getLogger(__name__)

ORPHAN = timedelta(days=1)
REMEMBERED = timedelta(days=30)
BATCH = 500
WAITING = Q(artifact__state__in=[Artifact.State.RECEIVED, Artifact.State.CHECKING])
AGAIN = Q(artifact__state=Artifact.State.REJECTED, artifact__problem_code="not-checked")


def sweep_uploads() -> int:
    """Everything an upload can leave behind; answers how much there was."""
    number = _end_the_expired() + _settle_the_whole() + _empty_the_folder()
    try:
        number += _empty_the_store() + vault.sweep("evidence/", ORPHAN) + sweep_contents()
    except (FileRefused, vault.VaultError):
        logger.exception("the store does not answer: its part of the sweep waits")
    old = Upload.objects.filter(created__lt=timezone.now() - REMEMBERED)
    old.exclude(pk__in=_live().values("pk")).delete()
    return number


def _live() -> QuerySet[Upload]:
    """Uploads whose bytes are still needed."""
    return Upload.objects.filter(
        Q(state=Upload.State.OPEN) | (Q(state=Upload.State.COMPLETE) & (WAITING | AGAIN))
    )


def _end_the_expired() -> int:
    due = Upload.objects.filter(state=Upload.State.OPEN)
    due = due.filter(Q(expires__lte=timezone.now()) | Q(artifact=None))
    ended = 0
    for upload in due.select_related("artifact")[:BATCH]:
        try:
            end_upload(upload, why="expired")
        except (FileRefused, vault.VaultError):
            logger.exception("the bytes of upload %s", upload.pk)
        ended += 1
    return ended


def _settle_the_whole() -> int:
    """A server that was killed after the last byte, and a browser that never came back to ask."""
    number = 0
    quiet = Upload.objects.filter(state=Upload.State.OPEN, via=Upload.Via.DISK)
    for upload in quiet.select_related("owner", "artifact__submission__enrolment__micro_credential")[:BATCH]:
        settle(upload)
        number += upload.state == Upload.State.COMPLETE
    return number


def _empty_the_folder() -> int:
    """Files of uploads that are over, drafts of a fetch, rooms of a check that was killed."""
    folder, before = Path(settings.INCOMING_DIR), time.time() - ORPHAN.total_seconds()
    old = [path for path in folder.glob("*") if path.lstat().st_mtime < before]
    needed = _needed({path.stem for path in old})
    orphans = [path for path in old if path.stem not in needed]
    for path in orphans:
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return len(orphans)


def _empty_the_store() -> int:
    left = list(parts.left(timezone.now() - ORPHAN))
    needed = _needed({name for name, _what in left})
    orphans = [what for name, what in left if name not in needed]
    for what in orphans:
        parts.drop(what)
    return len(orphans)


def _needed(names: set[str]) -> set[str]:
    """Which of these names belong to an upload whose bytes are still needed."""
    ids = [UUID(name) for name in names if len(name) == 32 and set(name) <= set("0123456789abcdef")]
    return {key.hex for key in _live().filter(pk__in=ids).values_list("pk", flat=True)}
