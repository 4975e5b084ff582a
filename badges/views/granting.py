"""The issuer's pages for granting a badge to a list of people."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.spreadsheets import csv_lines
from badges import issuing, queries, rules, sheets, workflow
from badges.granting_forms import GrantForm
from badges.models import Batch, BatchRow
from journal.workflow import TransitionError

PAGE = 30
ROWS = 50
PIECE = 1_000
MOST_COLUMNS = 200
MOST_BODY = sheets.MOST_BYTES + 2 * 1024**2
ABOUT_ROWS = ("number", "status", "problem", "badge")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def grants(request: HttpRequest) -> HttpResponse:
    """Send a list, and see what became of those sent before."""
    user = cast(User, request.user)
    if not rules.grants(user):
        raise PermissionDenied
    form = GrantForm(request.POST or None, request.FILES or None, user=user)
    if request.method == "POST" and form.is_valid():
        return _checked(request, user, form)
    visible = rules.batches_visible_to(user)
    place = _uuid(request.GET.get("before", ""))
    before = visible.filter(pk=place).first() if place else None
    batches = queries.newest_batches(visible, before, PAGE + 1)
    context = {
        "form": form,
        "batches": batches[:PAGE],
        "older": f"?before={batches[PAGE - 1].pk}" if len(batches) > PAGE else "",
        "may_grant": bool(form.fields["micro_credential"].queryset.exists()),  # type: ignore[attr-defined]
        "columns": sheets.COLUMNS,
    }
    return render(request, "badges/grant_list.html", context, status=400 if request.method == "POST" else 200)


grants.takes_files = MOST_BODY  # type: ignore[attr-defined]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _checked(request: HttpRequest, user: User, form: GrantForm) -> HttpResponse:
    name, content, lines = form.cleaned_data["file"]
    key = workflow.file_key(content)
    unit = form.cleaned_data["micro_credential"]
    before = rules.batches_visible_to(user).filter(key=key, version=unit.current_id).exists()
    batch = workflow.check_batch(user, unit, name, key, lines)
    if before:
        messages.info(
            request, _("This file was sent before for this micro-credential. Here is what became of it.")
        )
    return redirect("grant", pk=batch.pk)


@require_safe
@login_required
def grant(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One list: what is wrong with its rows before it starts, how far it is, and what became of each row."""
    batch = _batch(request, pk)
    only = request.GET.get("rows") == "problems"
    after = request.GET.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 9 else 0
    rows = queries.rows_after(batch, start, ROWS + 1, problems=only)
    context: dict[str, Any] = {
        "batch": batch,
        "rows": rows[:ROWS],
        "only_problems": only,
        "more": f"?{'rows=problems&' if only else ''}after={rows[ROWS - 1].number}"
        if len(rows) > ROWS
        else "",
        "first_url": ("?rows=problems" if only else request.path) if start else "",
        "from_start": not start,
        "waits": batch.total - batch.answered,
        "may_grant": rules.may_grant(cast(User, request.user), batch.issuer_id),
    }
    return render(request, "badges/grant_batch.html", context)


def _batch(request: HttpRequest, pk: UUID) -> Batch:
    user = cast(User, request.user)
    return get_object_or_404(rules.batches_visible_to(user).select_related("version", "issuer"), pk=pk)


@require_POST
@login_required
def grant_start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Have the list awarded."""
    return _act(request, pk, workflow.start_batch, "grant")


@require_POST
@login_required
def grant_drop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Set the list aside."""
    return _act(request, pk, workflow.drop_batch, "grants")


def _act(request: HttpRequest, pk: UUID, verb: Any, then: str) -> HttpResponse:
    batch = _batch(request, pk)
    try:
        verb(batch, cast(User, request.user))
    except TransitionError as error:
        return render(request, "409.html", {"message": error.message}, status=409)
    if then == "grants":
        messages.success(request, _("Set aside. Nothing was awarded, and you can send the file again."))
        return redirect("grants")
    return redirect("grant", pk=pk)


@require_safe
@login_required
def grant_template(request: HttpRequest) -> HttpResponseBase:
    """An empty list with its columns and one row as an example."""
    if not rules.grants(request.user):
        raise PermissionDenied
    return _csv("badges-to-grant.csv", list(sheets.COLUMNS), iter(sheets.EXAMPLE))


@require_safe
@login_required
def grant_result(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """Every row as it came, with what became of it."""
    batch = _batch(request, pk)
    names = queries.columns_of(batch, MOST_COLUMNS)
    columns = [
        *filter(names.__contains__, sheets.COLUMNS),
        *(one for one in names if one not in sheets.COLUMNS),
    ]
    lines = ([*_answer(row), *(row.columns.get(name, "") for name in columns)] for row in _all(batch))
    return _csv(f"badges-granted-{batch.pk}.csv", [*ABOUT_ROWS, *columns], lines)


def _all(batch: Batch) -> Iterator[BatchRow]:
    after = 0
    while rows := queries.rows_after(batch, after, PIECE):
        yield from rows
        after = rows[-1].number


def _answer(row: BatchRow) -> list[Any]:
    badge = issuing.absolute(reverse("badge", args=[row.award_id])) if row.award_id else ""
    return [row.number, row.state, row.problem, badge]


def _csv(name: str, head: list[str], rows: Iterator[Any]) -> StreamingHttpResponse:
    response = StreamingHttpResponse(csv_lines(head, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "private, no-store"
    return response
