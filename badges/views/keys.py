"""An issuer's keys for the people who answer for its badges: which sign, which signed, and what a stolen one touches."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from badges import queries, rules, workflow
from journal.workflow import GuardError


@require_safe
@login_required
def key_list(request: HttpRequest) -> HttpResponse:
    """Every key of one's issuers, with what each signed and what a revoked one means for badges."""
    issuers = list(rules.key_issuers(request.user))
    if not issuers:
        raise PermissionDenied
    rings = [
        {"issuer": issuer, "keys": keys, "may_rotate": rules.may_keep_keys(request.user, issuer)}
        for issuer, keys in queries.key_rings(issuers)
    ]
    return render(request, "badges/key_list.html", {"rings": rings})


@require_POST
@login_required
def key_rotate(request: HttpRequest, slug: str) -> HttpResponse:
    """A newer key signs from now on."""
    issuer = get_object_or_404(rules.key_issuers(request.user), slug=slug)
    try:
        workflow.rotate_key(issuer, request.POST.get("algorithm", ""), cast(User, request.user))
    except GuardError as error:
        return render(request, "409.html", {"message": error.message}, status=400)
    messages.success(request, _("A new key signs from now on. What the old one signed stays valid."))
    return redirect("keys")
