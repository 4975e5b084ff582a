"""Notes, cited places, the comment bank and what is never lost, in a real browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from review import workflow
from review.models import Assignment, CommentUse, Note, Score
from submissions.models import Outcome
from tests.browser import Server, enter
from tests.people import People, cast
from tests.review.test_browser import recorded
from tests.review.work import claimed

pytestmark = pytest.mark.django_db(transaction=True)
NewPage = Callable[..., Page]
SELECT = """([key, words]) => {
  const text = document.querySelector(`[data-passage="${key}"]`);
  const node = document.createTreeWalker(text, NodeFilter.SHOW_TEXT).nextNode();
  const at = node.data.indexOf(words);
  getSelection().setBaseAndExtent(node, at, node, at + words.length);
  text.dispatchEvent(new MouseEvent("mouseup", { bubbles: true }));
}"""


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def opened(page: Page, server: Server, people: People, assignment: Assignment) -> Page:
    """The desk, ready for keys."""
    address = f"{server.url}/review/{assignment.pk}/"
    enter(page, server, people.assessor).goto(address, wait_until="commit")
    expect(page.locator(".crit.is-current")).to_have_count(1, timeout=20_000)
    expect(page.locator("[data-noting][data-banking]")).to_have_count(1, timeout=20_000)
    return page


def saved(page: Page, act: Callable[[], Any], method: str = "PATCH") -> None:
    """Do something and wait until the server has it."""
    with page.expect_response(lambda answer: answer.request.method == method and answer.ok):
        act()


def add(page: Page, words: str) -> None:
    """Write into the open form and add."""
    page.keyboard.type(words)
    saved(page, lambda: page.locator("[data-note-add]:visible").click(), "POST")
    expect(page.locator("[data-note] textarea:visible", has_text=words)).to_have_count(1)


def blur(page: Page) -> None:
    page.evaluate("document.activeElement.blur()")


def put_notes(page: Page) -> None:
    """One on a time, one on a region, one on a passage."""
    film = page.locator("[data-player]")
    page.locator(".tabs a").nth(1).click()
    expect(film.locator("[data-all]")).to_have_text("00:04")
    page.evaluate("document.querySelector('[data-player]').player.go(2.5)")
    blur(page)
    page.keyboard.press("n")
    expect(page.locator("[data-part=start]:visible")).to_have_value("00:02")
    add(page, "Nine seconds of silence.")
    expect(film.locator("[data-pins] button")).to_have_count(1)
    page.locator(".tabs a").nth(2).click()
    page.locator("summary", has_text="Add a note here").locator("visible=true").click()
    page.locator("[data-surface]:visible").first.scroll_into_view_if_needed()
    box = page.locator("[data-surface]:visible").first.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 0.6 * box["width"], box["y"] + 80, steps=4)
    page.mouse.up()
    add(page, "The timing.")
    expect(page.locator("button.note-box")).to_have_count(1)
    page.locator(".tabs a").first.click()
    page.evaluate(SELECT, ["context", "curious children"])
    blur(page)
    page.keyboard.press("n")
    expect(page.locator("[data-part=quote]:visible")).to_have_value("curious children")
    add(page, "Who they are.")


def score_with_them(page: Page) -> None:
    """Cite, choose a level below, and say what was seen with the bank's help."""
    blur(page)
    page.keyboard.press("j")
    saved(page, lambda: page.keyboard.press("c"))
    expect(page.locator("[data-cites=plan] a")).to_have_text("“curious children”")
    saved(page, lambda: page.keyboard.press("1"))
    page.keyboard.press("f")
    page.keyboard.type("Seen. ")
    page.keyboard.press("/")
    expect(page.locator(".bank [role=option]")).to_have_text("Count who speaks, and for how long.")
    assert not [
        row for row in Axe().run(page).response["violations"] if row["impact"] in {"serious", "critical"}
    ]
    saved(page, lambda: page.keyboard.press("Enter"))
    expect(page.locator("#feedback-plan")).to_have_value("Seen. Count who speaks, and for how long.")


