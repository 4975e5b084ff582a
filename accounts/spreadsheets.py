"""Figures for a spreadsheet: CSV a line at a time, in which nothing is taken for a formula."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know the file is UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def csv_lines(head: list[str], rows: Iterable[Iterable[Any]]) -> Iterator[str]:
    """The head and the rows; every text is made safe, in the head too: its names may be those of somebody's file."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(map(safe, head))
    for row in rows:
        yield writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
