"""The queue, one's claims, and what was completed."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from accounts.models import User
from catalog.models import EvidenceKind
from review.models import Assessment, Assignment
from review.queries.sizing import guess
from submissions.models import Submission

PAGE = 24
CAP = 100
HEAD = ("due", "issuer", "media_seconds", "usual_minutes")  # what choosing needs


def mine(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Claims to work on, the next due first."""
    return (
        assignments.filter(state=Assignment.State.CLAIMED)
        .select_related("submission__enrolment__version", "submission__enrolment__micro_credential")
        .order_by("due", "pk")
    )


class CountOf(Subquery):
    """How many rows a (capped) query has, as a column: the page and its count in one query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"


def next_due(
    queue: QuerySet[Assessment], issuers: Collection[UUID], count: int, after: Any = None
) -> list[Assessment]:
    """The first `count` rows of each issuer's queue, what is due first ahead; with what choosing needs.

    Issuer by issuer, because an index has one order for each: asked for all of them at once the database would sort
    everything that waits.
    """
    if after is not None:
        stop = Assessment.objects.filter(pk=after).values("due")[:1]
        queue = queue.filter(Q(due__gt=Subquery(stop)) | Q(due=Subquery(stop), pk__gt=after))
    heads = [queue.filter(issuer=pk).order_by("due", "pk").only(*HEAD)[:count] for pk in issuers]
    if not heads:
        return []
    rows = heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0]
    return sorted(rows, key=lambda row: (row.due, row.pk))


def waiting(queue: QuerySet[Assessment], issuers: Collection[UUID], after: Any = None) -> list[Assessment]:
    """A page of the queue and one more, the next due first, each with the capped count `waiting`."""
    heads = next_due(queue, issuers, PAGE + 1, after)[: PAGE + 1]
    counted = CountOf(queue.order_by().values("pk")[: CAP + 1])
    return list(_whole(row.pk for row in heads).annotate(waiting=counted))


@dataclass(frozen=True)
class Waiting:
    """A line of the queue: what is neutral about a submission, how much work it is and by when."""

    assessment: Assessment

    @property
    def submission(self) -> Submission:
        return self.assessment.submission

    @property
    def days(self) -> int:
        """How long it has waited, by dates: a time of day would hint at a time zone."""
        submitted = self.submission.submitted_at
        return (timezone.now().date() - submitted.date()).days if submitted else 0

    @property
    def due(self) -> date:
        """The day for which the outcome was promised."""
        return self.submission.promised_on or self.assessment.due.date()

    @property
    def days_left(self) -> int:
        """Until that day; below zero it is late."""
        return (self.due - timezone.now().date()).days

    @property
    def media_minutes(self) -> int:
        """What there is to watch and hear; 0 where nothing plays."""
        return -(-self.assessment.media_seconds // 60)

    @property
    def minutes(self) -> int:
        """What it usually takes."""
        return self.assessment.usual_minutes or guess(self.assessment.media_seconds)

    @property
    def kinds(self) -> list[str]:
        """The kinds of evidence asked for, in words."""
        names = dict(EvidenceKind.choices)
        return [str(names.get(kind, kind)) for kind in self.assessment.version.evidence_kinds]


def that_fit(
    queue: QuerySet[Assessment], issuers: Collection[UUID], minutes: int, count: int = 3
) -> list[Waiting]:
    """The first few of the next due that together fit into so many minutes; in their order, none passed over for length
    alone that would still fit."""
    chosen: list[UUID] = []
    left = minutes
    for head in next_due(queue, issuers, CAP)[:CAP]:
        if len(chosen) < count and (takes := Waiting(head).minutes) <= left:
            chosen.append(head.pk)
            left -= takes
    return [Waiting(row) for row in _whole(chosen)]


def kept_for(queue: QuerySet[Assessment], user: User) -> list[Waiting]:
    """What is kept for her now: offered, assigned, or another attempt at what she has read."""
    kept = queue.filter(reserved_for=user, reserved_until__gt=timezone.now())
    return [Waiting(row) for row in _whole(kept.values_list("pk", flat=True)[:PAGE])]


def _whole(ids: Iterable[UUID]) -> QuerySet[Assessment]:
    rows = Assessment.objects.filter(pk__in=list(ids)).order_by("due", "pk")
    return rows.select_related("submission__enrolment", "version")


def completed(assignments: QuerySet[Assignment], after: Any = None) -> list[Assignment]:
    """A page of completed reviews and one more, newest first."""
    rows = assignments.filter(state=Assignment.State.COMPLETED).exclude(role=Assignment.Role.CALIBRATION)
    if after is not None:
        stop = Assignment.objects.filter(pk=after).values("ended_at")[:1]
        rows = rows.filter(Q(ended_at__lt=Subquery(stop)) | Q(ended_at=Subquery(stop), pk__lt=after))
    related = rows.select_related("submission__enrolment__version", "assessor")
    return list(related.order_by("-ended_at", "-pk")[: PAGE + 1])
