"""The transition table of claims and assessments, and what every verb shares."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy

from accounts.models import User
from journal import workflow as journal
from journal.models import Entry
from journal.workflow import TransitionError, Transitions
from review.models import Assessment, Assignment
from submissions.models import Submission

State = Assignment.State
Whole = Assessment.State
HELD = frozenset({State.CLAIMED.value})
# verb → (from states, to state, journal kind)
TRANSITIONS: Transitions = {
    "release": (HELD, State.RELEASED, "review.released"),
    "recuse": (HELD, State.RECUSED, "review.recused"),
    "complete": (HELD, State.COMPLETED, "review.completed"),
    "lapse": (HELD, State.LAPSED, "review.lapsed"),
    "return": (HELD, State.RELEASED, "review.released"),
}
ASSESSMENT: Transitions = {
    "disagree": (frozenset({Whole.OPEN}), Whole.ADJUDICATION, "review.disagreed"),
    "decide": (frozenset({Whole.OPEN, Whole.ADJUDICATION}), Whole.DECIDED, "review.decided"),
    "return": (frozenset({Whole.OPEN}), Whole.RETURNED, "review.returned"),
    "end": (frozenset({Whole.OPEN, Whole.ADJUDICATION}), Whole.ENDED, "review.ended"),
}
ENDED = {
    State.RELEASED: gettext_lazy("You gave this submission back to the queue. Your draft is kept."),
    State.RECUSED: gettext_lazy("You stepped back from this submission."),
    State.LAPSED: gettext_lazy(
        "Your claim lapsed and the submission returned to the queue. Your draft is kept."
    ),
    State.COMPLETED: gettext_lazy("This review is complete; your scores have been sent."),
}
OVERALL = ("strength", "next_step", "private_note")


def available(assignment: Assignment, user: User) -> set[str]:
    """The verbs `user` may use now; feeds the buttons."""
    if assignment.assessor_id != user.pk or assignment.state != State.CLAIMED:
        return set()
    if assignment.role == Assignment.Role.CALIBRATION:
        return {"save", "complete"}
    return {"save", *TRANSITIONS} - {"lapse"}


def change(verb: str, assignment: Assignment, user: User | None, **fields: str) -> None:
    """One row of the table, with words for people when it is not possible."""
    frm, to, kind = TRANSITIONS[verb]
    data = {"submission": str(assignment.submission_id)}
    issuer = issuer_of(assignment)
    try:
        journal.change(
            assignment,
            kind,
            frm=frm,
            to=to,
            actor=user,
            organisation_id=issuer,
            data=data,
            ended_at=timezone.now(),
            **fields,
        )
    except TransitionError as error:
        raise TransitionError(ENDED[State(error.state)], state=error.state) from error


def change_assessment(
    verb: str, assessment: Assessment, user: User | None, data: dict[str, Any] | None = None, **fields: Any
) -> Entry:
    """One row of the table for an assessment as a whole; the submission stands in the entry."""
    frm, to, kind = ASSESSMENT[verb]
    said = {"submission": str(assessment.submission_id), **(data or {})}
    return journal.change(
        assessment,
        kind,
        frm=frm,
        to=to,
        actor=user,
        organisation_id=assessment.issuer_id,
        data=said,
        **fields,
    )


def record(kind: str, assignment: Assignment, user: User | None) -> None:
    """An entry about a claim that is no change of its state."""
    data = {"submission": str(assignment.submission_id)}
    journal.record(kind, assignment, actor=user, organisation_id=issuer_of(assignment), data=data)


def lock_assessment(submission: Submission) -> Assessment | None:
    """The assessment of this attempt that is open or waits for an adjudication, kept from others until the end."""
    rows = Assessment.objects.select_for_update().filter(submission=submission)
    return rows.filter(state__in=[Whole.OPEN, Whole.ADJUDICATION]).first()


def issuer_of(assignment: Assignment) -> Any:
    """The id of the organisation that issues what is assessed; its journal it is."""
    return assignment.submission.enrolment.micro_credential.issuer_id
