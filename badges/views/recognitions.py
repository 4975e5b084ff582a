"""Whether badges from elsewhere count for parts of stacks: asked by educators, answered by the stack's issuer."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from badges import presenting, queries, rules, workflow
from badges.external_forms import AnswerForm, AskForm, WithdrawForm
from badges.models import Recognition
from badges.openbadges.summary import summary
from catalog.queries import groups
from journal.workflow import GuardError, TransitionError

SHOWN = 50


@require_POST
@login_required
def stack_recognition(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask that a badge from elsewhere counts for one part of a stack."""
    stack = get_object_or_404(groups.stacks(), slug=slug)
    form = AskForm(request.POST)
    form.allow(rules.externals_visible_to(request.user), rules.countable_in(stack))
    if not form.is_valid():
        messages.error(request, _("Choose the badge, and the part it is to count for."))
        return redirect("stack-progress", slug=slug)
    try:
        workflow.ask_recognition(**form.cleaned_data, user=cast(User, request.user))
    except TransitionError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Asked. The issuer answers in writing, and we tell you."))
    return redirect("stack-progress", slug=slug)


@require_safe
@login_required
def recognitions(request: HttpRequest) -> HttpResponse:
    """What waits for an answer, oldest first, and what was answered lately."""
    if not rules.recognises(request.user):
        raise PermissionDenied
    rows = queries.recognitions_listed(rules.recognitions_visible_to(request.user))
    waiting = rows.filter(state=Recognition.State.ASKED).order_by("created")[:SHOWN]
    answered = rows.exclude(state=Recognition.State.ASKED).order_by("-decided_at")[:SHOWN]
    return render(request, "badges/recognition_list.html", {"waiting": waiting, "answered": answered})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def recognition(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question: the badge with its criteria and what was checked; the answer."""
    row = _row(request, pk)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        accept = form.cleaned_data["answer"] == Recognition.State.ACCEPTED
        try:
            user = cast(User, request.user)
            workflow.answer_recognition(row, user, accept=accept, words=form.cleaned_data["words"])
        except GuardError as error:
            form.add_error("words", error.message)
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        else:
            messages.success(request, _("Answered. The educator is told."))
            return redirect("recognitions")
    return _shown(request, row, form)


@require_POST
@login_required
def recognition_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take back that it counts."""
    row = _row(request, pk)
    if row.state != Recognition.State.ACCEPTED:
        return render(request, "409.html", {"message": _("It does not count now.")}, status=409)
    form = WithdrawForm(request.POST)
    if form.is_valid():
        try:
            workflow.withdraw_recognition(row, cast(User, request.user), form.cleaned_data["words"])
        except GuardError as error:
            form.add_error("words", error.message)
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        else:
            messages.success(request, _("It counts no more. The educator is told."))
            return redirect("recognitions")
    return _shown(request, row, form)


def _row(request: HttpRequest, pk: UUID) -> Recognition:
    rows = rules.recognitions_visible_to(request.user)
    related = rows.select_related("external__owner", "item__group__stack__issuer", "item__micro_credential")
    return get_object_or_404(related, pk=pk)


def _shown(request: HttpRequest, row: Recognition, form: AnswerForm | WithdrawForm) -> HttpResponse:
    counts = row.state == Recognition.State.ACCEPTED
    withdrawal = form if isinstance(form, WithdrawForm) else WithdrawForm()
    context = {
        "recognition": row,
        "external": row.external,
        "found": summary(row.external.document),
        "checks": presenting.kept_checks(row.external.steps),
        "why": workflow.why_it_does_not_count(row.external),
        "form": form,
        "withdrawal": withdrawal if counts else None,
    }
    return render(request, "badges/recognition.html", context, status=400 if form.is_bound else 200)
