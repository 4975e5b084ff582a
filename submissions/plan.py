"""The way to a target date, laid out backward: four stages, each with a day, and where they stand on a line."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from submissions.models import Milestone, Submission

Key = Milestone.Key
State = Submission.State
# Shares of the time that is left. Evidence takes the longest; the last share is a little to spare.
WEIGHTS = {Key.PART_1: 4, Key.PART_2: 10, Key.PART_3: 4, Key.SUBMIT: 1}
SPARE = 1
COLUMNS = 24  # of the drawn line, see `static/css/components/way.css`
APART = 2


def lay_out(
    today: date, target: date, *, done: Collection[str] = (), fixed: Mapping[str, date] | None = None
) -> dict[str, date]:
    """A day for each stage that is still to do, none before today and none after the target date.

    `fixed` are days she chose: they stay, and the others keep their order around them.
    """
    chosen = {key: day for key, day in (fixed or {}).items() if key not in done}
    days = {**_spread(today, target, [key for key in Key if key not in done]), **chosen}
    for before, after in pairwise(list(days)):  # later ones wait for what she moved back
        if after not in chosen:
            days[after] = max(days[after], days[before])
    for after, before in pairwise(reversed(list(days))):  # earlier ones make way for what she moved forward
        if before not in chosen:
            days[before] = max(today, min(days[before], days[after]))
    return days


def _spread(today: date, target: date, keys: list[Key]) -> dict[str, date]:
    span = max((target - today).days, 0)
    whole = sum(WEIGHTS[key] for key in keys) + SPARE
    days, share = {}, 0
    for key in keys:
        share += WEIGHTS[key]
        days[str(key)] = today + timedelta(days=(2 * share * span + whole) // (2 * whole))
    if len(days) > 1 and len(set(days.values())) == 1:
        days[str(keys[0])] = today
    return days


@dataclass(frozen=True)
class Stage:
    """One stage of the way, as a page shows it."""

    key: str
    label: str
    number: int
    day: date
    state: str  # "done" | "now" | "todo"
    moved: bool
    late: bool  # its day has passed and it is not done
    beyond: bool  # its day is after the target date
    column: int


@dataclass(frozen=True)
class Plan:
    """The stages of one enrolment between today and its target date."""

    target: date
    stages: list[Stage]
    target_column: int
    today_column: int

    @property
    def now(self) -> Stage | None:
        """The stage she is at, unless all are done."""
        return next((stage for stage in self.stages if stage.state == "now"), None)


def done_stages(state: str, steps: list[str]) -> set[str]:
    """What is done: the parts as the checklist has them, and the last once the attempt is out of her hands."""
    if state not in {State.DRAFT, State.WITHDRAWN}:
        return set(Key.values)
    return {str(key) for key, step in zip(Key, steps, strict=False) if step == "done"}


def plan_for(
    target: date, rows: Mapping[str, Mapping[str, Any]], done: Collection[str], today: date, begun: date
) -> Plan:
    """The plan as it stands. Without stored days (a date chosen before there were plans) they are those of its start."""
    suggested = lay_out(min(begun, target), target)
    stored = {key: rows[key]["day"] if key in rows else suggested[str(key)] for key in Key}
    start = min(today, *stored.values())
    end = max(target, today, *stored.values())
    places = [*stored.values(), target]
    columns = _columns([_place(day, start, end) for day in places])
    now = next((key for key in Key if key not in done), None)
    stages = [
        Stage(
            key=str(key), label=str(key.label), number=number, day=stored[key], moved=bool(rows.get(key, {}).get("moved")),
            state="done" if key in done else "now" if key == now else "todo", late=key not in done and stored[key] < today,
            beyond=key not in done and stored[key] > target, column=column,
        )
        for number, (key, column) in enumerate(zip(Key, columns, strict=False), start=1)
    ]  # fmt: skip
    return Plan(target, stages, columns[-1], _place(today, start, end))


def _place(day: date, start: date, end: date) -> int:
    """The column of a day, 1 to `COLUMNS`."""
    span = max((end - start).days, 1)
    return 1 + (COLUMNS - 1) * (day - start).days // span


def _columns(places: list[int]) -> list[int]:
    """The same, so far apart that each can be seen: first those to the right give way, then those to the left."""
    apart = list(places)
    for index in range(1, len(apart)):
        apart[index] = max(apart[index], apart[index - 1] + APART)
    room = COLUMNS
    for index in reversed(range(len(apart))):
        apart[index] = min(apart[index], room)
        room = apart[index] - APART
    return apart
