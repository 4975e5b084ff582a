"""Business days: by the issuer's clock, across changes of the clocks, and with an end."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from submissions.business import LONGEST_CLOSURE, WEEKDAYS, Calendar
from submissions.promise import expected_days, percentile, promised_on

NEW_YORK, AUCKLAND, BERLIN = (
    ZoneInfo("America/New_York"),
    ZoneInfo("Pacific/Auckland"),
    ZoneInfo("Europe/Berlin"),
)
THANKSGIVING = frozenset({date(2026, 11, 26), date(2026, 11, 27)})


@pytest.mark.parametrize(
    ("zone", "start", "days", "end"),
    [
        (
            NEW_YORK,
            "2026-10-30T17:45-04:00",
            1,
            "2026-11-02T17:45-05:00",
        ),  # Friday evening, clocks back on Sunday
        (NEW_YORK, "2026-10-31T09:00-04:00", 1, "2026-11-02T09:00-05:00"),  # a Saturday
        (NEW_YORK, "2026-03-06T09:00-05:00", 5, "2026-03-13T09:00-04:00"),  # clocks forward
        (AUCKLAND, "2026-09-25T16:00+12:00", 1, "2026-09-28T16:00+13:00"),
        (AUCKLAND, "2026-11-22T20:00+00:00", 1, "2026-11-24T09:00+13:00"),  # Sunday in UTC is Monday there
        (NEW_YORK, "2026-11-23T03:00+00:00", 1, "2026-11-23T22:00-05:00"),  # Monday in UTC is Sunday there
        (NEW_YORK, "2026-11-25T12:00-05:00", 1, "2026-11-30T12:00-05:00"),  # closed on Thursday and Friday
        (NEW_YORK, "2026-11-30T12:00-05:00", -2, "2026-11-24T12:00-05:00"),
        (BERLIN, "2026-11-21T08:00+01:00", 0, "2026-11-21T08:00+01:00"),
    ],
)
def test_the_same_time_on_a_later_business_day(zone: ZoneInfo, start: str, days: int, end: str) -> None:
    landed = Calendar(zone, holidays=THANKSGIVING).add(datetime.fromisoformat(start), days)
    assert landed.isoformat(timespec="minutes") == end


def test_a_time_that_the_clocks_skip_or_show_twice() -> None:
    always = Calendar(BERLIN, frozenset(range(7)))
    skipped = always.add(datetime(2026, 3, 28, 2, 30, tzinfo=BERLIN), 1)
    twice = always.add(datetime(2026, 10, 24, 2, 30, tzinfo=BERLIN), 1)
    assert skipped.isoformat() == "2026-03-29T03:30:00+02:00"
    assert twice.isoformat() == "2026-10-25T02:30:00+02:00"
    second = datetime(2026, 10, 25, 2, 30, tzinfo=BERLIN, fold=1)
    assert always.add(second, 0).utcoffset() == timedelta(hours=1)


def test_weekends_are_the_issuers() -> None:
    calendar = Calendar(ZoneInfo("Asia/Riyadh"), frozenset({6, 0, 1, 2, 3}))
    thursday = datetime(2026, 11, 19, 15, tzinfo=calendar.zone)
    assert calendar.add(thursday, 1).date() == date(2026, 11, 22)
    assert (calendar.is_open(date(2026, 11, 22)), calendar.is_open(date(2026, 11, 20))) == (True, False)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        ("2026-11-20T12:00", "2026-11-23T12:00", 1.0),  # over a weekend
        ("2026-11-20T18:00", "2026-11-21T10:00", 0.25),  # Friday evening
        ("2026-11-21T08:00", "2026-11-22T20:00", 0.0),
        ("2026-11-25T00:00", "2026-11-30T06:00", 1.25),  # two holidays and a weekend
        ("2026-10-30T12:00", "2026-11-02T12:00", 1.0),  # the weekend has 49 hours
        ("2026-11-23T12:00", "2026-11-20T12:00", -1.0),
        ("2006-11-20T00:00", "2026-11-20T00:00", 5219.0),
    ],
)
def test_business_days_between(start: str, end: str, days: float) -> None:
    first, last = (datetime.fromisoformat(text).replace(tzinfo=NEW_YORK) for text in (start, end))
    calendar = Calendar(NEW_YORK, holidays=THANKSGIVING)
    assert calendar.between(first.astimezone(UTC), last) == days


@given(
    hours=st.integers(0, 130_000),
    days=st.integers(0, 60),
    zone=st.sampled_from([NEW_YORK, AUCKLAND, BERLIN]),
    closed=st.frozensets(st.dates(date(2020, 1, 1), date(2035, 1, 1)), max_size=30),
)
def test_between_undoes_add(hours: int, days: int, zone: ZoneInfo, closed: frozenset[date]) -> None:
    start = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
    calendar = Calendar(zone, frozenset(range(6)), closed)
    if calendar.is_open(calendar.day_of(start)):
        end = calendar.add(start, days)
        assert calendar.between(start, end) == pytest.approx(days, abs=1 / 20)  # an hour that the clocks skip
        assert calendar.is_open(calendar.day_of(end))


def test_a_calendar_without_an_open_day_still_has_an_end() -> None:
    first = date(2026, 1, 1)
    closed = Calendar(UTC, WEEKDAYS, frozenset(first + timedelta(days=n) for n in range(20_000)))
    start = perf_counter()
    landed = closed.add(datetime(2026, 1, 1, 9, tzinfo=UTC), 60)
    assert perf_counter() - start < 0.5
    assert landed == datetime(2026, 1, 1, 9, tzinfo=UTC) + timedelta(days=60 * (LONGEST_CLOSURE + 1))
    assert closed.between(datetime(2026, 1, 1, tzinfo=UTC), landed) == 0
    for workdays in (frozenset[int](), frozenset({7})):
        with pytest.raises(ValueError, match="working day"):
            Calendar(UTC, workdays)


def test_the_promised_day_is_the_issuers() -> None:
    moment = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # Wednesday in Auckland, Tuesday in New York
    calendars = [Calendar(AUCKLAND, holidays=THANKSGIVING), Calendar(NEW_YORK, holidays=THANKSGIVING)]
    assert [promised_on(moment, 2, calendar) for calendar in calendars] == [
        date(2026, 12, 1),
        date(2026, 11, 30),
    ]


@pytest.mark.parametrize(
    ("waiting", "per_day", "p80", "days"),
    [
        (0, None, None, 10),  # a queue without a history
        (3, 2.0, 6.0, 6),  # as it went so far
        (39, 4.0, 6.0, 10),  # the queue has just grown
        (400, 4.0, 6.0, 15),  # never beyond the cap
        (0, 9.0, 0.4, 3),  # never under the floor
        (5, 0.0, 4.0, 15),  # nothing is decided any more
        (0, 0.0, 4.0, 4),
        (3, 1e-320, 4.0, 15),
        (1, 2.0, 6.2, 7),
    ],
)
def test_the_days_promised(waiting: int, per_day: float | None, p80: float | None, days: int) -> None:
    assert expected_days(waiting, per_day, p80, floor=3, cap=15) == days


def test_percentiles_of_counted_days() -> None:
    counts = [(9, 1), (2, 5), (4, 4)]
    assert [percentile(counts, percent) for percent in (0, 50, 51, 90, 91, 100)] == [2, 2, 4, 4, 9, 9]
    assert percentile(counts[:2], 50) is None
    assert (percentile(counts[:2], 50, least=6), percentile([], 50, least=0)) == (2, None)
