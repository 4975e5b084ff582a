"""How an issuer's queue stands now: what waits, since when, what is due, what is late."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, Min, Q
from django.utils import timezone

from review.models import Assessment
from submissions.calendars import calendar_of

LIVE = [Assessment.State.OPEN, Assessment.State.ADJUDICATION]
WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Standing:
    """Of what is undecided: all, nobody reads yet, due within seven days, past its promised day; and the oldest."""

    undecided: int
    untouched: int
    due_this_week: int
    late: int
    oldest: datetime | None
    days: float  # business days the oldest has waited

    @property
    def oldest_on(self) -> date | None:
        """By its date: a time of day would say more than is needed."""
        return self.oldest.date() if self.oldest else None


def standing(issuer_id: UUID, version_id: UUID | None = None) -> Standing:
    """One issuer's queue as it is now, or one version's part of it; blind copies are left out."""
    now = timezone.now()
    rows = Assessment.objects.filter(issuer=issuer_id, state__in=LIVE, anchor=None)
    if version_id is not None:
        rows = rows.filter(version=version_id)
    counts = rows.aggregate(
        undecided=Count("pk"),
        untouched=Count("pk", filter=Q(state=Assessment.State.OPEN, submission__state="submitted")),
        due_this_week=Count("pk", filter=Q(due__gte=now, due__lt=now + WEEK)),
        late=Count("pk", filter=Q(due__lt=now)),
        oldest=Min("entered_at"),
    )
    oldest = counts["oldest"]
    waited = calendar_of(issuer_id).between(oldest, now) if oldest else 0.0
    return Standing(**counts, days=waited)
