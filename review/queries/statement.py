"""What an assessor has done, month by month: for her to show whoever counts her hours."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import TruncMonth

from review.models import Assignment

Role = Assignment.Role
MONTHS = 36


@dataclass(frozen=True)
class Month:
    """What was completed in a month. Hours are time at the desk, pauses left out."""

    month: date
    readings: int
    adjudications: int
    calibrations: int
    seconds: int

    @property
    def hours(self) -> float:
        return self.seconds / 3600


def months(own: QuerySet[Assignment]) -> list[Month]:
    """Newest first; a month without reviews has no line."""
    done = own.filter(state=Assignment.State.COMPLETED, ended_at__isnull=False)
    rows = (
        done.annotate(month=TruncMonth("ended_at"))
        .values("month")
        .annotate(
            readings=Count("pk", filter=Q(role=Role.READING)),
            adjudications=Count("pk", filter=Q(role=Role.ADJUDICATION)),
            calibrations=Count("pk", filter=Q(role=Role.CALIBRATION)),
            seconds=Sum("active_seconds"),
        )
        .order_by("-month")[:MONTHS]
    )
    return [Month(**{**row, "month": row["month"].date()}) for row in rows]


def reviews(own: QuerySet[Assignment], month: date | None = None) -> QuerySet[Assignment]:
    """Single reviews, oldest first, of one month or of all."""
    done = own.filter(state=Assignment.State.COMPLETED, ended_at__isnull=False)
    if month:
        done = done.filter(ended_at__year=month.year, ended_at__month=month.month)
    return done.select_related("submission__enrolment__version").order_by("ended_at", "pk")


def versions_read(own: QuerySet[Assignment], since: date | None) -> list[UUID]:
    """Versions she has read something of, blind checks and what waits for a second reading included."""
    done = own.filter(state=Assignment.State.COMPLETED, role=Role.READING)
    done = done.filter(ended_at__date__gte=since) if since else done
    return list(done.order_by().values_list("submission__enrolment__version", flat=True).distinct())


def lines(rows: QuerySet[Assignment]) -> Iterator[list[Any]]:
    """A review a line: the day, what, its neutral code, the kind, the minutes."""
    for row in rows.iterator(chunk_size=500):
        day = row.ended_at.date().isoformat() if row.ended_at else ""
        title = row.submission.enrolment.version.title
        minutes = round(row.active_seconds / 60, 1)
        yield [day, title, row.submission.code, str(row.get_role_display()), minutes]
