"""What an educator was told about an attempt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalog.models import Level
from review.queries.rubric import name_of
from submissions.models import Outcome, Submission


@dataclass(frozen=True)
class Told:
    """What the educator read about one criterion."""

    title: str
    level_name: str
    passed: bool
    feedback: str


def outcomes_read(submission: Submission) -> list[Told]:
    """The outcome as the educator reads it, in the rubric's order."""
    rows = Outcome.objects.filter(submission=submission).select_related("criterion")
    levels: dict[Any, list[dict[str, Any]]] = {}
    for level in Level.objects.filter(criterion__version=submission.enrolment.version_id):
        levels.setdefault(level.criterion_id, []).append({"order": level.order, "name": level.name})
    return [
        Told(
            row.criterion.title,
            name_of(levels.get(row.criterion_id, []), row.level),
            row.passed,
            row.feedback,
        )
        for row in rows.order_by("criterion__part", "criterion__order", "pk")
    ]
