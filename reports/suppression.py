"""Which figures of a report may be shown, so that no figure points at a person.

A figure is sensitive when fewer than five people, or fewer than five things, stand behind it (none at all is no
secret). A sensitive cell is withheld, and so is whatever would give it away:

* the hidden cells of a table must be at least two, and their sum, known from the total, must leave them room; the
  smallest shown cells are withheld until that holds;
* where no cell is left to withhold, and where the total itself is sensitive, everything but the zeros is withheld, in
  every table: tables share their total, so a single complete one would betray it. Hiding only part would tell a
  reader who knows this rule which of the two reasons applied, and with it the number.

Hidden cells look alike, whatever the reason, and nothing is rounded or shaken: what is shown is true.

Limit: this protects one report. Somebody who keeps yesterday's report and subtracts it from today's learns what came
in between, as everywhere where figures are live. Nothing here is about outcomes, so even that never tells a *not yet*.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MINIMUM = 5


@dataclass(frozen=True)
class Tally:
    """How many things were counted, and how many different people stand behind them."""

    count: int = 0
    people: int = 0

    @property
    def sensitive(self) -> bool:
        return self.count > 0 and min(self.count, self.people) < MINIMUM


@dataclass(frozen=True)
class Shown:
    """What may be seen; `None` is withheld. `tables` keep the order of what went in."""

    total: int | None
    tables: list[list[int | None]]


def protect(total: Tally, tables: Sequence[Sequence[Tally]]) -> Shown:
    """Withhold what must be, in several breakdowns of one total."""
    hidden = [None if total.sensitive else _hidden(cells) for cells in tables]
    if total.sensitive or None in hidden:
        return Shown(None, [[None if cell.count else 0 for cell in cells] for cells in tables])
    return Shown(
        total.count,
        [
            [None if place in places else cell.count for place, cell in enumerate(cells)]
            for cells, places in zip(tables, hidden, strict=True)
            if places is not None
        ],
    )


def _hidden(cells: Sequence[Tally]) -> set[int] | None:
    """The places to withhold when the total is shown; `None` when no choice of places would do."""
    hidden = {place for place, cell in enumerate(cells) if cell.sensitive}
    spare = sorted(
        (cell.count, place) for place, cell in enumerate(cells) if cell.count and place not in hidden
    )
    while hidden and not _has_room([cells[place].count for place in hidden]):
        if not spare:
            return None
        hidden.add(spare.pop(0)[1])
    return hidden


def _has_room(counts: Sequence[int]) -> bool:
    """Whether hidden cells, each known to be at least 1, cannot be told from their sum."""
    return len(counts) > 1 and sum(counts) > len(counts)
