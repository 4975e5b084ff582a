"""Pages that are the same for every visitor, remembered until what they show changes.

Most requests come from people without a session, and rendering is most of what they cost. One short query reads a
stamp; a page made under the same stamp is given again, byte for byte.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.conf import settings
from django.core.cache import caches
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.safestring import SafeString
from django.utils.translation import get_language

T = TypeVar("T")
HOUR = 3600
STAND_IN = "the-token-of-whoever-reads-this"
TOKEN = re.compile(rb'(?<=name="csrfmiddlewaretoken" value=")\w+')
Page = tuple[str, list[bytes]]  # its ETag, and what stands between the tokens of its forms


def remembered(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponseBase]:
    """For a view whose page depends on nothing but the catalogue, the address and the language."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if known(request):
            return view(request, *args, **kwargs)
        return recalled(request, stamp_now(), lambda: view(request, *args, **kwargs))

    answer.unchanged = lambda request, *_, **__: unchanged(request, stamp_now())  # type: ignore[attr-defined]
    return answer


def known(request: HttpRequest) -> bool:
    """Whether the visitor has a session or a message waiting: her page may differ from everybody's."""
    return not request.COOKIES.keys().isdisjoint({settings.SESSION_COOKIE_NAME, "messages"})


def recalled(
    request: HttpRequest, stamp: str | None, make: Callable[[], HttpResponse], seconds: int = HOUR
) -> HttpResponseBase:
    """What `make` gave under this stamp before, else what it gives now. Without a stamp nothing is kept."""
    if stamp is None or settings.DEBUG:
        return make()
    key = _key(request, "page", stamp)
    page: Page | None = caches["pages"].get(key)
    if page is None:
        response = make()
        if response.status_code != 200:
            return response
        etag = f'"{hashlib.sha256(response.content).hexdigest()[:32]}"'
        page = etag, TOKEN.split(response.content)
        caches["pages"].set(key, page, seconds)
    return _send(request, *page)


def unchanged(request: HttpRequest, stamp: str | None) -> HttpResponseBase | None:
    """That the page she kept is the one made under this stamp; None where it is not, or has to be sent whole.

    A view whose page is remembered offers this as its attribute `unchanged`: `microcreds.middleware` asks it first.
    """
    if stamp is None or settings.DEBUG:
        return None
    page: Page | None = caches["pages"].get(_key(request, "page", stamp))
    answer = _send(request, *page) if page else None
    return answer if answer and answer.status_code == 304 else None


def kept(request: HttpRequest, make: Callable[[], T]) -> T:
    """The part of a page that is the same for everybody, for the pages of those we know.

    `make` must not look at the person: what it gives to one is shown to all.
    """
    stamp = stamp_now()
    if stamp is None or settings.DEBUG:
        return make()
    key = _key(request, "part", stamp)
    part: T | None = caches["pages"].get(key)
    if part is None:
        with timezone.override(None):
            part = make()
        caches["pages"].set(key, part, HOUR)
    return part


def with_token(request: HttpRequest, html: str) -> SafeString:
    """A part made with `STAND_IN` for the token of its forms, with this person's own."""
    mark, value = 'name="csrfmiddlewaretoken" value="', get_token(request) if STAND_IN in html else ""
    return SafeString(html.replace(f"{mark}{STAND_IN}", f"{mark}{value}"))


def _key(request: HttpRequest, kind: str, stamp: str) -> str:
    material = "\0".join((kind, stamp, get_language() or "", request.get_full_path()))
    return hashlib.sha256(material.encode()).hexdigest()


def _send(request: HttpRequest, etag: str, parts: list[bytes]) -> HttpResponseBase:
    """The page with this visitor's token in its forms. One without forms need not be sent twice."""
    if len(parts) > 1:
        return HttpResponse(get_token(request).encode().join(parts))
    response = get_conditional_response(request, etag=etag) or HttpResponse(parts[0])
    for name, value in (("ETag", etag), ("Cache-Control", "private, no-cache"), ("Vary", "Cookie")):
        response.headers[name] = value
    return response


def stamp_now() -> str | None:
    """The last transaction that changed the catalogue; None within one, which may itself be changing it.

    Migration 0003 keeps it with triggers, so that the admin and the shell count as much as the verbs do.
    """
    if connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        cursor.execute("SELECT changed_by::text FROM catalog_stamp")
        row = cursor.fetchone()
    return str(row[0])
