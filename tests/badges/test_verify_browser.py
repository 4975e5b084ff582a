"""Checking a badge on a phone, without JavaScript and without an account."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import segno
from playwright.sync_api import Page, expect

from badges import issuing
from badges.openbadges.reading import write_json
from tests import factories
from tests.browser import Server
from tests.people import cast

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


def test_a_hiring_principal_checks_a_badge_on_her_phone(
    server: Server, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    people = cast()
    award = factories.award(people, visibility="public")
    page = new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page.goto(f"{server.url}/verify/")
    text = page.get_by_label("Or its address, or its text")
    email = page.get_by_label("Check it is this person")
    check = page.get_by_role("button", name="Check it")
    verdict = page.locator("#verdict-h")

    email.fill("not an address")
    text.fill("{half a badge")
    check.click()
    expect(page.get_by_text("Enter a valid email address.").first).to_be_visible()
    expect(text).to_have_value("{half a badge")
    expect(email).to_have_value("not an address")

    text.fill(write_json(award.credential))
    email.fill("somebody.else@example.org")
    check.click()
    expect(verdict).to_contain_text("This badge was issued to another e-mail address")
    expect(text).to_have_value(write_json(award.credential))
    email.fill(people.educator.email.upper())
    check.click()
    expect(verdict).to_contain_text("This badge is valid, and this person’s")

    (tmp_path / "badge.png").write_bytes(page.request.get(f"{server.url}/badges/{award.pk}.png").body())
    page.get_by_label("Badge file or picture").set_input_files(tmp_path / "badge.png")
    check.click()
    expect(verdict).to_contain_text("This badge is valid")
    expect(page.get_by_role("link", name=award.title)).to_be_visible()

    segno.make(issuing.badge_id(award.pk)).save(str(tmp_path / "photo.png"), scale=6)
    page.get_by_label("Badge file or picture").set_input_files(tmp_path / "photo.png")
    check.click()
    expect(verdict).to_contain_text("This badge is valid")
    assert page.evaluate(FITS)
