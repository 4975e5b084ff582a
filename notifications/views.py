"""Pages about messages, and the two questions people may ask."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from rest_framework.throttling import SimpleRateThrottle

from accounts.models import Organisation, User
from catalog.rules import issuers
from notifications import queries, rules, workflow
from notifications.forms import PreferencesForm, QuestionForm

PAGE = 30


@require_safe
@login_required
def notifications(request: HttpRequest) -> HttpResponse:
    """What happened, newest first, with what is unread marked."""
    rows = rules.visible_to(request.user).order_by("-created")
    before = (
        parse_datetime(request.GET.get("before", "").replace(" ", "+") or "-")
        if "before" in request.GET
        else None
    )
    if before:
        rows = rows.filter(created__lt=before)
    page = list(rows[: PAGE + 1])
    older = urlencode({"before": page[PAGE - 1].created.isoformat()}) if len(page) > PAGE else ""
    listed = [(message, workflow.title_of(message)) for message in page[:PAGE]]
    return render(request, "notifications/message_list.html", {"listed": listed, "older": older})


@require_safe
@login_required
def notification_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark one as read and go where it leads."""
    message = get_object_or_404(rules.visible_to(request.user), pk=pk)
    workflow.mark_read(message)
    return redirect(message.url or "notifications")


@require_POST
@login_required
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark all as read."""
    workflow.mark_all_read(cast(User, request.user))
    return redirect("notifications")


@login_required
def preferences(request: HttpRequest) -> HttpResponse:
    """Which mails a person gets."""
    user = cast(User, request.user)
    mailed = [kind for kind, mail in queries.preferences(user) if mail]
    form = PreferencesForm(request.POST or None, initial={"mail": mailed})
    if request.method == "POST":
        form = PreferencesForm(request.POST)
        if form.is_valid():
            workflow.set_preferences(user, set(form.cleaned_data["mail"]))
            messages.success(request, _("Saved. Everything is still listed here in the app."))
            return redirect("notification-preferences")
    return render(
        request, "notifications/preferences.html", {"form": form}, status=400 if form.is_bound else 200
    )


def ask_issuer(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the people behind a micro-credential."""
    return _ask(request, get_object_or_404(issuers(), slug=slug))


def ask_platform(request: HttpRequest) -> HttpResponse:
    """Ask the people who run this installation."""
    return _ask(request, None)


class AskThrottle(SimpleRateThrottle):
    """Every question becomes mails to many people, and anybody may ask."""

    scope = "ask"

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


def _within_limit(request: HttpRequest) -> bool:
    return bool(AskThrottle().allow_request(request, None))  # type: ignore[arg-type]


def _ask(request: HttpRequest, organisation: Organisation | None) -> HttpResponse:
    user = request.user if isinstance(request.user, User) else None
    form = QuestionForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid() and not _within_limit(request):
        form.add_error(None, _("That was a lot of questions. Please wait an hour, then send this one."))
        return render(
            request, "notifications/ask.html", {"form": form, "organisation": organisation}, status=429
        )
    if request.method == "POST" and form.is_valid():
        workflow.ask(**form.cleaned_data, user=user, organisation=organisation)
        messages.success(request, _("Your question is on its way. The answer comes by mail."))
        return redirect("issuer", slug=organisation.slug) if organisation else redirect("help")
    context = {"form": form, "organisation": organisation}
    return render(request, "notifications/ask.html", context, status=400 if form.is_bound else 200)
