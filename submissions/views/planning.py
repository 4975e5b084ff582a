"""Her plan: the way to the target date on a page and in the calendar, moved and reset as she likes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from journal.workflow import GuardError
from submissions import queries, workflow
from submissions.calendar import calendar_of
from submissions.forms import DaysForm, RemindersForm, TargetForm
from submissions.models import Enrolment
from submissions.queries import WorkItem
from submissions.rules import enrolments_visible_to
from submissions.views.drafting import person, to


def _find(request: HttpRequest, pk: UUID) -> WorkItem:
    enrolment = get_object_or_404(enrolments_visible_to(request.user), pk=pk)
    return queries.work_of(Q(enrolment=enrolment), timezone.localdate())[0]


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def plan(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The plan of one enrolment; every button of it posts here and says what it is for."""
    item = _find(request, pk)
    if item.enrolment.state != Enrolment.State.ACTIVE:
        return to(item.submission)
    if request.method != "POST":
        return _page(request, item)
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        raise GuardError(_("We could not tell which button this was. Please go back and try again."))
    return act(request, item)


def _target(request: HttpRequest, item: WorkItem) -> HttpResponse:
    form = TargetForm(request.POST)
    if not _carry_out(
        form,
        lambda: workflow.set_target(item.enrolment, person(request), form.cleaned_data["target_date"]),
    ):
        return _page(request, item, target=form)
    if form.cleaned_data["target_date"]:
        return _done(request, item, _("Your target date is saved, and the way to it laid out."))
    return _done(request, item, _("You work without a target date now."))


def _days(request: HttpRequest, item: WorkItem) -> HttpResponse:
    if item.plan is None:
        raise GuardError(_("Choose a target date first."))
    form = DaysForm(item.plan, request.POST)
    if not _carry_out(
        form, lambda: workflow.move_milestones(item.enrolment, person(request), form.cleaned_data)
    ):
        return _page(request, item, days=form)
    return _done(request, item, _("Your days are saved."))


def _reset(request: HttpRequest, item: WorkItem) -> HttpResponse:
    workflow.reset_plan(item.enrolment, person(request))
    return _done(request, item, _("The time that is left is laid out anew."))


def _remind(request: HttpRequest, item: WorkItem) -> HttpResponse:
    form = RemindersForm(request.POST)
    if not _carry_out(
        form,
        lambda: workflow.set_reminders(item.enrolment, person(request), form.cleaned_data["reminders"]),
    ):
        return _page(request, item, reminders=form)
    return _done(request, item, _("Saved: %s") % item.enrolment.get_reminders_display())


def _stop(request: HttpRequest, item: WorkItem) -> HttpResponse:
    workflow.set_reminders(item.enrolment, person(request), Enrolment.Reminders.NONE)
    return _done(request, item, _("No more reminders for this micro-credential."))


ACTS: dict[str, Callable[[HttpRequest, WorkItem], HttpResponse]] = {
    "target": _target,
    "days": _days,
    "reset": _reset,
    "reminders": _remind,
    "stop": _stop,
}


def _carry_out(form: forms.Form, verb: Callable[[], None]) -> bool:
    """The verb with clean data; whatever is refused stands on its field."""
    if not form.is_valid():
        return False
    try:
        verb()
    except GuardError as error:
        for name, words in error.errors.items():
            form.add_error(name if name in form.fields else None, [str(word) for word in words])
    return not form.errors


def _done(request: HttpRequest, item: WorkItem, words: str) -> HttpResponse:
    messages.success(request, words)
    return redirect("enrolment-plan", item.enrolment.pk)


def _page(request: HttpRequest, item: WorkItem, **bound: forms.Form) -> HttpResponse:
    enrolment = item.enrolment
    days = bound.get("days") or (DaysForm(item.plan) if item.plan else None)
    context: dict[str, Any] = {
        "item": item,
        "plan": item.plan,
        "enrolment": enrolment,
        "target": bound.get("target") or TargetForm(initial={"target_date": enrolment.target_date}),
        "days": days,
        "rows": [
            {"stage": stage, "field": days[stage.key] if days and stage.key in days.fields else None}
            for stage in (item.plan.stages if item.plan else [])
        ],
        "reminders": bound.get("reminders") or RemindersForm(initial={"reminders": enrolment.reminders}),
        "refused": next(iter(bound.values()), None),
    }
    return render(request, "submissions/plan.html", context, status=400 if bound else 200)


@require_safe
@login_required
@never_cache
def calendar(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The plan for her calendar; without a target date there is nothing to put there yet."""
    item = _find(request, pk)
    if item.plan is None:
        return redirect("enrolment-plan", pk)
    body = calendar_of(item.enrolment, item.title, item.plan, timezone.now())
    return HttpResponse(
        body,
        content_type="text/calendar; charset=utf-8; method=PUBLISH",
        headers={"Content-Disposition": f'attachment; filename="{item.slug}.ics"'},
    )
