"""The educator's way without a mouse: from the explorer to a submission, by Tab, Enter, Space and typing.

The assessor's desk by its keys is held by tests/review/test_browser.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from microcreds.demo import evidence
from submissions import workflow
from submissions.models import Artifact, Submission
from tests import factories
from tests.browser import Server, enter
from tests.people import People, cast
from tests.submissions.stories import FULL

pytestmark = pytest.mark.django_db(transaction=True)
TITLE = "Productive Classroom Discourse"
HERE = "one => one === document.activeElement"
RING = "one => getComputedStyle(one).outlineStyle !== 'none' || getComputedStyle(one.closest('.card')).outlineStyle !== 'none'"


@pytest.fixture
def people(transactional_db: None) -> People:
    people = cast()
    factories.published(people.northfield, title=TITLE, slug="productive-classroom-discourse")
    return people


def reach(page: Page, target: Locator, step: str = "Tab") -> None:
    """Tab until it has the focus, and see that it shows."""
    for _number in range(60):
        page.keyboard.press(step)
        if target.evaluate(HERE):
            assert target.evaluate(RING)
            return
    pytest.fail(f"{step} does not reach {target}")


def press(page: Page, target: Locator, key: str = "Enter", step: str = "Tab") -> None:
    reach(page, target, step)
    page.keyboard.press(key)


def enrol(page: Page) -> None:
    """Past the navigation, search, open, enrol."""
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("Search micro-credentials"))
    page.keyboard.type("discourse")
    page.keyboard.press("Enter")
    page.wait_for_url("**/explore/?q=discourse**")
    press(page, page.get_by_role("link", name=TITLE))
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    press(page, page.get_by_role("button", name="Enrol").first)
    expect(page.get_by_role("heading", name="Overview questions")).to_be_visible()


def write(page: Page, plan: Path) -> None:
    """Answer, choose a file, and say who is in it."""
    reach(page, page.get_by_label("Who are your students?"))
    page.keyboard.type(FULL["context"])
    reach(page, page.locator("#id_file-plan"))
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(plan)
    held = page.locator("#held-plan .artifact")
    expect(held).to_contain_text(plan.name)
    workflow.check(Artifact.objects.get())
    expect(held.locator("[data-standing]")).to_have_text("Ready")
    press(page, held.get_by_role("button", name="Nobody is recognisable"), step="Shift+Tab")
    expect(held.locator(".coverage-answer")).to_be_focused()
    reach(page, page.get_by_label("What changed?"))
    page.keyboard.type(FULL["growth"])


def test_from_the_explorer_to_a_submission(
    page: Page, server: Server, people: People, tmp_path: Path
) -> None:
    plan = tmp_path / "plan.pdf"
    plan.write_bytes(evidence.plan())
    enter(page, server, people.educator)
    # Playwright takes over the file dialog from the first listener on, but does not wait until it has.
    page.on("filechooser", lambda _chooser: None)
    page.goto(f"{server.url}/explore/")
    enrol(page)
    write(page, plan)
    press(page, page.get_by_label("I removed or covered"), "Space")
    press(page, page.locator("#submit").get_by_role("button", name="Submit for review"))
    expect(page.get_by_role("heading", name="Submitted. It waits for an assessor")).to_be_visible()
    assert Submission.objects.get().answers == FULL
