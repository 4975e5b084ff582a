"""How a result is printed: the ratio counts, the absolute figures only orient."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass

HEADINGS = ("what", "ours", "baseline", "ratio", "counts", "target")


@dataclass(frozen=True)
class Row:
    """One thing measured. `ours` and `baseline` are texts with their unit; `ratio` is ours to the baseline."""

    what: str
    ours: str
    baseline: str
    ratio: float
    counts: str
    target: str


def lines(rows: Iterable[Row]) -> list[str]:
    """The table with a line for each row, every column as wide as its widest cell."""
    cells = [HEADINGS, *((*astuple(row)[:3], f"{row.ratio:.2f}×", *astuple(row)[4:]) for row in rows)]
    widths = [max(len(cell[column]) for cell in cells) for column in range(len(HEADINGS))]
    cells.insert(1, tuple("-" * width for width in widths))
    return [
        " | ".join(text.ljust(width) for text, width in zip(cell, widths, strict=True)).rstrip()
        for cell in cells
    ]
