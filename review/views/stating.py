"""A statement of reviews and hours, for the assessor herself."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.spreadsheets import csv_lines
from review import rules
from review.queries import statement as queries
from review.views.queueing import around
from review.views.reviewing import person

LISTED = 500


@require_safe
@login_required
@never_cache
def statement(request: HttpRequest) -> HttpResponse:
    """Reviews and hours by month; a month's reviews by their neutral codes."""
    user = person(request)
    done, month = rules.done_by(user), _month(request)
    months = queries.months(done)
    context: dict[str, Any] = {
        "months": months,
        "reviews": sum(one.readings + one.adjudications for one in months),
        "hours": sum(one.hours for one in months),
        "month": month,
        "rows": list(queries.reviews(done, month)[:LISTED]) if month else [],
        "name": user.name or user.email,
        "today": timezone.now().date(),
        **around(user),
    }
    return render(request, "review/statement.html", context)


@require_safe
@login_required
@never_cache
def statement_csv(request: HttpRequest) -> StreamingHttpResponse:
    """The same, a review a line."""
    rows = queries.reviews(rules.done_by(person(request)), _month(request))
    head = [_("date"), _("micro-credential"), _("code"), _("kind"), _("minutes")]
    answer = StreamingHttpResponse(
        csv_lines(head, queries.lines(rows)), content_type="text/csv; charset=utf-8"
    )
    answer["Content-Disposition"] = 'attachment; filename="reviews.csv"'
    return answer


def _month(request: HttpRequest) -> date | None:
    """`?month=2026-11`; nonsense is a page that does not exist."""
    if not (text := request.GET.get("month", "")):
        return None
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError as error:
        raise Http404 from error
