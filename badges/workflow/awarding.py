"""Awarding: once for each earned submission, signed and in a status list."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from badges import issuing, queries, sealed
from badges.models import Award
from badges.terms import end_of
from badges.workflow.placing import TRIES, take_place
from journal import workflow as journal
from journal.workflow import TransitionError
from submissions.models import Submission


def award(submission: Submission) -> Award:
    """Issue the badge of an earned submission. However often it is asked for, there is one."""
    row = queries.to_award(submission)
    if hasattr(row, "award"):
        return row.award
    if row.state != Submission.State.EARNED:
        raise TransitionError(_("A badge needs an earned submission."), state=row.state)
    levels = queries.levels_reached(row)
    for _number in range(TRIES):
        try:
            with transaction.atomic():
                return _issue(row, levels)
        except IntegrityError:
            if existing := Award.objects.filter(submission=row).first():
                return existing
    return _issue(row, levels)


def _issue(submission: Submission, levels: Mapping[str, int]) -> Award:
    """Sign and store; the database refuses a second award, and a second renewal of the same one is none."""
    enrolment, now = submission.enrolment, timezone.now()
    version = enrolment.version
    issuer = version.micro_credential.issuer
    status_list, index = take_place(issuer)
    earned = submission.decided_at or now
    row = Award(
        earner=enrolment.earner,
        issuer=issuer,
        micro_credential=version.micro_credential,
        version=version,
        submission=submission,
        renews_id=submission.renews,  # type: ignore[attr-defined]
        name_shown=issuing.line(enrolment.earner.name),
        status_list=status_list,
        status_index=index,
        awarded_at=earned,
        seal=sealed.seal_for(submission),
        valid_until=end_of(earned, version.term_months),
    )
    row.credential = issuing.sign_award(row, levels, now)
    row.save(force_insert=True)
    journal.record(
        "badges.awarded", row, organisation_id=row.issuer_id, data={"submission": str(submission.pk)}
    )
    return row
