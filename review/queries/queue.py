"""The queue, one's claims, and what was completed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Subquery
from django.utils import timezone

from catalog.models import EvidenceKind
from review.models import Assessment, Assignment
from submissions.models import Submission

PAGE = 24
CAP = 100


def mine(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Claims to work on, the next due first."""
    return (
        assignments.filter(state=Assignment.State.CLAIMED)
        .select_related("submission__enrolment__version")
        .order_by("due", "pk")
    )


class CountOf(Subquery):
    """How many rows a (capped) query has, as a column: the page and its count in one query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"


def next_due(
    queue: QuerySet[Assessment], issuers: Collection[UUID], count: int, after: Any = None
) -> list[Assessment]:
    """The first `count` rows of each issuer's queue, what is due first ahead; with `due` and `issuer` only.

    Issuer by issuer, because an index has one order for each: asked for all of them at once the database would sort
    everything that waits.
    """
    if after is not None:
        stop = Assessment.objects.filter(pk=after).values("due")[:1]
        queue = queue.filter(Q(due__gt=Subquery(stop)) | Q(due=Subquery(stop), pk__gt=after))
    heads = [queue.filter(issuer=pk).order_by("due", "pk").only("due", "issuer")[:count] for pk in issuers]
    if not heads:
        return []
    rows = heads[0].union(*heads[1:], all=True) if len(heads) > 1 else heads[0]
    return sorted(rows, key=lambda row: (row.due, row.pk))


def waiting(queue: QuerySet[Assessment], issuers: Collection[UUID], after: Any = None) -> list[Assessment]:
    """A page of the queue and one more, the next due first, each with the capped count `waiting`."""
    heads = next_due(queue, issuers, PAGE + 1, after)[: PAGE + 1]
    counted = CountOf(queue.order_by().values("pk")[: CAP + 1])
    rows = Assessment.objects.filter(pk__in=[row.pk for row in heads]).annotate(waiting=counted)
    return list(rows.select_related("submission__enrolment", "version").order_by("due", "pk"))


@dataclass(frozen=True)
class Waiting:
    """A line of the queue: what is neutral about a submission."""

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
    def kinds(self) -> list[str]:
        """The kinds of evidence asked for, in words."""
        names = dict(EvidenceKind.choices)
        return [str(names.get(kind, kind)) for kind in self.assessment.version.evidence_kinds]


def completed(assignments: QuerySet[Assignment], after: Any = None) -> list[Assignment]:
    """A page of completed reviews and one more, newest first."""
    rows = assignments.filter(state=Assignment.State.COMPLETED).exclude(role=Assignment.Role.CALIBRATION)
    if after is not None:
        stop = Assignment.objects.filter(pk=after).values("ended_at")[:1]
        rows = rows.filter(Q(ended_at__lt=Subquery(stop)) | Q(ended_at=Subquery(stop), pk__lt=after))
    related = rows.select_related("submission__enrolment__version", "assessor")
    return list(related.order_by("-ended_at", "-pk")[: PAGE + 1])
