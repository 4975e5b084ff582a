"""The issuer's pages about what it has awarded."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.models import User
from accounts.rules import organisations_of
from badges import queries, rules
from badges.paging import PAGE, older, place


@require_safe
@login_required
def issued(request: HttpRequest) -> HttpResponse:
    """What one's issuer has awarded, newest first; names only of those who show them."""
    awards = rules.issued_visible_to(request.user)
    moment, pk = place(request)
    rows = list(queries.older_than(queries.for_list(awards), moment, pk)[: PAGE + 1])
    if not rows and moment is None and not _issues(request):
        raise PermissionDenied
    context = {"awards": rows[:PAGE], "older": older(rows, "awarded_at", PAGE)}
    return render(request, "badges/award_list.html", context)


def _issues(request: HttpRequest) -> bool:
    user = cast(User, request.user)
    return user.is_superuser or bool(organisations_of(user, rules.REVOKERS))
