"""The first view of public pages, literally: its bytes, its hosts, and nothing that blocks it."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from microcreds.demo import catalogue
from tests.browser import Server

FIRST_VIEW = 100_000


@pytest.mark.django_db(transaction=True)
def test_the_first_view_is_small_and_asks_nobody_else(server: Server, new_page: Callable[..., Page]) -> None:
    catalogue.load()
    for path in ("/", "/explore/", "/micro-credentials/seeking-well-being/"):
        first_view(server, new_page(), path)


def first_view(server: Server, page: Page, path: str) -> None:
    """A newcomer's: nothing of it is on her machine yet."""
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(server.url + path, wait_until="networkidle")
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(server.url).netloc}, path
    assert {answer.status for answer in answers} == {200}, path
    html, *rest = [answer.body() for answer in answers]
    # Pages are sent as they are; static files compressed, here by the weaker of the two ways.
    assert len(html) + sum(len(gzip.compress(body)) for body in rest) <= FIRST_VIEW, path
    blocking = "performance.getEntriesByType('resource').filter(one => one.initiatorType === 'script' && one.renderBlockingStatus === 'blocking').map(one => one.name)"
    assert page.evaluate(blocking) == [], path
