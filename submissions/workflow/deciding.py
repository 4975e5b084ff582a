"""What the review room does with an attempt; it calls these verbs and keeps its own rows."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Criterion
from journal.workflow import GuardError, change
from submissions.models import Outcome, Submission
from submissions.workflow.retaining import start_clock
from submissions.workflow.table import ENROLMENT, UNSENT, check_not_own, move


@dataclass(frozen=True)
class OutcomeData:
    """What the review room delivers about one criterion."""

    criterion_id: UUID
    level: int
    passed: bool
    feedback: str = ""
    next_step: str = ""
    places: list[dict[str, Any]] = field(default_factory=list)
    carried_from: int | None = None


def begin_review(submission: Submission, actor: User) -> Submission:
    """An assessor has claimed it: from now on the educator can neither change nor withdraw it."""
    check_not_own(submission, actor)
    move(submission, "begin_review", actor)
    return submission


def return_to_queue(submission: Submission, actor: User | None) -> Submission:
    """Nobody reads it any more: it waits where it was."""
    move(submission, "return_to_queue", actor)
    return submission


def return_incomplete(submission: Submission, actor: User, lacking: Collection[str], note: str) -> Submission:
    """Found incomplete before any scoring: it is hers again, with what is missing, and counts as no attempt."""
    check_not_own(submission, actor)
    said = {"at": timezone.now().isoformat(), "lacking": list(lacking), "note": note.strip()}
    move(submission, "return_incomplete", actor, returned=said, **UNSENT)
    return submission


def decide(
    submission: Submission, actor: User, *, outcomes: Collection[OutcomeData], strength: str, next_step: str
) -> str:
    """Store what the educator reads. Conjunctive: earned only with every criterion at its passing level."""
    check_not_own(submission, actor)
    _check_outcomes(submission, outcomes, strength, next_step)
    earned = all(outcome.passed for outcome in outcomes)
    with transaction.atomic():
        verb = "earn" if earned else "not_yet"
        move(
            submission,
            verb,
            actor,
            decided_at=timezone.now(),
            strength=strength.strip(),
            next_step=next_step.strip(),
        )
        Outcome.objects.bulk_create(
            Outcome(
                submission=submission, criterion_id=one.criterion_id, level=one.level, passed=one.passed,
                feedback=one.feedback.strip(), next_step=one.next_step.strip(), places=one.places,
                carried_from=one.carried_from,
            )
            for one in outcomes
        )  # fmt: skip
        start_clock(submission)
        if earned:
            frm, to, kind = ENROLMENT["earn"]
            change(submission.enrolment, kind, frm=frm, to=to, actor=actor)
    return str(submission.state)


def _check_outcomes(
    submission: Submission, outcomes: Collection[OutcomeData], strength: str, next_step: str
) -> None:
    version = submission.enrolment.version_id
    passing = dict(Criterion.objects.filter(version=version).values_list("pk", "passing"))
    given = {outcome.criterion_id for outcome in outcomes}
    if given != set(passing) or len(given) != len(outcomes):
        raise GuardError(_("A decision needs exactly one level for every criterion."))
    if any(outcome.passed != (outcome.level >= passing[outcome.criterion_id]) for outcome in outcomes):
        raise GuardError(_("A criterion passes at its passing level or above, and only then."))
    if any(not outcome.passed and not outcome.feedback.strip() for outcome in outcomes):
        raise GuardError(_("Every criterion below its passing level needs feedback."))
    if not strength.strip() or not next_step.strip():
        raise GuardError(_("Every decision names one strength and one next step."))
