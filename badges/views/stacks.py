"""How far one is with a stack."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import User
from badges import queries
from catalog.queries import groups


@require_safe
@login_required
def stack_progress(request: HttpRequest, slug: str) -> HttpResponse:
    """How far one is with a stack, and what from elsewhere may count; its page loads this region."""
    stack = get_object_or_404(groups.stacks(), slug=slug)
    user = cast(User, request.user)
    progress = queries.progress(stack, user)
    open_parts = any(not member.earned for member in progress.members)
    context = {
        "stack": stack,
        "progress": progress,
        "certificate": queries.certificate_of(user, stack),
        "externals": list(queries.externals_to_count(user)) if open_parts else [],
    }
    return render(request, "badges/stack_progress.html", context)
