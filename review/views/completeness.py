"""The look at whether everything is there, before scoring; and what changed since the attempt before."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from journal.workflow import GuardError
from review import queries, rules, workflow
from review.completeness_forms import CheckForm
from review.forms import RecuseForm
from review.models import Assignment
from review.views.reviewing import find, person


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def check(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The issuer's list beside the evidence: everything is there, or it goes back with what is missing."""
    assignment = find(request, pk)
    items = checkable(request, assignment)
    if not items:
        return redirect("review-desk", assignment.pk)
    if request.method != "POST":
        return _page(request, assignment, CheckForm(items))
    form = CheckForm(items, request.POST)
    if not form.is_valid():
        return _page(request, assignment, form, status=400)
    if "look" in request.POST:
        return _page(request, assignment, form)
    if not form.lacking:
        workflow.check_complete(assignment, person(request), form.present)
        messages.success(request, _("Everything is there. You can score it now."))
        return redirect("review-desk", assignment.pk)
    if "send" not in request.POST:
        return render(request, "review/check_preview.html", _context(request, assignment, form))
    try:
        workflow.return_incomplete(assignment, person(request), form.lacking, form.cleaned_data["note"])
    except GuardError as error:
        form.refuse(error)
        return _page(request, assignment, form, status=400)
    words = _("%(code)s went back to the educator with what is missing. It was not scored.")
    messages.success(request, words % {"code": assignment.submission.code})
    return redirect("review-queue")


def checkable(request: HttpRequest, assignment: Assignment) -> list[dict[str, str]]:
    """What this reader has still to look for, on a claim that is hers to work on."""
    return workflow.to_check(assignment) if rules.may_write(person(request), assignment) else []


def _context(request: HttpRequest, assignment: Assignment, form: CheckForm) -> dict[str, Any]:
    assessment = assignment.assessment
    policy = queries.policy_of(assessment.issuer_id) if assessment else None
    return {
        "assignment": assignment,
        "submission": assignment.submission,
        "version": assignment.submission.enrolment.version,
        "form": form,
        "due": queries.check_by(assessment, policy) if assessment and policy else None,
    }


def _page(request: HttpRequest, assignment: Assignment, form: CheckForm, status: int = 200) -> HttpResponse:
    items = queries.evidence(assignment.submission)
    context = {
        **_context(request, assignment, form),
        "items": items,
        "recognisable": queries.recognisable(items),
        "answers": queries.answers(assignment.submission),
        "reasons": RecuseForm(),
        "locked": True,
    }
    return render(request, "review/check.html", context, status=status)


@require_safe
@login_required
@never_cache
def changed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Answer by answer and piece by piece, what differs from the attempt before. As blind as the desk, which loads it."""
    assignment = find(request, pk)
    if not rules.may_open_evidence(person(request), assignment):
        raise PermissionDenied
    context = {
        "assignment": assignment,
        "submission": assignment.submission,
        "version": assignment.submission.enrolment.version,
        "changes": queries.changes(assignment),
    }
    return render(request, "review/changed.html", context)
