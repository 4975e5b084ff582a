"""How much may come: by file, by submission, by person and day, and by the room on the disk."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db.models import Sum
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from submissions import files
from submissions.models import Artifact, Submission, Upload
from submissions.uploads.errors import TooMany, TooMuch

RESERVE = 256 * 1024**2  # what a disk keeps for everything else
OPEN_MAX = 50
TAKING_UP = Artifact.objects.exclude(state__in=[Artifact.State.REJECTED, Artifact.State.DELETED])


def check(submission: Submission, user: User, size: int) -> None:
    """Refuse by the quotas what the sender declares. Exact only in a transaction that holds both rows."""
    files.check_size(size)
    _check_number(user)
    held = _bytes(TAKING_UP.filter(submission=submission), "received_size")
    if held + size > settings.SUBMISSION_MAX_BYTES:
        raise TooMuch(
            _("The files of this attempt may have %(most)s together, and %(held)s are here. Send a smaller file, or remove one.")
            % {"most": filesizeformat(settings.SUBMISSION_MAX_BYTES), "held": filesizeformat(held)}
        )  # fmt: skip
    today = Upload.objects.filter(owner=user, created__gt=timezone.now() - timedelta(days=1))
    sent = _bytes(today.exclude(state=Upload.State.ENDED), "size")
    if sent + size > settings.DAILY_MAX_BYTES:
        raise TooMuch(
            _("You can send %(most)s within 24 hours, and %(sent)s were sent or begun. Go on with this file tomorrow.")
            % {"most": filesizeformat(settings.DAILY_MAX_BYTES), "sent": filesizeformat(sent)}
        )  # fmt: skip


def check_disk(size: int) -> None:
    """Refuse what the disk has no room for, before it begins."""
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if shutil.disk_usage(folder).free < size + RESERVE:
        raise files.NoSpace


def _check_number(user: User) -> None:
    if Upload.objects.filter(owner=user, state=Upload.State.OPEN).count() >= OPEN_MAX:
        words = _("You have begun %d uploads that are not complete. Finish or cancel some of them first.")
        raise TooMany(words % OPEN_MAX)


def _bytes(rows: object, field: str) -> int:
    return int(rows.aggregate(sum=Sum(field))["sum"] or 0)  # type: ignore[attr-defined]
