"""Turns a refused verb into a page with words instead of a server error."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from journal.workflow import TransitionError


class ProblemMiddleware:
    """A `TransitionError` that no view answered becomes the 409 page; guards' words become a 400."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TransitionError):
            return None
        status = 400 if exception.code == "guard" else 409
        return render(request, f"{status}.html", {"detail": exception.message}, status=status)
