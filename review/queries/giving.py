"""What waits for a reader, as its approvers see it."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet, Subquery

from review.models import Assessment
from review.queries.queue import PAGE


def to_give_out(rows: QuerySet[Assessment], after: Any = None) -> list[Assessment]:
    """A page and one more: what finds nobody first, then by due date."""
    rows = rows.filter(places__gt=0).annotate(found=Q(nobody_at=None))
    if after is not None:
        stop = Assessment.objects.filter(pk=after).annotate(found=Q(nobody_at=None))
        found, due = (Subquery(stop.values(name)[:1]) for name in ("found", "due"))
        rows = rows.filter(
            Q(found__gt=found) | Q(found=found, due__gt=due) | Q(found=found, due=due, pk__gt=after)
        )
    related = rows.select_related(
        "submission__enrolment__micro_credential", "version", "issuer", "reserved_for"
    )
    return list(related.order_by(F("found").asc(), "due", "pk")[: PAGE + 1])
