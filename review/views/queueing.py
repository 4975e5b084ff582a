"""The queue: what is hers, what is kept for her, what waits, and taking it. Nothing here asks who the educator is."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from journal.workflow import TransitionError
from review import queries, rules, workflow
from review.models import Assignment
from review.queries.attention import needed, needs
from review.queries.queue import kept_for, that_fit
from review.views.calibration import welcome
from review.views.reviewing import after, person

TIMES = (15, 30, 45, 60)  # minutes
LONGEST = 600


@require_safe
@login_required
@never_cache
def queue(request: HttpRequest) -> HttpResponse:
    """Hers first, with what is kept for her; then what may be claimed, what is due first on top."""
    return _queue(request)


def _queue(request: HttpRequest, problem: Any = "", status: int = 200) -> HttpResponse:
    user, waiting = person(request), after(request)
    mine = list(queries.mine(rules.own_assignments(user)))
    open_to_her, issuers = rules.queue_for(user), rules.issuers_assessed(user)
    rows = queries.waiting(open_to_her, issuers, waiting) if issuers else []
    more = len(rows) > queries.PAGE
    kept = kept_for(open_to_her, user) if rows and not waiting else []
    on_top = {line.assessment.pk for line in kept}
    minutes = _minutes(request.GET.get("minutes", ""))
    fitting = that_fit(open_to_her, issuers, minutes) if minutes and rows else []
    context = {
        "problem": problem,
        "mine": _with_ends(mine),
        "kept": kept,
        "waiting": [queries.Waiting(row) for row in rows[: queries.PAGE] if row.pk not in on_top],
        "count": min(rows[0].waiting, queries.CAP) if rows else 0,  # type: ignore[attr-defined]
        "capped": bool(rows) and rows[0].waiting > queries.CAP,  # type: ignore[attr-defined]
        "next_url": f"?after={rows[queries.PAGE - 1].pk}" if more else "",
        "paged": "after" in request.GET,
        "times": TIMES,
        "minutes": minutes,
        "fitting": fitting,
        "fitting_minutes": sum(row.minutes for row in fitting),
        **around(user),
    }
    return render(request, "review/queue.html", context, status=status)


def around(user: User) -> dict[str, Any]:
    """What every page of this room's navigation shows."""
    attention = rules.attention_of(user)
    return {
        "reads_completed": bool(attention),
        "needed": needed(attention),
        "assesses": bool(rules.issuers_assessed(user)),
    }


def _with_ends(mine: list[Assignment]) -> list[dict[str, Any]]:
    """Claims, each with the day on which it goes back if nothing more is saved, where that is before it is due."""
    clocks = queries.clocks_of({row.submission.enrolment.micro_credential.issuer_id for row in mine})
    lines = []
    for row in mine:
        ends = clocks[row.submission.enrolment.micro_credential.issuer_id].ends(row)
        lines.append({"row": row, "ends": ends if ends.date() < row.due.date() else None})
    return lines


def _minutes(text: str) -> int:
    """How much time she has; nonsense is no time at all."""
    return min(int(text), LONGEST) if text.isascii() and text.isdigit() and len(text) < 5 else 0


@require_POST
@login_required
def claim(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take one; where somebody was quicker, the queue says so. Whoever takes several stays on the page."""
    user = person(request)
    try:
        workflow.guard_unread(pk, user)
        submission = get_object_or_404(rules.assessable_by(user), pk=pk)
        assignment = workflow.claim(submission, user)
    except TransitionError as error:
        return _queue(request, error.message, 409)
    welcome(request, assignment)
    if not (minutes := _minutes(request.POST.get("minutes", ""))):
        return redirect("review-desk", assignment.pk)
    messages.success(request, _("%(code)s is yours.") % {"code": submission.code})
    left = minutes - (assignment.assessment.usual_minutes if assignment.assessment else 0)
    query = f"?{urlencode({'minutes': left})}" if left > 0 else ""
    return redirect(reverse("review-queue") + query)


@require_POST
@login_required
def take_next(request: HttpRequest) -> HttpResponse:
    """Take whatever is due next, without choosing."""
    if assignment := workflow.claim_next(person(request)):
        welcome(request, assignment)
        return redirect("review-desk", assignment.pk)
    messages.info(request, _("Nothing is waiting for you now."))
    return redirect("review-queue")


@require_POST
@login_required
def decline(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Let what is kept for her go on to others."""
    assessment = get_object_or_404(rules.queue_for(person(request)), pk=pk)
    try:
        workflow.decline(assessment, person(request))
    except TransitionError as error:
        return _queue(request, error.message, 409)
    messages.success(request, _("Thank you for saying so. Others may take it now."))
    return redirect("review-queue")


@require_safe
@login_required
@never_cache
def attention(request: HttpRequest) -> HttpResponse:
    """One list of what needs an approver now."""
    user = person(request)
    rows = rules.attention_of(user)
    if not rows:
        raise PermissionDenied
    found = needs(rows)
    context = {
        **found,
        "today": timezone.now().date(),
        "anything": any(found.values()),
        **around(user),
    }
    return render(request, "review/attention.html", context)
