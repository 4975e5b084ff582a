"""How long a badge holds: the micro-credential's term in months, counted from the day it was earned."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta

NOTICE = (timedelta(days=90), timedelta(days=14))  # before the end, when its holder is told
RENEWABLE = NOTICE[0]  # from then on she may renew it, and ever after


def end_of(earned: datetime, months: int | None) -> datetime | None:
    """The same day of the month so many months later, or the month's last day where it has no such day; None: no end."""
    if not months:
        return None
    years, month = divmod(earned.month - 1 + months, 12)
    year, month = earned.year + years, month + 1
    day = min(earned.day, calendar.monthrange(year, month)[1])
    return earned.replace(year=year, month=month, day=day)
