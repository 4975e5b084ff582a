"""Adjudication: what waits for an approver, and the desk with both readings side by side, without names."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from journal.workflow import GuardError, TransitionError
from review import queries, rules, workflow
from review.forms import DeskForm, RecuseForm, editor_token
from review.models import Assignment
from review.queries import PAGE, settling
from review.views.doubts import approver
from review.views.reviewing import after

WHOLE = "assessment", "submission__enrolment__version", "submission__enrolment__micro_credential"


@require_safe
@login_required
@never_cache
def adjudications(request: HttpRequest) -> HttpResponse:
    """Where two readings differ, what was promised first on top; only what this approver may settle."""
    return _list(request)


def _list(request: HttpRequest, problem: Any = "", status: int = 200) -> HttpResponse:
    user = approver(request)
    rows = settling.adjudications(rules.adjudicable_by(user), after(request))
    context = {
        "rows": rows[:PAGE],
        "next_url": f"?after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "paged": "after" in request.GET,
        "now": timezone.now(),
        "problem": problem,
    }
    return render(request, "review/adjudications.html", context, status=status)


@require_POST
@login_required
def begin(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take it; where another approver was quicker, the list says so."""
    user = approver(request)
    assessment = get_object_or_404(rules.adjudicable_by(user), pk=pk)
    try:
        workflow.begin_adjudication(assessment, user)
    except TransitionError as error:
        return _list(request, error.message, 409)
    return redirect("adjudication", assessment.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def adjudication(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Both readings beside the evidence, and the one text the educator will read. POST saves."""
    user = approver(request)
    mine = rules.own_assignments(user).filter(assessment=pk, role=Assignment.Role.ADJUDICATION)
    row = mine.select_related(*WHOLE).order_by("-claimed_at").first()
    if row is None:
        get_object_or_404(rules.adjudicable_by(user), pk=pk)
        return redirect("review-adjudications")
    if not rules.may_write(user, row):
        return redirect("review-desk", row.pk)
    return _save(request, row) if request.method == "POST" else _desk(request, row)


def _desk(
    request: HttpRequest, row: Assignment, form: DeskForm | None = None, status: int = 200, **extra: Any
) -> HttpResponse:
    if row.assessment is None:  # the database has none like that
        return redirect("review-adjudications")
    lines, items = queries.rubric(row), queries.evidence(row.submission)
    form = form or DeskForm(assignment=row, lines=lines)
    both = settling.compared(settling.readings_of(row.assessment))
    editor = editor_token(request.GET.get("tab", ""))
    context = {
        "assignment": row,
        "submission": row.submission,
        "version": row.submission.enrolment.version,
        "form": form,
        "pairs": [(one, both.sides[one.line.key], one.line.key in both.differing) for one in form.rows()],
        "readings": both.readings,
        "verdict": queries.verdict(lines),
        "items": items,
        "answers": queries.answers(row.submission),
        "editor": editor,
        "locked": workflow.locked_for(row, editor),
        "reasons": RecuseForm(),
        "saved_at": row.saved_at if row.revision else None,
        **extra,
    }
    return render(request, "review/adjudication.html", context, status=status)


def _save(request: HttpRequest, row: Assignment) -> HttpResponse:
    """Whatever is refused, the words stay on the page."""
    editor, user = editor_token(request.GET.get("tab", "")), approver(request)
    form = DeskForm(request.POST, assignment=row, lines=queries.rubric(row))
    if not form.is_valid():
        return _desk(request, row, form, 400)
    try:
        workflow.save(row, user, revision=form.cleaned_data["revision"], editor=editor, **form.draft())
    except workflow.StaleDraft as error:
        data = request.POST.copy()
        data["revision"] = str(error.revision)
        again = DeskForm(data, assignment=row, lines=form.criteria)
        kept = again.differing(error.current)
        return _desk(request, row, again, 409, conflict=error, kept=kept, locked=False)
    except GuardError as error:
        form.refuse(error.errors)
        return _desk(request, row, form, 400)
    if "preview" in request.POST:
        workflow.adopt_places(row)
        return redirect(f"{reverse('review-complete', args=[row.pk])}?tab={editor}")
    messages.success(request, _("Draft saved."))
    return redirect(f"{reverse('adjudication', args=[row.assessment_id])}?tab={editor}")
