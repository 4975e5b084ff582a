"""The holder renews a badge that ends."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from badges import queries, rules, workflow
from journal.workflow import TransitionError


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def badge_renew(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Until when it is valid, what renewing asks, and the button."""
    user = cast(User, request.user)
    award = get_object_or_404(queries.for_page(rules.owned_by(user)), pk=pk)
    problem: Any = workflow.renewal_problem(award)
    status = 200
    if request.method == "POST":
        try:
            draft = workflow.renew(award, user)
        except TransitionError as error:
            problem, status = error.message, 409
        else:
            messages.success(request, _("You are enrolled again. Your badge stays valid until its last day."))
            return redirect("submission", draft.pk)
    context = {"award": award, "problem": problem, "renewal": award.renewals.first()}
    return render(request, "badges/badge_renew.html", context, status=status)
