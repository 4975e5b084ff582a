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
    """How far one is with a stack; its page loads this region."""
    stack = get_object_or_404(groups.stacks(), slug=slug)
    progress = queries.progress(stack, cast(User, request.user))
    return render(request, "badges/stack_progress.html", {"stack": stack, "progress": progress})
