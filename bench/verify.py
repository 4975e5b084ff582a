"""Checking badges: the whole check against canonicalising and one signature alone; the public page, and its 304."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from typing import Any
from wsgiref.util import setup_testing_defaults

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from pyld import jsonld

from badges import checking, confined, queries
from badges.models import Award
from badges.openbadges import proofs, verification
from badges.openbadges.contexts import document_loader
from badges.openbadges.controllers import Controllers
from badges.openbadges.reading import write_json
from bench.pages import BROWSER, EARNER, PUBLIC, Page, compare
from bench.table import Row
from bench.timing import interleaved
from microcreds.wsgi import application

DEFAULT_ROWS = 200
REPETITIONS = 40


def run(rows: int) -> Iterator[Row]:
    """A badge of the demonstration, among `rows` submissions of other people."""
    scale = {"educators": max(rows // 20, 1), "submissions": rows, "awards": rows // 2}
    call_command("generate", **scale, stdout=io.StringIO())
    shown = Award.objects.filter(earner__email=EARNER, visibility=Award.Visibility.PUBLIC)
    award = queries.for_page(shown).get()
    yield checked(award)
    yield behind_the_wall(award)
    with override_settings(ROOT_URLCONF="bench.urls"):
        path = reverse("badge", args=[award.pk])
        yield compare(Page("badge", "public badge", path, PUBLIC), REPETITIONS)
        yield unchanged(path)


def checked(award: Award) -> Row:
    """All steps, with its status list and keys from the database, against pyld alone on the same document."""
    document, fetch = award.credential, checking.own_documents()

    def ours() -> None:
        cache.clear()
        report = verification.verify(document, fetch=fetch, now=timezone.now())
        if not report.valid:
            raise ValueError([step.words for step in report.steps])

    with CaptureQueriesContext(connection) as context:
        ours()
    cost, floor = interleaved(ours, _pyld_alone(document), REPETITIONS)
    counts = f"{len(context)} queries, {len(write_json(document)):,} bytes, status list and seal included"
    return Row(
        "verify: a badge, every step", _rate(cost), f"{_rate(floor)} pyld", cost / floor, counts, "≤ 1.5×"
    )


def _pyld_alone(document: dict[str, Any]) -> Callable[[], None]:
    """What the proof costs at the least: document and options canonicalised by pyld, hashed, one signature checked."""
    signed = proofs.prepare(document)
    key = Controllers(checking.own_documents()).method(signed.method).ed25519
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    options = {**signed.options, "@context": document["@context"]}
    settings = {
        "algorithm": "URDNA2015",
        "format": "application/n-quads",
        "documentLoader": document_loader,
    }

    def alone() -> None:
        parts = [jsonld.normalize(part, settings) for part in (options, unsigned)]
        key.verify(signed.signature, b"".join(hashlib.sha256(part.encode()).digest() for part in parts))

    return alone


def behind_the_wall(award: Award) -> Row:
    """The same in a process of its own, as a stranger's badge is checked."""
    source, fetch = write_json(award.credential).encode(), checking.own_documents()

    def wall() -> None:
        if not confined.check(source, fetch=fetch, now=timezone.now()).valid:
            raise ValueError("not valid behind the wall")

    readings = sorted(_elapsed(wall) for _number in range(5))
    inside = sorted(
        _elapsed(lambda: verification.verify(award.credential, fetch=fetch, now=timezone.now()))
        for _number in range(5)
    )
    ratio = readings[2] / inside[2]
    counts = "a process with bounds for each; wall clock"
    return Row(
        "verify: a stranger's badge", _ms(readings[2]), f"{_ms(inside[2])} without", ratio, counts, "≤ 15 s"
    )


def unchanged(path: str) -> Row:
    """The public page asked for again with its ETag, against a bare view."""
    first = _headers(path)
    again, bare = _asking(path, {"HTTP_IF_NONE_MATCH": first.get("ETag", "")}), _asking("/bare/badge/", {})
    status = again()
    cost, floor = interleaved(again, bare, REPETITIONS)
    counts = f"answers {status}"
    return Row(
        "verify: public badge, unchanged",
        _ms(cost),
        f"{_ms(floor)} bare view",
        cost / floor,
        counts,
        "≤ 1.1×",
    )


def _headers(path: str) -> dict[str, str]:
    found: dict[str, str] = {}

    def start(
        status: str, headers: list[tuple[str, str]], error: object = None, /
    ) -> Callable[[bytes], object]:
        found.update(headers)
        return len

    _ask(path, {}, start)
    return found


def _asking(path: str, extra: dict[str, str]) -> Callable[[], str]:
    def ask() -> str:
        answered: list[str] = []

        def start(
            status: str, headers: list[tuple[str, str]], error: object = None, /
        ) -> Callable[[bytes], object]:
            answered.append(status)
            return len

        _ask(path, extra, start)
        return answered[0]

    return ask


def _ask(path: str, extra: dict[str, str], start: Any) -> None:
    environ: dict[str, Any] = {**BROWSER, "PATH_INFO": path, **extra}
    setup_testing_defaults(environ)
    response = application(environ, start)
    b"".join(response)
    response.close()


def _elapsed(call: Callable[[], object]) -> float:
    begun = timezone.now()
    call()
    return (timezone.now() - begun).total_seconds()


def _rate(seconds: float) -> str:
    return f"{1 / seconds:,.0f}/s"


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"
