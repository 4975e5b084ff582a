"""Appeals: the educator's page, and the approvers' list and page, which are blind."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review import queries, rules, workflow
from review.appeal_forms import AnswerAppealForm, AppealForm
from review.models import Appeal, Assignment
from review.queries import PAGE, told
from review.views.doubts import TRUNK, approver, signed_in
from review.views.reviewing import after
from submissions.models import Submission

WAITING = Case(When(state=Appeal.State.OPEN, then=Value(0)), default=Value(1), output_field=IntegerField())


# --- the educator -----------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def appeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Her appeal against the decision on this attempt: to write, to take back, to read the answer."""
    user = signed_in(request)
    related = ("enrolment__version", "enrolment__micro_credential")
    submission = get_object_or_404(rules.appealable_by(user).select_related(*related), pk=pk)
    row = rules.own_appeals(user).filter(submission=submission).first()
    if request.method != "POST":
        return _own(request, submission, row, AppealForm())
    form = AppealForm(request.POST)
    try:
        if row is not None:
            workflow.withdraw_appeal(row, user)
            messages.success(request, _("You took your appeal back. You can send your next attempt."))
        elif form.is_valid():
            workflow.open_appeal(submission, user, form.cleaned_data["reason"])
            messages.success(
                request, _("Your appeal is with somebody who was not involved. We write to you.")
            )
        else:
            return _own(request, submission, row, form, 400)
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _own(request, submission, row, form, 400)
    except TransitionError as error:
        submission.refresh_from_db()
        row = rules.own_appeals(user).filter(submission=submission).first()
        return _own(request, submission, row, form, 409, problem=error.message)
    return redirect("appeal", submission.pk)


def _own(
    request: HttpRequest,
    submission: Submission,
    row: Appeal | None,
    form: AppealForm,
    status: int = 200,
    problem: Any = "",
) -> HttpResponse:
    context = {
        "submission": submission,
        "appeal": row,
        "form": form,
        "problem": problem,
        "impossible": workflow.appeal_problem(submission),
        "until": workflow.appeal_until(submission),
        "days": workflow.ANSWER_DAYS,
    }
    return render(request, "review/appeal.html", context, status=status)


# --- the approver -----------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def appeals(request: HttpRequest) -> HttpResponse:
    """All appeals of one's issuers: first those that wait, what is due first on top."""
    rows = _page(rules.appeals_visible_to(approver(request)), after(request))
    context = {
        "rows": rows[:PAGE],
        "next_url": f"?after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "today": timezone.localdate(),
    }
    return render(request, "review/appeals.html", context)


def _page(appeals: QuerySet[Appeal], after: UUID | None) -> list[Appeal]:
    """A page and one more, by key."""
    rows = appeals.annotate(rank=WAITING)
    if after is not None and (stop := rows.filter(pk=after).first()):
        later = Q(answer_by__gt=stop.answer_by) | Q(answer_by=stop.answer_by, pk__gt=stop.pk)
        rows = rows.filter(Q(rank__gt=stop.rank) | Q(later, rank=stop.rank))
    return list(rows.select_related(*TRUNK).order_by("rank", "answer_by", "pk")[: PAGE + 1])


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def review_appeal(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the educator says, what was decided, and the evidence; whoever was not involved answers here."""
    user = signed_in(request)
    row = get_object_or_404(rules.appeals_visible_to(user).select_related(*TRUNK), pk=pk)
    outcomes = workflow.failing(row.submission)
    if request.method != "POST":
        return _hear(request, user, row, AnswerAppealForm(outcomes=outcomes))
    form = AnswerAppealForm(request.POST, outcomes=outcomes)
    if not form.is_valid():
        return _hear(request, user, row, form, 400)
    try:
        given = form.cleaned_data
        workflow.answer_appeal(
            row, user, finding=given["finding"], text=given["answer"], levels=form.levels()
        )
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _hear(request, user, row, form, 400)
    messages.success(request, _("Answered. The educator reads what you wrote."))
    return redirect("review-appeals")


def _hear(
    request: HttpRequest, user: User, row: Appeal, form: AnswerAppealForm, status: int = 200
) -> HttpResponse:
    submission = row.submission
    may = row.state == Appeal.State.OPEN and rules.may_answer(user, row)
    read = _reading(user, submission) if may else None
    opens = read is not None and rules.may_open_evidence(user, read)
    context = {
        "appeal": row,
        "submission": submission,
        "form": form,
        "may_answer": may,
        "outcomes": told.outcomes_read(submission),
        "assignment": read,
        "opens": opens,
        "items": queries.evidence(submission) if opens else [],
        "answers": queries.answers(submission) if opens else {},
    }
    return render(request, "review/review_appeal.html", context, status=status)


def _reading(user: User, submission: Submission) -> Assignment | None:
    """The settled reading through whose address she opens the evidence."""
    rows = rules.assignments_visible_to(user).filter(submission=submission, state=Assignment.State.COMPLETED)
    related = ("assessment", "submission__enrolment__version", "submission__enrolment__micro_credential")
    return rows.select_related(*related).order_by("ended_at", "pk").first()
