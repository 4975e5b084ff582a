"""The programs that a person lets at her badges: what each may do, and the end of it."""

from __future__ import annotations

from typing import cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from badges.queries.programs import allowed_programs
from badges.workflow.allowing import stop_program


@require_safe
@login_required
def programs(request: HttpRequest) -> HttpResponse:
    """What I allowed, and to whom."""
    words = settings.OAUTH2_PROVIDER["SCOPES"]
    shown = [
        {"one": one, "may": [about for scope, about in words.items() if scope in one.scopes]}
        for one in allowed_programs(cast(User, request.user))
    ]
    return render(request, "badges/program_list.html", {"programs": shown})


@require_POST
@login_required
def program_stop(request: HttpRequest, client_id: str) -> HttpResponse:
    """No more, from now on."""
    user = cast(User, request.user)
    found = next((one for one in allowed_programs(user) if one.program.client_id == client_id), None)
    if found is None:
        raise Http404
    stop_program(user, found.program)
    messages.success(
        request, _("“%(name)s” cannot get at your badges any more.") % {"name": found.program.name}
    )
    return redirect("programs")
