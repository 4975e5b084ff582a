"""What an approver settles: two readings side by side, without names."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import OuterRef, Q, QuerySet, Subquery

from review.models import Assessment, Assignment
from review.queries.notes import Placed, notes
from review.queries.queue import PAGE
from review.queries.rubric import Line, rubric


@dataclass(frozen=True)
class Side:
    """What one reading says about one criterion. Readings have numbers; nothing here names who gave them."""

    number: int
    line: Line
    notes: list[Placed]


@dataclass(frozen=True)
class Reading:
    """A reading as a whole: what it says overall, and its notes that are about no criterion."""

    number: int
    strength: str
    next_step: str
    private_note: str
    notes: list[Placed]


@dataclass(frozen=True)
class Compared:
    """Two readings: overall, and by criterion."""

    readings: list[Reading]
    sides: dict[str, list[Side]]

    @property
    def differing(self) -> list[str]:
        """Keys of the criteria on which they are on different sides of the passing level."""
        return [key for key, (one, other) in self.sides.items() if one.line.passed != other.line.passed]


def readings_of(assessment: Assessment) -> list[Assignment]:
    """The completed readings, the first that came in first."""
    rows = Assignment.objects.filter(
        assessment=assessment, role=Assignment.Role.READING, state=Assignment.State.COMPLETED
    )
    related = ("assessment", "submission__enrolment__version")
    return list(rows.select_related(*related).order_by("ended_at", "pk"))


def compared(readings: list[Assignment]) -> Compared:
    """Both side by side."""
    sides: dict[str, list[Side]] = {}
    whole: list[Reading] = []
    for number, row in enumerate(readings, 1):
        placed = notes(row)
        for line in rubric(row):
            if not line.locked:
                about = [one for one in placed if one.criterion == line.key]
                sides.setdefault(line.key, []).append(Side(number, line, about))
        rest = [one for one in placed if not one.criterion]
        whole.append(Reading(number, row.strength, row.next_step, row.private_note, rest))
    return Compared(whole, sides)


def adjudications(rows: QuerySet[Assessment], after: Any = None) -> list[Assessment]:
    """A page of what is to be adjudicated and one more, the next due first, each with who holds it as `holder`."""
    if after is not None:
        stop = Assessment.objects.filter(pk=after).values("due")[:1]
        rows = rows.filter(Q(due__gt=Subquery(stop)) | Q(due=Subquery(stop), pk__gt=after))
    held = Assignment.objects.filter(
        assessment=OuterRef("pk"), role=Assignment.Role.ADJUDICATION, state=Assignment.State.CLAIMED
    )
    with_holder = rows.annotate(holder=Subquery(held.values("assessor")[:1]))
    return list(with_holder.select_related("submission", "version").order_by("due", "pk")[: PAGE + 1])
