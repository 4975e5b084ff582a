"""What passed before and stays passed: another attempt is about the rest only.

A criterion that passed in the attempt before is carried, unless what backed it was changed since: an artifact tagged to
it, or to a requirement of it, replaced, added or taken out; or, for the written parts, an answer of its part.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Criterion, Part, Question
from submissions.models import Artifact, Outcome, Submission
from submissions.models.evidence import SPOKEN


@dataclass(frozen=True)
class Carry:
    """`carried`: criterion id → {attempt, level, feedback}; `reopened`: ids of criteria that passed but are open again."""

    carried: dict[str, dict[str, Any]] = field(default_factory=dict)
    reopened: list[str] = field(default_factory=list)


def passed_before(submission: Submission) -> Carry:
    """What this attempt keeps from the one before, by its evidence as it is now."""
    if submission.attempt == 1:
        return Carry()
    before = (
        Submission.objects.filter(
            enrolment=submission.enrolment_id, attempt__lt=submission.attempt, state=Submission.State.NOT_YET
        )
        .order_by("-attempt")
        .first()
    )
    if before is None:
        return Carry()
    passed = Outcome.objects.filter(submission=before, passed=True).select_related("criterion")
    changed = changed_criteria(before, submission)
    carry = Carry()
    for outcome in passed:
        key = str(outcome.criterion_id)
        if outcome.criterion.key in changed:
            carry.reopened.append(key)
        else:
            carry.carried[key] = {
                "attempt": outcome.carried_from or before.attempt,
                "level": outcome.level,
                "feedback": outcome.feedback,
            }
    return carry


def changed_criteria(before: Submission, after: Submission) -> set[str]:
    """Keys of the criteria whose evidence or answers differ between two attempts."""
    criteria = Criterion.objects.filter(version=after.enrolment.version_id).prefetch_related("requirements")
    pieces = _changed_pieces(before, after)
    tagged = {key for piece in pieces for key in piece.criteria}
    requirements = {piece.requirement for piece in pieces if not piece.criteria}
    parts = _changed_parts(before, after, requirements)
    return {
        one.key
        for one in criteria
        if one.key in tagged
        or one.part in parts
        or requirements & {requirement.key for requirement in one.requirements.all()}
    }


def _changed_pieces(before: Submission, after: Submission) -> list[Artifact]:
    """Artifacts only one of the two has, by what they hold."""
    rows = Artifact.objects.filter(submission__in=[before, after]).exclude(state=Artifact.State.REJECTED)
    sides: tuple[dict[Any, Artifact], dict[Any, Artifact]] = ({}, {})
    for row in rows:
        held = (row.requirement, row.sha256 or row.text or row.url)
        sides[row.submission_id == after.pk][held] = row
    return [sides[0][one] for one in sides[0].keys() - sides[1].keys()] + [
        sides[1][one] for one in sides[1].keys() - sides[0].keys()
    ]


def _changed_parts(before: Submission, after: Submission, requirements: Iterable[str]) -> set[int]:
    """The written parts in which an answer changed; a spoken reflection belongs to Part 3."""
    questions = Question.objects.filter(version=after.enrolment.version_id)
    changed = {
        int(question.part)
        for question in questions
        if before.answers.get(question.key, "").strip() != after.answers.get(question.key, "").strip()
    }
    return changed | ({int(Part.REFLECTION)} if SPOKEN in requirements else set())
