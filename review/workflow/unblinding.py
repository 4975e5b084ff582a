"""Looking up who is behind an attempt: an approver's, with a reason, and never unsaid."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal import workflow as journal
from journal.workflow import GuardError, TransitionError
from review import rules
from review.models import Unblinding
from review.workflow.drafting import LONGEST
from submissions.models import Submission

LEAST = 20  # characters of a reason that says something


def unblind(submission: Submission, user: User, reason: str) -> Unblinding:
    """From now on she knows the name, and is involved: she neither assesses, adjudicates nor hears an appeal of it."""
    if not rules.unblindable_by(user).filter(pk=submission.pk).exists():
        raise GuardError(
            _("You are involved in this, or hold it now, so you cannot look up the name."),
            state=submission.state,
        )
    said = reason.strip()
    if len(said) < LEAST or len(said) > LONGEST or "\x00" in said:
        words = _("Say in a sentence why you need to know the name.")
        raise GuardError(words, {"reason": [words]}, state=submission.state)
    issuer = submission.enrolment.micro_credential.issuer_id
    data = {"submission": str(submission.pk), "reason": said}
    try:
        with transaction.atomic():
            row = Unblinding.objects.create(submission=submission, by=user, reason=said)
            journal.record("review.unblinded", row, actor=user, organisation_id=issuer, data=data)
    except IntegrityError:
        raise TransitionError(_("You have looked up this name already."), state=submission.state) from None
    return row
