"""Likenesses for approvers, and cases for approvers and the educator concerned. Assessors are never shown either."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from journal.workflow import GuardError
from review import doubts, rules, workflow
from review.doubt_forms import AnswerForm, CaseForm, DecideForm, DismissForm
from review.models import Case
from review.queries import PAGE
from review.views.reviewing import after
from submissions.models import Likeness
from submissions.serving import hand_over

TRUNK = "submission__enrolment__version", "submission__enrolment__micro_credential"


def approver(request: HttpRequest) -> User:
    """The signed-in person, if she approves for an issuer."""
    user = request.user
    if not isinstance(user, User) or not rules.reads_completed(user):
        raise PermissionDenied
    return user


def signed_in(request: HttpRequest) -> User:
    """The signed-in person; `login_required` stands before every caller."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


# --- likenesses -------------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def likenesses(request: HttpRequest) -> HttpResponse:
    """What resembles something that was submitted before, newest first."""
    visible = rules.likenesses_visible_to(approver(request))
    declared = request.GET.get("declared") == "1"
    rows = doubts.likenesses(visible, after(request), declared=declared)
    more = f"after={rows[PAGE - 1].pk}{'&declared=1' if declared else ''}" if len(rows) > PAGE else ""
    context = {"rows": rows[:PAGE], "next_url": f"?{more}" if more else "", "declared": declared}
    return render(request, "review/likenesses.html", context)


def _likeness(request: HttpRequest, pk: UUID) -> Likeness:
    visible = rules.likenesses_visible_to(signed_in(request))
    return get_object_or_404(visible.select_related(*doubts.WHOLE), pk=pk)


@require_safe
@login_required
@never_cache
def likeness(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both pieces side by side."""
    return _look(request, _likeness(request, pk))


def _look(request: HttpRequest, row: Likeness, status: int = 200, **forms: Any) -> HttpResponse:
    context = {
        "row": row,
        "pair": doubts.pair(row),
        "dismissing": DismissForm(),
        "raising": CaseForm(),
        "settled": row.state != Likeness.State.OPEN,
        **forms,
    }
    return render(request, "review/likeness.html", context, status=status)


@require_POST
@login_required
def likeness_dismiss(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Nothing to it."""
    row, form = _likeness(request, pk), DismissForm(request.POST)
    if not form.is_valid():
        return _look(request, row, 400, dismissing=form)
    try:
        workflow.dismiss(row, signed_in(request), form.cleaned_data["note"])
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _look(request, row, 400, dismissing=form)
    messages.success(request, _("Noted: nothing to it."))
    return redirect("likenesses")


@require_POST
@login_required
def likeness_case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask the educator."""
    row, form = _likeness(request, pk), CaseForm(request.POST)
    if not form.is_valid():
        return _look(request, row, 400, raising=form)
    try:
        case = workflow.open_case(row, signed_in(request), **form.cleaned_data)
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _look(request, row, 400, raising=form)
    messages.success(request, _("The case is open. The educator was told, and has until the day you named."))
    return redirect("review-case", case.pk)


@require_safe
@login_required
def likeness_picture(request: HttpRequest, pk: UUID, side: str) -> HttpResponseBase:
    """A small picture of one of the two pieces, under a neutral name."""
    row = _likeness(request, pk)
    shown = doubts.side(row.newer if side == "newer" else row.older)
    if not shown.pictured or shown.print.artifact is None:
        raise Http404
    return hand_over(request, shown.print.artifact, f"{shown.code}-{side}.webp", doubts.THUMB)


# --- cases ------------------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def cases(request: HttpRequest) -> HttpResponse:
    """All cases of one's issuers: first those that wait for a decision."""
    rows = doubts.cases(rules.cases_visible_to(approver(request)), after(request))
    context = {
        "rows": rows[:PAGE],
        "next_url": f"?after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "today": timezone.localdate(),
    }
    return render(request, "review/cases.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def review_case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A case as approvers read it; whoever is not involved decides it here."""
    user = signed_in(request)
    case = get_object_or_404(rules.cases_visible_to(user).select_related(*TRUNK), pk=pk)
    if request.method != "POST":
        return _case(request, user, case, DecideForm())
    form = DecideForm(request.POST)
    if not form.is_valid():
        return _case(request, user, case, form, status=400)
    try:
        given = form.cleaned_data
        workflow.decide_case(case, user, finding=given["finding"], text=given["decision"])
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _case(request, user, case, form, status=400)
    messages.success(request, _("Decided. The educator reads what you wrote."))
    return redirect("review-cases")


def _case(request: HttpRequest, user: User, case: Case, form: DecideForm, status: int = 200) -> HttpResponse:
    context = {
        "case": case,
        "submission": case.submission,
        "form": form,
        "may_decide": rules.may_decide(user, case),
        "decidable": workflow.decidable(case),
    }
    return render(request, "review/review_case.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def case(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the educator was asked, and where she answers."""
    user = signed_in(request)
    row = get_object_or_404(rules.own_cases(user).select_related(*TRUNK), pk=pk)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    context = {"case": row, "submission": row.submission, "form": form}
    if request.method != "POST":
        return render(request, "review/case.html", context)
    if not form.is_valid():
        return render(request, "review/case.html", context, status=400)
    try:
        workflow.answer_case(row, user, form.cleaned_data["answer"])
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return render(request, "review/case.html", context, status=400)
    messages.success(request, _("Your answer is with the approvers. We write to you when it is decided."))
    return redirect("case", row.pk)
