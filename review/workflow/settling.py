"""What readings amount to: wait for the second, decide, or ask an approver."""

from __future__ import annotations

from collections.abc import Container
from typing import Any

from django.utils import timezone

from accounts.models import User
from catalog.models import Criterion
from review.models import Assessment, Assignment, Score
from review.queries import Line, rubric
from review.workflow.licensing import judge
from review.workflow.recording import record_decision
from review.workflow.table import State, change_assessment
from submissions import workflow as submissions

Settled = Assessment.Settled


def settle(assessment: Assessment, actor: User) -> None:
    """After a reading came in (`assessment` is locked): decide once all wanted readings are there and agree.

    Agreement is on each criterion's pass or not, never on an average. The educator then reads the reading that came first, whole, so
    that no two texts contradict each other; both originals stay in the record.
    """
    if assessment.anchor_id:
        judge(assessment, actor)
        return
    readings = list(
        Assignment.objects.filter(
            assessment=assessment, role=Assignment.Role.READING, state=State.COMPLETED
        ).order_by("ended_at", "pk")
    )
    if len(readings) < assessment.wanted:
        return
    if len(readings) > 1 and not agree(readings, assessment.carried):
        change_assessment("disagree", assessment, actor)
        return
    settled = Settled.AGREED if len(readings) > 1 else Settled.SINGLE
    deliver(assessment, readings[0], actor, settled)


def agree(readings: list[Assignment], carried: Container[str] = ()) -> bool:
    """Whether all readings are on the same side of the passing level on every criterion that is open."""
    criteria = Criterion.objects.filter(version=readings[0].submission.enrolment.version_id)
    passing = dict(criteria.values_list("pk", "passing"))
    sides: dict[object, set[bool]] = {}
    for score in Score.objects.filter(assignment__in=readings, level__isnull=False):
        if str(score.criterion_id) in carried:
            continue
        sides.setdefault(score.criterion_id, set()).add((score.level or 0) >= passing[score.criterion_id])
    return all(len(side) == 1 for side in sides.values())


def deliver(assessment: Assessment, reading: Assignment, actor: User, settled: str) -> None:
    """Hand the outcome to the submissions room: what this reading says, and the criteria that passed before."""
    change_assessment(
        "decide",
        assessment,
        actor,
        {"settled": settled},
        settled=settled,
        decided_at=timezone.now(),
        places=0,
    )
    submissions.decide(
        assessment.submission,
        actor,
        outcomes=outcomes_of(assessment, reading),
        strength=reading.strength.strip(),
        next_step=reading.next_step.strip(),
    )
    adjudicated = reading.role == Assignment.Role.ADJUDICATION
    record_decision(assessment.submission, settled, reading.assessor if adjudicated else None)


def outcomes_of(assessment: Assessment, reading: Assignment) -> list[submissions.OutcomeData]:
    """One outcome a criterion, as the educator will read it."""
    lines = rubric(reading)
    fresh = [
        submissions.OutcomeData(
            line.pk,
            line.level,
            bool(line.passed),
            line.feedback.strip(),
            next_step=line.next_step.strip(),
            places=places_of(line),
        )
        for line in lines
        if line.level is not None and str(line.pk) not in assessment.carried
    ]
    carried = [
        submissions.OutcomeData(
            line.pk, was["level"], True, was.get("feedback", ""), carried_from=was["attempt"]
        )
        for line in lines
        if (was := assessment.carried.get(str(line.pk)))
    ]
    return fresh + carried


def places_of(line: Line) -> list[dict[str, Any]]:
    """The cited places, as the educator will see them: of a private note the place alone, never its words.

    Where it was seen in words comes last, as a place of the kind `words`.
    """
    names = ("artifact", "question", "kind", "place")
    cited = [
        {**{name: note[name] for name in names}, "text": note["text"].strip() if note["shared"] else ""}
        for note in line.cited
    ]
    where = line.where.strip()
    words: dict[str, Any] = {"artifact": None, "question": "", "kind": "words", "place": {}, "text": where}
    return [*cited, words] if where else cited
