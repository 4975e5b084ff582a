"""The date an outcome is promised for: what the queue has shown lately, within what the issuer allows."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable
from datetime import date, datetime
from itertools import accumulate

from django.utils import timezone

from submissions.business import Calendar

REVIEW_DAYS = (
    10  # business days, while a queue has no history: five until somebody takes it, five for reading
)
HISTORY = 10  # decided submissions; fewer say nothing about the next one


def promised_on(moment: datetime, days: int = REVIEW_DAYS, calendar: Calendar | None = None) -> date:
    """The day `days` business days later; without an issuer's calendar Monday to Friday, where the educator lives."""
    calendar = calendar or Calendar(timezone.get_current_timezone())
    return calendar.day_of(calendar.add(moment, days))


def expected_days(waiting: int, per_day: float | None, p80_days: float | None, floor: int, cap: int) -> int:
    """Business days to promise at submit, never under the issuer's `floor` or beyond its `cap`.

    `waiting`: undecided submissions ahead of this one. `per_day`: how many were decided a business day lately.
    `p80_days`: within how many days four of five of those were decided. None: not enough history, see `percentile`.
    The longer counts of what four of five took and what those ahead will take at the present pace (Little's law), so
    that a queue that has just grown promises later than it delivered so far. A queue that stands still promises the cap.
    """
    expected: float = REVIEW_DAYS if p80_days is None else p80_days
    if per_day:
        expected = max(expected, (waiting + 1) / per_day)
    elif per_day is not None and waiting:
        expected = cap
    return math.ceil(min(max(expected, floor), cap))


def percentile(counts: Iterable[tuple[int, int]], percent: int, least: int = HISTORY) -> int | None:
    """The fewest days within which `percent` of the decisions fell (nearest rank); None for fewer than `least`.

    `counts`: (days taken, how many took them), in any order.
    """
    rows = sorted(counts)
    reached = list(accumulate(n for _days, n in rows))
    if not reached or reached[-1] < least:
        return None
    wanted = math.ceil(percent * reached[-1] / 100)
    return rows[bisect_left(reached, wanted)][0]
