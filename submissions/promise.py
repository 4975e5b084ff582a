"""The date an outcome is promised for."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.utils import timezone

REVIEW_DAYS = 10  # business days: five until somebody takes it, five for reading


def promised_on(moment: datetime) -> date:
    """The day `REVIEW_DAYS` business days later, where the educator lives; Saturdays and Sundays do not count."""
    day, left = timezone.localdate(moment), REVIEW_DAYS
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
