"""Badges from elsewhere: kept byte for byte, checked when they come and ever again, and forgotten when their holder says so."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import User
from badges import issuing, queries
from badges.models import Award, ExternalAward
from badges.openbadges.summary import belongs_to, summary
from badges.openbadges.verification import Outcome, Report
from journal import workflow as journal
from journal.workflow import GuardError

LARGEST = 5 * 1024**2
ROOM = 50 * 1024**2  # bytes of badges from elsewhere that one person keeps
MOST = 300  # and how many
PATIENCE = timedelta(days=14)  # an issuer that cannot be asked is believed so long after the last full check
RECHECK = "recheck"  # a step of ours among the verifier's: that the last try was in vain


class NotKeptError(GuardError):
    """A badge that is not valid; `report` says step by step why."""

    def __init__(self, report: Report) -> None:
        words = _("This badge is not valid, so it is not kept. Below stands what was checked.")
        super().__init__(words, {"badge": [words]})
        self.report = report


def keep_external(user: User, content: bytes, media_type: str, report: Report) -> ExternalAward:
    """Keep a badge from elsewhere for `user`, as the verifier found it. The same bytes again are the same badge."""
    digest = hashlib.sha256(content).hexdigest()
    if existing := ExternalAward.objects.filter(owner=user, digest=digest).first():
        return existing
    _check_room(user, content)
    document = report.credential
    if report.outcome is Outcome.FAILED or document is None:
        raise NotKeptError(report)
    _check_document(user, document)
    row = ExternalAward(owner=user, media_type=media_type, content=content, digest=digest, document=document)
    _describe(row, document)
    _judge(row, report)
    with transaction.atomic():
        kept, created = ExternalAward.objects.get_or_create(owner=user, digest=digest, defaults=_fields(row))
        if created:
            journal.record("badges.external_kept", kept, actor=user, data={"outcome": kept.outcome})
    return kept


def _fields(row: ExternalAward) -> dict[str, Any]:
    skipped = {"owner", "digest", "created"}
    return {field.name: getattr(row, field.name) for field in row._meta.fields if field.name not in skipped}


def _check_room(user: User, content: bytes) -> None:
    words = ""
    if len(content) > LARGEST:
        words = _("This is larger than 5 MB. Badges are smaller.")
    elif _is_full(user, len(content)):
        words = _("You keep as many badges from elsewhere as there is room for. Delete one first.")
    if words:
        raise GuardError(words, {"badge": [words]})


def _is_full(user: User, size: int) -> bool:
    number, kept = queries.externals_kept(user)
    return number >= MOST or kept + size > ROOM


def _check_document(user: User, document: dict[str, Any]) -> None:
    """One of ours is hers already, and would count twice; what no database keeps is said, not lost."""
    words = ""
    own = {issuing.badge_id(pk) for pk in Award.objects.filter(earner=user).values_list("pk", flat=True)}
    if document.get("id") in own:
        words = _("This badge was issued here: it stands among your badges already.")
    elif "\\u0000" in json.dumps(document):
        words = _("This badge holds characters that cannot be kept.")
    if words:
        raise GuardError(words, {"badge": [words]})


def _describe(row: ExternalAward, document: dict[str, Any]) -> None:
    found = summary(document)
    row.name = found.name[:300] or _("Badge without a name")
    row.credential_id, row.achievement_id = found.credential_id, found.achievement_id
    row.issuer_id, row.issuer_name = found.issuer_id, (found.issuer_name or found.issuer_id)[:300]
    row.issued_at, row.expires_at = found.issued_at, found.expires_at


def _judge(row: ExternalAward, report: Report) -> None:
    row.outcome, row.steps = str(report.outcome), steps_of(report)
    row.is_hers = _is_hers(row)
    row.checked_at = timezone.now()


def steps_of(report: Report) -> list[dict[str, str]]:
    """What the verifier said, as it is kept."""
    return [
        {"name": step.name, "outcome": str(step.outcome), "words": step.words.replace("\x00", "")}
        for step in report.steps
    ]


def _is_hers(row: ExternalAward) -> bool:
    """Whether the badge names an address that she has confirmed."""
    addresses = EmailAddress.objects.filter(user=row.owner_id, verified=True).values_list("email", flat=True)
    return any(belongs_to(row.document, email) for email in addresses)


def replace_content(
    row: ExternalAward, content: bytes, media_type: str, digest: str, report: Report
) -> ExternalAward:
    """The same badge in a newer version, for a verb of ours that has found it to be that. Saves, and tells nobody."""
    _check_room(row.owner, content)
    document = report.credential or {}
    _check_document(row.owner, document)
    row.content, row.media_type, row.digest, row.document = content, media_type, digest, document
    _describe(row, document)
    _judge(row, report)
    row.save()
    return row


# --- again ----------------------------------------------------------------------------------------------------


def recheck_external(row: ExternalAward, report: Report, user: User | None = None) -> ExternalAward:
    """It was checked again. An issuer that cannot be asked for a while changes nothing; one that never answers does."""
    if user is not None and row.owner_id != user.pk:
        raise PermissionDenied
    before = (row.outcome, row.is_hers)
    if report.outcome is Outcome.UNKNOWN and row.outcome == ExternalAward.Outcome.OK and _wait(row):
        row.is_hers, row.checked_at = _is_hers(row), timezone.now()
    else:
        _judge(row, report)
    with transaction.atomic():
        row.save(update_fields=["outcome", "steps", "is_hers", "checked_at"])
        if before != (row.outcome, row.is_hers):
            journal.record("badges.external_checked", row, actor=user, data={"outcome": row.outcome})
    return row


def _wait(row: ExternalAward) -> bool:
    """Note that the issuer could not be asked; False when that has gone on for too long."""
    last = next((step for step in row.steps if step["name"] == RECHECK), None)
    since = (parse_datetime(last["since"]) if last else None) or timezone.now()
    if timezone.now() - since > PATIENCE:
        return False
    words = _("At the last try the issuer could not be asked. What stands here is the check before.")
    step = {"name": RECHECK, "outcome": "unknown", "words": words, "since": since.isoformat()}
    row.steps = [*(old for old in row.steps if old["name"] != RECHECK), step]
    return True


# --- no more --------------------------------------------------------------------------------------------------


def forget_external(row: ExternalAward, user: User) -> None:
    """Delete it for good. What it counted for is settled anew."""
    if row.owner_id != user.pk:
        raise PermissionDenied
    with transaction.atomic():
        stacks = row.recognitions.filter(state="accepted").values_list("item__group__stack", flat=True)
        data = {"stacks": [str(pk) for pk in stacks.distinct()]}
        journal.record("badges.external_deleted", row, actor=user, data=data)
        row.delete()
