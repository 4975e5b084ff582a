"""Business days by an issuer's own calendar: its time zone, the weekdays it works and the days it is closed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

WEEKDAYS = frozenset(range(5))  # Monday to Friday, as `date.weekday` counts
LONGEST_CLOSURE = 100  # days in a row: longer than any school's summer
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """When somebody works. Days begin and end at midnight in `zone`, wherever the person who asks lives.

    A closure of more than `LONGEST_CLOSURE` days in a row is taken for a mistake: the day after it counts, so that a
    promise has a date even where every day was declared a holiday.
    """

    zone: tzinfo
    workdays: frozenset[int] = WEEKDAYS
    holidays: frozenset[date] = frozenset()

    def __post_init__(self) -> None:
        if not self.workdays or not self.workdays <= frozenset(range(7)):
            raise ValueError("A calendar needs at least one working day, from 0 (Monday) to 6 (Sunday).")

    def is_open(self, day: date) -> bool:
        """Whether this day counts."""
        return day.weekday() in self.workdays and day not in self.holidays

    def day_of(self, moment: datetime) -> date:
        """The day it is here at this moment."""
        return moment.astimezone(self.zone).date()

    def add(self, moment: datetime, days: int) -> datetime:
        """The same time of day, `days` business days later (earlier, if negative); no days: the moment itself.

        Where the clocks skip that time of day it is the hour after; where they show it twice, the first.
        """
        local = moment.astimezone(self.zone)
        if not days:
            return local
        opened = self._days(local.date(), DAY if days > 0 else -DAY)
        for _counted in range(abs(days)):
            day = next(opened)
        landed = datetime.combine(day, local.time().replace(fold=0), self.zone)
        return landed.astimezone(UTC).astimezone(self.zone)

    def between(self, start: datetime, end: datetime) -> float:
        """Business days from `start` to `end`: parts of open days count by the clock, closed days not at all."""
        if end < start:
            return -self.between(end, start)
        first, last = start.astimezone(self.zone), end.astimezone(self.zone)
        return self._opened(first.date(), last.date()) + self._part(last) - self._part(first)

    def _days(self, day: date, step: timedelta) -> Iterator[date]:
        """The days that count, from the one after `day` on."""
        closed = 0
        while True:
            day += step
            closed += 1
            if self.is_open(day) or closed > LONGEST_CLOSURE:
                closed = 0
                yield day

    def _opened(self, first: date, last: date) -> int:
        """How many open days there are from `first` up to the day before `last`; no loop over years."""
        weeks, rest = divmod((last - first).days, 7)
        worked = weeks * len(self.workdays)
        worked += sum((first + n * DAY).weekday() in self.workdays for n in range(rest))
        return worked - sum(first <= day < last and day.weekday() in self.workdays for day in self.holidays)

    def _part(self, local: datetime) -> float:
        """How much of its day has passed by the clock; nothing of a closed one."""
        if not self.is_open(local.date()):
            return 0.0
        return (local - local.replace(hour=0, minute=0, second=0, microsecond=0)) / DAY
