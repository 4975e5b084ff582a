"""Awarding: once for each earned submission, signed and in a status list."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Organisation
from badges import issuing, queries, sealed
from badges.models import Award, StatusList
from badges.openbadges.status import random_index
from journal import workflow as journal
from journal.workflow import TransitionError
from submissions.models import Submission

# After so many taken places in a row a list is about half full, and the next one is begun.
TRIES = 8


def award(submission: Submission) -> Award:
    """Issue the badge of an earned submission. However often it is asked for, there is one."""
    row = queries.to_award(submission)
    if hasattr(row, "award"):
        return row.award
    if row.state != Submission.State.EARNED:
        raise TransitionError(_("A badge needs an earned submission."), state=row.state)
    levels = queries.levels_reached(row)
    issuer = row.enrolment.version.micro_credential.issuer
    status_list = queries.newest_list(issuer) or _begin_list(issuer)
    for _number in range(TRIES):
        try:
            return _issue(row, levels, status_list)
        except IntegrityError:
            if existing := Award.objects.filter(submission=row).first():
                return existing
    return _issue(row, levels, _begin_list(issuer))


def _issue(submission: Submission, levels: Mapping[str, int], status_list: StatusList) -> Award:
    """Sign and store; the database refuses a second award and a place in the list that is taken."""
    enrolment, now = submission.enrolment, timezone.now()
    micro_credential = enrolment.version.micro_credential
    row = Award(
        earner=enrolment.earner,
        issuer=micro_credential.issuer,
        micro_credential=micro_credential,
        version=enrolment.version,
        submission=submission,
        name_shown=enrolment.earner.name,
        status_list=status_list,
        status_index=random_index(status_list.size),
        awarded_at=submission.decided_at or now,
        seal=sealed.seal_for(submission),
    )
    row.credential = issuing.sign_award(row, levels, now)
    with transaction.atomic():
        row.save(force_insert=True)
        journal.record(
            "badges.awarded", row, organisation_id=row.issuer_id, data={"submission": str(submission.pk)}
        )
    return row


def _begin_list(issuer: Organisation) -> StatusList:
    row = StatusList(issuer=issuer)
    row.credential = issuing.sign_status_list(row, (), timezone.now())
    row.save(force_insert=True)
    return row
