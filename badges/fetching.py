"""What a check may ask: our own documents from the database, everybody else's over https, little and for a short time.

The guard of captured links decides where a fetch may go: a host is looked up once, every address must be public, and
the connection goes to the address that was checked. Answers are remembered for a few minutes, so that checking many
badges of one issuer asks it once.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from io import BytesIO
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404
from django.http.response import HttpResponseBase
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _

from badges.openbadges.fetched import Answer, Fetch, Unreachable
from submissions.capture import Limits, NotCaptured, Reach
from submissions.capture.fetching import read

MOST = 12  # addresses a check may ask
LIMITS = Limits(size=1_000_000, seconds=6.0, stall=4.0, resolve=3.0, redirects=3)
PICTURES = Limits(size=5 * 1024**2, seconds=6.0, stall=4.0, resolve=3.0, redirects=3)
PUBLIC = Reach()
MEMORY = 300
ACCEPT = (
    "application/vc+ld+json, application/ld+json;q=0.9, application/did+ld+json;q=0.9, application/json;q=0.8, "
    "application/jwt;q=0.7, image/png;q=0.5, image/svg+xml;q=0.5, */*;q=0.1"
)
# The views of ours that answer a check: documents that are open to everybody, and nothing else.
OWN_ROUTES = frozenset(
    {
        *("did", "issuer-did", "platform-key", "issuer-key", "jwks", "issuer-jwks", "status", "achievement"),
        *("badge", "badge-id", "badge-download", "badge-seal", "link-file"),
        *("ob2-assertion", "ob2-badge", "ob2-granted", "ob2-certificate", "ob2-issuer"),
    }
)


@dataclass
class Fetcher:
    """Answers one check's questions, and counts them. `first` is what the person asked for by its address."""

    first: str
    ours: Fetch
    asked: set[str] = field(default_factory=set)
    end: float = field(default_factory=lambda: time.monotonic() + 9.0)

    def __call__(self, url: str) -> Answer:
        if is_own(url):
            return self.ours(url)
        self.asked.add(url)
        if len(self.asked) > MOST or time.monotonic() > self.end:
            raise Unreachable(_("The badge asks for more than is fetched for one check."))
        key = f"badges:fetched:{hashlib.sha256(url.encode()).hexdigest()}"
        remembered: Answer | None = cache.get(key)
        if remembered is None:
            remembered = elsewhere(url, PICTURES if url == self.first else LIMITS)
            cache.set(key, remembered, MEMORY)
        return remembered


def elsewhere(url: str, limits: Limits) -> Answer:
    """One guarded GET; a refusal in words that name the address."""
    try:
        got = read(url, limits, PUBLIC, accept=ACCEPT)
    except NotCaptured as refused:
        words = _("%(address)s could not be read: %(why)s")
        raise Unreachable(words % {"address": url[:200], "why": _why(refused)}) from refused
    return Answer(got.status, got.content, got.content_type, got.url)


def _why(refused: NotCaptured) -> str:
    """Our own words for the guard's codes: its words are for people who hand in links."""
    reasons = {
        "private": _("it lies inside a private network"),
        "unknown-host": _("there is no such site"),
        "too-large": _("what lies there is larger than 1 MB"),
        "too-slow": _("the site takes too long to answer"),
        "certificate": _("the site cannot prove who it is"),
        "redirects": _("it leads on and on and never arrives"),
        "address": _("it is no address that is opened here (https only)"),
    }
    return reasons.get(refused.code.value, _("the site does not answer"))


# --- our own ------------------------------------------------------------------------------------------------


def is_own(url: str) -> bool:
    """Whether an address is one of this installation's."""
    try:
        parts, ours = urlsplit(url), urlsplit(settings.BASE_URL)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and parts.netloc.lower() == ours.netloc.lower()


def own(url: str) -> Answer:
    """What our own address answers to somebody without an account: the view is called, nothing goes over the wire."""
    path = urlsplit(url).path.removeprefix(urlsplit(settings.BASE_URL).path)
    try:
        found = resolve(path)
        if found.url_name not in OWN_ROUTES:
            raise Unreachable(_("%(address)s is no badge's address.") % {"address": url[:200]})
        response = found.func(_request(url, path), *found.args, **found.kwargs)
    except (Resolver404, Http404, PermissionDenied):
        return Answer(404, b"", url=url)
    return Answer(response.status_code, _content(response), response.get("Content-Type", ""), url)


def _content(response: HttpResponseBase) -> bytes:
    if response.streaming:
        body: Callable[[], bytes] = response.getvalue
        return body()[: PICTURES.size + 1]
    return bytes(getattr(response, "content", b""))


def _request(url: str, path: str) -> WSGIRequest:
    parts = urlsplit(settings.BASE_URL)
    request = WSGIRequest(
        {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": unquote(path),
            "QUERY_STRING": urlsplit(url).query,
            "SERVER_NAME": parts.hostname or "localhost",
            "SERVER_PORT": str(parts.port or (443 if parts.scheme == "https" else 80)),
            "HTTP_HOST": parts.netloc,
            "HTTP_ACCEPT": "application/vc+ld+json, application/json;q=0.9",
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": parts.scheme,
        }
    )
    request.user = AnonymousUser()
    return request
