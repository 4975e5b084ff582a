"""The behaviours that must not lose a word, in a real browser against a server that says what we tell it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.template.loader import render_to_string
from playwright.sync_api import Page, Route, expect

STATIC = Path(__file__).resolve().parents[2] / "static"
TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
SITE = "http://app.test"
Show = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def show(page: Page) -> Show:
    """Serve a body with our scripts; what the page sends to /save is collected, `answers` are given in turn."""

    def serve(
        body: str, answers: list[tuple[int, dict[str, Any]] | None] | None = None
    ) -> list[dict[str, Any]]:
        sent: list[dict[str, Any]] = []
        waiting = list(answers or [])
        script = '<script type="module" src="/static/js/app.js"></script>'
        html = f'<!doctype html><html lang="en"><title>t</title>{script}<main>{body}</main></html>'

        def files(route: Route) -> None:
            path = STATIC / route.request.url.removeprefix(f"{SITE}/static/")
            route.fulfill(body=path.read_bytes(), content_type=TYPES[path.suffix])

        def save(route: Route) -> None:
            data = route.request.post_data_buffer or b""
            is_json = "json" in (route.request.headers.get("content-type") or "")
            sent.append({"method": route.request.method, "body": json.loads(data) if is_json else data})
            answer = waiting.pop(0) if waiting else (200, {"revision": 9, "saved_at": "2026-11-22T09:00:00Z"})
            if answer is None:
                route.abort()
            else:
                route.fulfill(status=answer[0], json=answer[1])

        page.route(f"{SITE}/", lambda route: route.fulfill(body=html, content_type="text/html"))
        page.route(f"{SITE}/static/**", files)
        page.route(f"{SITE}/save**", save)
        page.goto(f"{SITE}/")
        page.wait_for_load_state("networkidle")
        return sent

    return serve


def form(text: str = "old", revision: int = 4) -> str:
    parts = render_to_string("components/_saved.html") + render_to_string("components/_conflict.html")
    return f"""<form data-autosave data-autosave-url="/save"><input type="hidden" name="revision" value="{revision}">
        <input type="hidden" name="csrfmiddlewaretoken" value="token"><label for="a">Answer</label>
        <textarea id="a" name="answer">{text}</textarea><input type="checkbox" name="agree" aria-label="agree">
        {parts}</form>"""


def test_only_what_changed_is_saved_soon_with_the_revision(page: Page, show: Show) -> None:
    sent = show(form())
    page.fill("#a", "new words")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved", timeout=2500)
    assert sent == [{"method": "PATCH", "body": {"revision": 4, "answer": "new words"}}]
    page.check("[name=agree]")
    page.wait_for_timeout(1500)
    assert sent[1]["body"] == {"revision": 9, "agree": True}


def test_words_outlive_a_broken_line_and_a_reload(page: Page, show: Show) -> None:
    sent = show(form(), [None, None, None])
    page.fill("#a", "typed in a tunnel")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "offline")
    page.reload()
    expect(page.locator("#a")).to_have_value("typed in a tunnel")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved", timeout=9000)
    assert sent[-1]["body"]["answer"] == "typed in a tunnel"


def test_a_conflict_shows_both_texts_and_can_keep_both(page: Page, show: Show) -> None:
    sent = show(form(), [(409, {"revision": 7, "current": {"answer": "theirs"}})])
    page.fill("#a", "mine")
    box = page.locator("[data-autosave-conflict]")
    expect(box).to_be_visible()
    expect(box.locator(".conflict-text")).to_have_text(["mine", "theirs"])
    box.get_by_role("button", name="Keep both").click()
    expect(page.locator("#a")).to_have_value("theirs\n\nmine")
    expect(box).to_be_hidden()
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
    assert sent[-1]["body"] == {"revision": 7, "answer": "theirs\n\nmine"}


def test_signed_out_keeps_the_words_on_the_page(page: Page, show: Show) -> None:
    show(form(), [(401, {"detail": "no"})])
    page.fill("#a", "still here")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "expired")
    expect(page.locator("#a")).to_have_value("still here")


def test_words_kept_here_never_overwrite_newer_words_of_the_server(page: Page, show: Show) -> None:
    show(form(), [None, None])
    page.fill("#a", "from this device")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "offline")
    page.unroute_all()
    newer = "newer, from another device"
    sent = show(form(newer, 6), [(409, {"revision": 6, "current": {"answer": newer}})])
    expect(page.locator(".conflict-text")).to_have_text(["from this device", newer])
    assert [one["body"]["revision"] for one in sent] == [4]


def desk() -> str:
    criterion = """<li data-criterion><details {0}><summary>{1}</summary><fieldset data-levels>
        <input type="radio" name="{1}" value="1" aria-label="{1}1"><input type="radio" name="{1}" value="2" aria-label="{1}2">
        </fieldset><textarea data-feedback aria-label="feedback {1}"></textarea></details></li>"""
    keys = '<dialog data-keys><form method="dialog"><input type="checkbox" data-keys-off aria-label="off"><button>Close</button></form></dialog>'
    return f"<ol data-desk>{criterion.format('open', 'A')}{criterion.format('', 'B')}</ol>{keys}"


def test_the_desk_is_played_by_keys_but_never_while_typing(page: Page, show: Show) -> None:
    show(desk())
    page.keyboard.press("2")
    expect(page.get_by_label("A2")).to_be_checked()
    page.keyboard.press("j")
    page.keyboard.press("1")
    expect(page.get_by_label("B1")).to_be_checked()
    page.keyboard.press("f")
    page.keyboard.type("2 students")
    expect(page.get_by_label("feedback B")).to_have_value("2 students")
    expect(page.get_by_label("B1")).to_be_checked()


def test_the_keys_of_the_desk_can_be_switched_off(page: Page, show: Show) -> None:
    show(desk())
    page.keyboard.press("?")
    page.get_by_label("off").check()
    page.get_by_role("button", name="Close").click()
    page.keyboard.press("1")
    expect(page.get_by_label("A1")).not_to_be_checked()
