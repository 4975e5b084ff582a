"""From one claim to the next: where this one stands among those an assessor holds, in the order of her queue."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet, Subquery

from review.models import AssessmentPolicy, Assignment

MOST = 200  # claims looked at; nobody holds more at a time


@dataclass(frozen=True)
class Turn:
    """The neighbours of a claim, and its place: the third of twelve."""

    at: int
    of: int
    before: UUID | None
    after: UUID | None


def with_turns(assignments: QuerySet[Assignment], own: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Assignments with the ids of what she holds as `held` and the issuer's `checklist`: columns, so that the desk asks for nothing more."""
    held = own.filter(state=Assignment.State.CLAIMED).order_by("due", "pk").values("pk")[:MOST]
    asked = AssessmentPolicy.objects.filter(organisation=OuterRef("assessment__issuer")).values("checklist")
    return assignments.annotate(held=ArraySubquery(held), checklist=Subquery(asked[:1]))


def turn(assignment: Assignment) -> Turn | None:
    """Its place among them; nothing where there is no other."""
    held: list[UUID] = getattr(assignment, "held", [])
    if len(held) < 2 or assignment.pk not in held:
        return None
    at = held.index(assignment.pk)
    return Turn(at + 1, len(held), held[at - 1] if at else None, held[at + 1] if at + 1 < len(held) else None)
