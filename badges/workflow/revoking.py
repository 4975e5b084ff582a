"""What the issuer decides: taking an award back, and the signed list that says so."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from badges import issuing, queries, rules
from badges.models import Award, StatusList
from badges.workflow.table import TRANSITIONS
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError
from review.models import Case

LONGEST_REASON = 2_000


def revoke(award: Award, user: User, reason: str) -> Award:
    """Take a badge back, saying why. Every copy of it shows as revoked from this moment on."""
    if not rules.may_revoke(user, award):
        raise PermissionDenied
    if rules.stands_close(user, award):
        words = _("You stand close to this person, so somebody else at your organisation has to decide.")
        raise GuardError(words, {"reason": [words]})
    if Case.objects.filter(submission=award.submission_id).exclude(state=Case.State.DECIDED).exists():
        words = _("A case about this work is open. Nothing is revoked before it is decided.")
        raise GuardError(words, {"reason": [words]})
    frm, to, kind = TRANSITIONS["revoke"]
    fields: dict[str, Any] = {"revoked_at": timezone.now(), "revocation_reason": _reason(reason)}
    with transaction.atomic():
        try:
            journal.change(award, kind, frm=frm, to=to, actor=user, organisation_id=award.issuer_id, **fields)
        except TransitionError as error:
            raise TransitionError(_("This badge is already revoked."), state=error.state) from error
        publish_list(award.status_list)
    return award


def _reason(text: str) -> str:
    reason = text.strip()
    words = ""
    if not reason:
        words = _("Say why. The person who earned the badge reads this.")
    elif len(reason) > LONGEST_REASON or "\x00" in reason:
        words = _("Please keep the reason under 2,000 ordinary characters.")
    if words:
        raise GuardError(words, {"reason": [words]})
    return reason


def publish_list(status_list: StatusList) -> dict[str, Any]:
    """Sign the list anew. The row is locked, so that of two revocations at once neither is lost."""
    with transaction.atomic():
        row = queries.lock_list(status_list)
        document = issuing.sign_status_list(row, queries.revoked_indexes(row), timezone.now())
        row.credential = document
        row.save(update_fields=["credential", "updated"])
    return document
