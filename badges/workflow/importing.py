"""A program brings a badge for a person: kept as one she brought herself, and a newer version takes the place of the older."""

from __future__ import annotations

import hashlib
from enum import StrEnum

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from badges import issuing
from badges.models import Award, ExternalAward
from badges.openbadges.outcomes import strings
from badges.openbadges.summary import is_older, summary
from badges.openbadges.verification import Outcome, Report
from badges.queries.portfolio import same_credential
from badges.workflow import keeping
from journal import workflow as journal
from journal.workflow import GuardError


class Brought(StrEnum):
    """What became of it."""

    NEW = "new"
    KNOWN = "known"
    REPLACED = "replaced"
    OLDER = "older"  # than the version that is kept, which stays


def import_external(user: User, content: bytes, media_type: str, report: Report) -> Brought:
    """Keep what a program brought, byte for byte. The same issuer's same id is the same badge."""
    document = report.credential or {}
    if report.outcome is not Outcome.FAILED:
        _check_kind(document)
        if _is_own(user, document):
            return Brought.KNOWN
    digest = hashlib.sha256(content).hexdigest()
    mine = ExternalAward.objects.filter(owner=user)
    if mine.filter(digest=digest).exists():
        return Brought.KNOWN
    found = summary(document)
    with transaction.atomic():
        # One at a time for a person: two versions that come at once are one badge.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        old = same_credential(mine, found.credential_id, found.issuer_id)
        if old is None or report.outcome is Outcome.FAILED:
            keeping.keep_external(user, content, media_type, report)
            return Brought.NEW
        if is_older(document, old.document):
            return Brought.OLDER
        _replace(old, content, media_type, digest, report)
    return Brought.REPLACED


def _check_kind(document: dict[str, object]) -> None:
    if "VerifiableCredential" not in strings(document.get("type")):
        words = _("This is not an Open Badges 3.0 credential.")
        raise GuardError(words, {"credential": [words]})


def _is_own(user: User, document: dict[str, object]) -> bool:
    """Whether it was issued here, to her: then she has it already, and more than this copy of it."""
    own = Award.objects.filter(earner=user).values_list("pk", flat=True)
    return document.get("id") in {issuing.badge_id(pk) for pk in own}


def _replace(row: ExternalAward, content: bytes, media_type: str, digest: str, report: Report) -> None:
    """The newer version in the place of the older; what it counts for is looked at anew."""
    keeping.replace_content(row, content, media_type, digest, report)
    data = {"outcome": row.outcome, "replaced": True}
    journal.record("badges.external_checked", row, actor=row.owner, data=data)
