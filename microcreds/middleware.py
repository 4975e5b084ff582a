"""What surrounds every request: the person's time zone, and words instead of a server error."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils import timezone

from catalog.remembering import known
from journal.workflow import TransitionError

Unchanged = Callable[..., HttpResponseBase | None]


class BodyLimitMiddleware:
    """A form that takes no files gets no large body: it is refused before the CSRF check begins to read it.

    Views that take files say in `takes_files` how many bytes at most, or that they measure for themselves, as the API does.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        length = request.META.get("CONTENT_LENGTH") or "0"
        files: int | bool = getattr(view, "takes_files", False)
        most = max(settings.DATA_UPLOAD_MAX_MEMORY_SIZE, files)
        if files is True or hasattr(view, "cls") or not length.isdecimal() or int(length) <= most:
            return None
        return render(request, "413.html", {"most": most if files else 0}, status=413)


class AddressMiddleware:
    """An address with a character that nothing stored can have (NUL) leads nowhere: no view asks the database for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        if "\0" in request.path_info:
            raise Http404


class UnchangedMiddleware:
    """A visitor who asks again for a page she kept is told so before sessions, tokens and messages are made ready.

    Views whose page is remembered tell it in `unchanged`: a function of what the view is given, which gives 304 or None.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self._kept(request) or self.get_response(request)

    def _kept(self, request: HttpRequest) -> HttpResponseBase | None:
        if (
            request.method not in {"GET", "HEAD"}
            or "HTTP_IF_NONE_MATCH" not in request.META
            or known(request)
        ):
            return None
        try:
            found = resolve(request.path_info)
        except Resolver404:
            return None
        unchanged: Unchanged | None = getattr(found.func, "unchanged", None)
        if unchanged is None or "\0" in request.path_info:
            return None
        request.get_host()
        return unchanged(request, *found.args, **found.kwargs)


class TimeZoneMiddleware:
    """Shows dates and deadlines in the time zone of whoever is signed in, in UTC to all others."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = getattr(request.user, "time_zone", None) if SESSION_KEY in request.session else None
        with timezone.override(ZoneInfo(zone) if zone else None):
            return self.get_response(request)


class ProblemMiddleware:
    """A `TransitionError` that no view answered becomes the 409 page; guards' words become a 400."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, TransitionError):
            return None
        status = {"guard": 400, "forbidden": 403}.get(exception.code, 409)
        return render(request, f"{status}.html", {"detail": exception.message}, status=status)
