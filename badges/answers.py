"""How documents leave this room: media types, caching, CORS; and the one answer to all that is not shown."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.templatetags.static import static
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from badges.models import Award
from badges.openbadges.reading import write_json

# What a program may ask a badge's address for.
MACHINE_TYPES = (
    "application/vc+ld+json",
    "application/ld+json",
    "application/vc",
    "application/vc+jwt",
    "application/json",
)
FRESH = "public, no-cache"
HOUR = "public, max-age=3600"
MINUTES = "public, max-age=300"
OWN = "private, no-store"
PASSING = "no-store"  # kept nowhere, and open to other sites' scripts all the same
OWN_FRESH = "private, no-cache"  # a browser asks each time whether it may still show it


def machine_type(request: HttpRequest) -> str | None:
    """The JSON media type a client prefers to HTML, if it does."""
    accept = request.META.get("HTTP_ACCEPT", "")
    if "json" not in accept and "vc" not in accept:
        return None
    preferred = request.get_preferred_type(["text/html", *MACHINE_TYPES])
    return preferred if preferred in MACHINE_TYPES else None


def key_of(*parts: object) -> str:
    """A cache key for what depends on these things, the reader's language and this release's files."""
    material = "\0".join(map(str, [*parts, get_language(), static("css/app.css")]))
    return f"badges:{hashlib.sha256(material.encode()).hexdigest()}"


def send(
    request: HttpRequest,
    content: bytes,
    content_type: str,
    *,
    caching: str,
    filename: str = "",
    status: int = 200,
) -> HttpResponseBase:
    """A document with its ETag; open to other sites' scripts unless it is somebody's own."""
    response = HttpResponse(content, content_type=content_type, status=status)
    response["Cache-Control"] = caching
    response["ETag"] = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    if caching.startswith("public") or caching == PASSING:
        open_to_all(response)
    if filename:
        response["Content-Disposition"] = f'attachment; filename="{filename}"'
    if status != 200:
        return response
    return get_conditional_response(request, etag=response["ETag"], response=response) or response


def send_json(
    request: HttpRequest, document: dict[str, Any], content_type: str, **kwargs: Any
) -> HttpResponseBase:
    """A signed or JSON-LD document, byte for byte as it is baked."""
    return send(request, write_json(document).encode(), content_type, **kwargs)


def open_to_all(response: HttpResponse) -> None:
    """Any site's script may read it: verifiers run in browsers too."""
    response["Access-Control-Allow-Origin"] = "*"


def for_programs(
    *methods: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """For a document that other sites' scripts ask for: answers the question that browsers ask before."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if request.method != "OPTIONS":
                return view(request, *args, **kwargs)
            response = HttpResponse(status=204)
            open_to_all(response)
            response["Access-Control-Allow-Methods"] = ", ".join(["OPTIONS", *(methods or ("GET", "HEAD"))])
            response["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
            response["Access-Control-Max-Age"] = "86400"
            return response

        return answer

    return decorate


def caching_of(award: Award) -> str:
    """What the earner shows may be asked for again and again; what is private is kept nowhere."""
    return OWN if award.visibility == Award.Visibility.PRIVATE else FRESH


def caching_of_picture(award: Award) -> str:
    """Asked for anew each time: what its holder hides again is gone from other sites and from this browser at once."""
    return OWN_FRESH if award.visibility == Award.Visibility.PRIVATE else FRESH


def keep_from_searches(response: HttpResponseBase, award: Award) -> None:
    """Only what its holder made public may be found by strangers."""
    if award.visibility != Award.Visibility.PUBLIC:
        response["X-Robots-Tag"] = "noindex"


def not_shared(request: HttpRequest) -> HttpResponse:
    """The one answer for a private badge and for an address that never was: the same bytes."""
    if machine_type(request):
        body = write_json(
            {
                "type": "about:blank",
                "title": "Not Found",
                "status": 404,
                "detail": _("The holder has not shared this."),
            }
        )
        response = HttpResponse(body, status=404, content_type="application/problem+json")
        open_to_all(response)
    else:
        response = render(request, "badges/not_shared.html", status=404)
    response["Cache-Control"] = OWN
    response["X-Robots-Tag"] = "noindex"
    patch_vary_headers(response, ["Accept"])
    return response
