"""The issuer's pages about what it has awarded."""

from __future__ import annotations

from datetime import datetime
from typing import cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rules import organisations_of
from badges import queries, rules, workflow
from badges.forms import RevokeForm
from badges.models import Award
from journal.workflow import GuardError, TransitionError

PAGE = 30


@require_safe
@login_required
def issued(request: HttpRequest) -> HttpResponse:
    """What one's issuer has awarded, newest first; names only of those who show them."""
    awards = rules.issued_visible_to(request.user)
    moment, pk = _place(request)
    rows = list(queries.older_than(queries.for_list(awards), moment, pk)[: PAGE + 1])
    if not rows and moment is None and not _issues(request):
        raise PermissionDenied
    context = {"awards": rows[:PAGE], "older": _older(rows)}
    return render(request, "badges/award_list.html", context)


def _issues(request: HttpRequest) -> bool:
    user = cast(User, request.user)
    return user.is_superuser or bool(organisations_of(user, rules.REVOKERS))


def _place(request: HttpRequest) -> tuple[datetime | None, UUID | None]:
    try:
        moment = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
        return moment, UUID(request.GET.get("at", ""))
    except ValueError:
        return None, None


def _older(rows: list[Award]) -> str:
    if len(rows) <= PAGE:
        return ""
    last = rows[PAGE - 1]
    return f"?{urlencode({'before': last.awarded_at.isoformat(), 'at': str(last.pk)})}"


@login_required
def badge_revoke(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a badge back, with a reason; asks on a page of its own."""
    award = get_object_or_404(queries.for_list(rules.awards_visible_to(request.user)), pk=pk)
    if not rules.may_revoke(request.user, award):
        raise PermissionDenied
    form = RevokeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.revoke(award, cast(User, request.user), form.cleaned_data["reason"])
        except GuardError as error:
            form.add_error("reason", error.errors["reason"])
        except TransitionError as error:
            return render(request, "409.html", {"message": error.message}, status=409)
        else:
            messages.success(request, _("Revoked. Every copy of the badge shows it from now on."))
            return redirect("awards-issued")
    context = {"award": award, "form": form}
    return render(request, "badges/award_revoke.html", context, status=400 if form.is_bound else 200)