def test_from_notes_to_cited_places(page: Page, server: Server, people: People) -> None:
    assignment = recorded(people)
    workflow.keep_comment(people.assessor, people.northfield.pk, "Count who speaks, and for how long.")
    opened(page, server, people, assignment)
    put_notes(page)
    kinds = {note.kind: note.place for note in Note.objects.all()}
    assert (kinds["time"]["start"], kinds["passage"]["quote"]) == (2.5, "curious children")
    assert abs(kinds["region"]["width"] - 0.4) < 0.02
    score_with_them(page)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Name one next step for “")).to_have_count(2)
    expect(page.get_by_text("Say where you saw it")).to_have_count(0)
    expect(page.locator("#level-context")).to_be_focused()
    expect(page.locator("[data-noting][data-banking]")).to_have_count(1, timeout=20_000)
    for name, words in (("next-plan", "Film it."), ("strength", "Calm."), ("next_step", "Film.")):
        page.locator(f"#{name}").fill(words)
    for key in ("context", "growth"):
        page.locator(f"[data-criterion={key}] details").evaluate("fold => (fold.open = true)")
        page.locator(f"[name=level-{key}][value='2']").check()
    page.keyboard.press("Control+Enter")
    page.get_by_role("button", name="Send the decision").click()
    page.wait_for_url("**/review/")
    outcome = Outcome.objects.get(criterion__key="plan")
    assert (outcome.next_step, [place["kind"] for place in outcome.places]) == ("Film it.", ["passage"])
    assert CommentUse.objects.count() == 1


def test_what_the_line_takes_away_comes_back(page: Page, server: Server, people: People) -> None:
    """Offline, the tab killed mid-sentence, signed out: levels, places, next steps and notes are all there afterwards."""
    assignment = claimed(people)
    opened(page, server, people, assignment)
    page.context.set_offline(True)
    page.locator("[data-criterion=context] [data-levels] input").first.check()
    page.locator("#where-context").fill("In the second")
    page.locator("#next-context").fill("Name the")
    page.evaluate(SELECT, ["context", "seventh graders"])
    blur(page)
    page.keyboard.press("n")
    page.keyboard.type("Kept here.")
    page.locator("[data-note-add]:visible").click()
    blur(page)
    page.keyboard.press("n")
    page.keyboard.type("Half a sen")
    page.close()
    page = page.context.new_page()
    page.context.set_offline(False)
    opened(page, server, people, assignment)
    expect(page.locator("[data-note] textarea")).to_have_value("Kept here.")
    expect(page.locator("[data-part=text]:visible")).to_have_value("Half a sen")
    expect(page.locator("#where-context")).to_have_value("In the second")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
    score = Score.objects.get(criterion__key="context")
    assert (score.level, score.where, score.next_step) == (1, "In the second", "Name the")
    page.context.clear_cookies()
    page.locator("[data-note] textarea").fill("Kept here, and signed out.")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "expired")
    again = enter(page.context.new_page(), server, people.assessor)
    again.goto(f"{server.url}/review/{assignment.pk}/")
    again.close()
    page.evaluate("dispatchEvent(new Event('focus'))")  # a real one may have come before
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
    assert Note.objects.get().text == "Kept here, and signed out."
    other = claimed(people, earner=people.educator2)
    opened(page, server, people, other)
    assert [page.locator(f"#{name}").input_value() for name in ("where-context", "strength")] == ["", ""]
    expect(page.locator("[data-note]")).to_have_count(0)
    expect(page.locator("[data-note-new][open]")).to_have_count(0)


def test_notes_on_a_phone(new_page: NewPage, server: Server, people: People) -> None:
    assignment = recorded(people)
    page = opened(
        new_page(viewport={"width": 390, "height": 844}, color_scheme="dark"), server, people, assignment
    )
    page.locator(".tabs a").nth(1).click()
    page.locator("summary:visible", has_text="Add a note here").click()
    add(page, "On the way home.")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
