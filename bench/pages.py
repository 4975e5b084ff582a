"""Worker CPU of whole pages, in process through the WSGI application, against a bare view of the same bytes."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from wsgiref.util import setup_testing_defaults

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from badges.models import Award
from bench.bare import PREPARED
from bench.table import Row
from bench.timing import interleaved
from microcreds.wsgi import application

DEFAULT_ROWS = 1000
REPETITIONS = 60
EARNER = "educator@demo.test"
PUBLIC, SIGNED_IN = "≤ 1.5×", "≤ 3×"
BROWSER = {
    "HTTP_ACCEPT": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "HTTP_ACCEPT_LANGUAGE": "en-US,en;q=0.9",
    "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
}


@dataclass(frozen=True)
class Page:
    """An address as somebody asks for it."""

    name: str
    what: str
    path: str
    target: str
    cookie: str = ""
    anew: bool = False


def run(rows: int) -> Iterator[Row]:
    """The pages of the demonstration, among `rows` submissions of other people."""
    scale = {"educators": max(rows // 20, 1), "submissions": rows, "awards": rows // 2}
    call_command("generate", **scale, stdout=io.StringIO())
    yield from compared(REPETITIONS)


def compared(repetitions: int) -> Iterator[Row]:
    """A row for each page."""
    with override_settings(ROOT_URLCONF="bench.urls"):
        for page in pages():
            yield compare(page, repetitions)


def pages() -> Iterator[Page]:
    """Public pages as a visitor without a cookie gets them, then the earner's."""
    award = Award.objects.select_related("micro_credential").get(
        earner__email=EARNER, visibility=Award.Visibility.PUBLIC
    )
    explorer, unit = reverse("explore"), reverse("micro-credential", args=[award.slug])
    cookie = _session(award.earner)
    yield Page("explorer", "explorer", explorer, PUBLIC)
    yield Page("unit", "micro-credential", unit, PUBLIC)
    yield Page("badge", "public badge", reverse("badge", args=[award.pk]), PUBLIC)
    yield Page("my", "my path, signed in", reverse("my"), SIGNED_IN, cookie)
    yield Page("explorer-in", "explorer, signed in", explorer, SIGNED_IN, cookie)
    yield Page("unit-in", "micro-credential, signed in", unit, SIGNED_IN, cookie)


def compare(page: Page, repetitions: int) -> Row:
    """One page and the bare view with its bytes, in turns."""
    ours = asking(page.path, page.cookie)
    ours()
    with CaptureQueriesContext(connection) as context:
        html = PREPARED[page.name] = ours()
    queries = len(context)
    bare = asking(f"/bare/{page.name}/")
    if len(bare()) != len(html):
        raise ValueError(f"{page.path} does not answer with the same number of bytes twice")
    cost, floor = interleaved(ours, bare, repetitions)
    counts = f"{queries} {'query' if queries == 1 else 'queries'}, {len(html):,} bytes"
    what = f"pages: {page.what}"
    return Row(what, _ms(cost), f"{_ms(floor)} bare view", cost / floor, counts, page.target)


def asking(path: str, cookie: str = "") -> Callable[[], bytes]:
    """A call that asks the program for `path` as granian does, and gives the body."""
    environ = {**BROWSER, "PATH_INFO": path} | ({"HTTP_COOKIE": cookie} if cookie else {})
    setup_testing_defaults(environ)

    def ask() -> bytes:
        response = application(dict(environ), _start)
        body = b"".join(response)
        response.close()
        return body

    return ask


def _start(status: str, headers: list[tuple[str, str]], error: object = None, /) -> Callable[[bytes], object]:
    if status != "200 OK":
        raise ValueError(f"a page answered {status}")
    return len


def _session(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"
