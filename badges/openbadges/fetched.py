"""What a check may ask the world for: one callable, so that it never matters where an answer comes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from badges.openbadges.reading import DocumentError, read_loose

GONE: Final = 410
MISSING: Final = 404


@dataclass(frozen=True)
class Answer:
    """What lies at an address."""

    status: int
    content: bytes
    content_type: str = ""
    url: str = ""


class Unreachable(Exception):
    """Nothing came from an address; the message is for people."""


Fetch = Callable[[str], Answer]


def nothing(url: str) -> Answer:
    """Ask nobody: what a check knows is then what the document says by itself."""
    raise Unreachable(_("Nothing was fetched from %(address)s.") % {"address": url[:200]})


def content_of(fetch: Fetch, url: str) -> bytes:
    """What lies at an address, or `Unreachable` in words."""
    answer = fetch(url)
    if answer.status != 200:
        words = _("%(address)s answers with an error (%(status)s).")
        raise Unreachable(words % {"address": url[:200], "status": answer.status})
    return answer.content


def at_home(answer: Answer, url: str) -> Answer:
    """An answer that comes from the site that was asked: a redirect elsewhere lets nobody speak for it."""
    if answer.url and _site(answer.url) != _site(url):
        words = _("%(address)s leads to another site, which cannot speak for it.")
        raise Unreachable(words % {"address": url[:200]})
    return answer


def _site(url: str) -> str:
    return urlsplit(url).netloc.lower().removeprefix("www.")


def spoken_by(fetch: Fetch, url: str) -> dict[str, Any]:
    """The JSON object in which somebody speaks about himself, such as about his keys."""
    return object_of(lambda address: at_home(fetch(address), address), url)


def object_of(fetch: Fetch, url: str) -> dict[str, Any]:
    """The JSON object at an address."""
    try:
        return read_loose(content_of(fetch, url))
    except DocumentError as error:
        words = _("What lies at %(address)s cannot be read: %(why)s")
        raise Unreachable(words % {"address": url[:200], "why": error}) from error
