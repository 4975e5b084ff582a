"""What an appeal may do to a decided attempt: hold the next one back, and change what was decided for the better."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError, change
from submissions.models import Enrolment, Outcome, Submission
from submissions.workflow.deciding import OutcomeData
from submissions.workflow.retaining import start_clock
from submissions.workflow.table import (
    ENROLMENT,
    Joined,
    State,
    check_earner,
    check_not_own,
    lock_enrolment,
    move,
)

Appealed = Submission.Appealed


def appealable(submission: Submission) -> bool:
    """Whether this decision is the latest word on work that goes on: no next attempt was sent, and nobody left."""
    newer = Submission.objects.filter(enrolment=submission.enrolment_id, attempt__gt=submission.attempt)
    joined = Enrolment.objects.filter(pk=submission.enrolment_id, state=Joined.ACTIVE)
    return (
        submission.state == State.NOT_YET
        and joined.exists()
        and not newer.exclude(state=State.DRAFT).exists()
    )


def begin_appeal(submission: Submission, user: User) -> Submission:
    """Somebody will hear her appeal: until it is answered the next attempt may be written, not sent."""
    check_earner(submission, user)
    with transaction.atomic():
        lock_enrolment(submission.enrolment)
        current = Submission.objects.get(pk=submission.pk)
        if not appealable(current):
            raise TransitionError(
                _("You can appeal against the latest decision only, before you send the next attempt."),
                state=current.state,
            )
        if current.appealed:
            raise TransitionError(
                _("There is one appeal against a decision, and you have made it."), state=current.state
            )
        _mark(submission, Appealed.OPEN)
    return submission


def end_appeal(submission: Submission) -> Submission:
    """The appeal is answered or taken back: the next attempt may be sent."""
    _mark(submission, Appealed.OVER)
    return submission


def _mark(submission: Submission, appealed: Appealed) -> None:
    Submission.objects.filter(pk=submission.pk).update(appealed=appealed)
    submission.appealed = appealed


def amend(submission: Submission, actor: User, *, outcomes: Collection[OutcomeData]) -> str:
    """Change the outcome of some criteria for the better, never for the worse. Earned once every criterion passes.

    What was begun as the next attempt is then set aside; it stays readable. The levels before stand in the journal.
    """
    check_not_own(submission, actor)
    with transaction.atomic():
        enrolment = lock_enrolment(submission.enrolment)
        rows = {
            row.criterion_id: row
            for row in Outcome.objects.filter(submission=submission).select_related("criterion")
        }
        _check_better(rows, outcomes)
        before = {str(one.criterion_id): rows[one.criterion_id].level for one in outcomes}
        for one in outcomes:
            row = rows[one.criterion_id]
            row.level, row.passed = one.level, one.level >= row.criterion.passing
            row.feedback, row.next_step = one.feedback.strip(), one.next_step.strip()
            row.save(update_fields=["level", "passed", "feedback", "next_step"])
        earned = all(row.passed for row in rows.values())
        move(
            submission,
            "amend_earned" if earned else "amend",
            actor,
            data={"before": before},
            decided_at=timezone.now(),
        )
        if earned:
            _earn(enrolment, submission, actor)
    return str(submission.state)


def _check_better(rows: dict[UUID, Outcome], outcomes: Collection[OutcomeData]) -> None:
    for one in outcomes:
        row = rows.get(one.criterion_id)
        if row is None or row.passed:
            raise GuardError(_("Only criteria below their passing level can be changed."))
        if one.level < row.level:
            raise GuardError(_("An appeal never makes an outcome worse."))
        if not one.feedback.strip():
            raise GuardError(_("Every criterion that is changed needs a text."))
    if not any(one.level > rows[one.criterion_id].level for one in outcomes):
        raise GuardError(_("Raise at least one level, or let the decision stand."))


def _earn(enrolment: Enrolment, submission: Submission, actor: User) -> None:
    frm, to, kind = ENROLMENT["earn"]
    change(enrolment, kind, frm=frm, to=to, actor=actor)
    submission.enrolment.state = enrolment.state
    for draft in Submission.objects.filter(enrolment=enrolment, state=State.DRAFT).select_related(
        "enrolment__micro_credential"
    ):
        move(draft, "set_aside", actor)
        start_clock(draft)
