"""Granting a badge to a list of people on a phone, from the file to the answers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from badges import workflow
from badges.models import Award, Batch
from tests import factories
from tests.browser import Server, enter
from tests.people import cast

FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
LIST = """email;name;awarded_on;narrative;reference
maya.rivera.of.the.long.address@district-with-a-long-name.example;Maya Rivera;2025-06-30;Led a study group for years.;HR-1
not an address;Nobody;30.6.2025;;HR-2
"""


def looks_well(page: Page) -> None:
    assert page.evaluate(FITS)
    assert Axe().run(page).response["violations"] == []


def test_a_list_becomes_badges_and_every_row_an_answer(
    server: Server, new_page: Callable[..., Page], tmp_path: Path
) -> None:
    people = cast()
    unit = factories.published(people.northfield, title="Questions that probe")
    (tmp_path / "people.csv").write_text(LIST, encoding="utf-8")
    page = enter(new_page(viewport={"width": 390, "height": 844}), server, people.approver)
    page.goto(f"{server.url}/badges/issued/")
    page.get_by_role("link", name="Grant badges to a list").click()
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_text("Choose the file.").first).to_be_visible()
    looks_well(page)
    page.get_by_label("Micro-credential").select_option(unit.slug)
    page.get_by_label("List of people").set_input_files(tmp_path / "people.csv")
    page.get_by_role("button", name="Check the list").click()
    expect(page.get_by_text("“not an address” is not an e-mail address.")).to_be_visible()
    expect(page.get_by_text("Write the day as 2025-06-30: year, month, day.")).to_be_visible()
    looks_well(page)
    page.get_by_role("button", name="Grant 1 badge").click()
    expect(page.get_by_text("1 of 2 rows are answered.")).to_be_visible()
    looks_well(page)
    workflow.advance_batch(Batch.objects.get().pk)
    expect(
        page.get_by_text("All 2 rows are answered")
    ).to_be_visible()  # without a touch: it looks again by itself
    looks_well(page)
    with page.expect_download() as download:
        page.get_by_role("link", name="Every row with its answer").click()
    answers = download.value.path().read_text(encoding="utf-8-sig").splitlines()
    assert answers[0] == "number,status,problem,badge,email,name,awarded_on,narrative,reference"
    assert answers[1].startswith(f"2,awarded,,http://127.0.0.1:8000/badges/{Award.objects.get().pk}/,maya")
