"""`/` and `/my/`: the only pages that look into many rooms."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What this is, and the way in."""
    return render(request, "microcreds/home.html")


@require_safe
@login_required
def my(request: HttpRequest) -> HttpResponse:
    """What do I do next?"""
    return render(request, "microcreds/my.html")
