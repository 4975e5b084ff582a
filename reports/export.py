"""The report as a CSV file, a line at a time."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from accounts.spreadsheets import csv_lines
from reports.queries import Report


def lines(report: Report) -> Iterator[str]:
    """One line a figure: table, label, count. A withheld figure says so in words."""
    figures = _figures(report)
    rows = ((table, label, _("withheld") if value is None else value) for table, label, value in figures)
    return csv_lines(["table", "label", "count"], rows)


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
