"""The report as a CSV file, a line at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterator

from django.utils.translation import gettext as _

from reports.queries import Report

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know the file is UTF-8
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class _Line:
    """A file that hands back what is written to it."""

    def write(self, line: str) -> str:
        return line


def safe(text: str) -> str:
    """A text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(FORMULA) or text.lstrip().startswith(FORMULA) else text


def lines(report: Report) -> Iterator[str]:
    """One line a figure: table, label, count. A withheld figure says so in words."""
    writer = csv.writer(_Line())
    yield BYTE_ORDER_MARK + writer.writerow(["table", "label", "count"])
    for table, label, value in _figures(report):
        yield writer.writerow([table, safe(label), _("withheld") if value is None else value])


def _figures(report: Report) -> Iterator[tuple[str, str, int | None]]:
    yield "total", _("Awards shared with the district"), report.awards
    yield "total", _("Enrolments"), report.enrolments
    yield "total", _("Enrolments submitted at least once"), report.submitted
    for cell in report.by_month:
        yield "month", cell["label"] if cell["key"] == "earlier" else cell["key"], cell["value"]
    for cell in report.by_school:
        yield "school", cell["label"], cell["value"]
    for cell in report.by_micro_credential:
        yield "micro-credential", cell["label"], cell["value"]
