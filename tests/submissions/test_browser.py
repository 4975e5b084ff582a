"""A tired teacher at nine in the evening: typing, uploading, two tabs, no script, and files that open."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import FilePayload, Page, expect

from submissions import workflow
from submissions.models import Artifact, Submission
from tests import factories
from tests.browser import Server, enter
from tests.submissions import samples
from tests.submissions.stories import FULL, PDF, decided

pytestmark = pytest.mark.django_db(transaction=True)


def payload(name: str, kind: str, body: bytes) -> FilePayload:
    """A file as a person would choose it."""
    return {"name": name, "mimeType": kind, "buffer": body}


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


@pytest.fixture
def desk(page: Page, server: Server, draft: Submission) -> Page:
    enter(page, server, draft.enrolment.earner)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    return page


def test_words_and_files_are_saved_as_one_goes_and_the_list_shrinks(desk: Page, draft: Submission) -> None:
    expect(desk.locator("#missing")).to_contain_text("3 things are still missing")
    desk.get_by_label("Who are your students?").fill(FULL["context"])
    desk.get_by_label("What changed?").fill(FULL["growth"])
    expect(desk.locator("[data-autosave-state]")).to_contain_text("Saved at")
    expect(desk.locator("#missing")).to_contain_text("One thing is still missing")
    desk.set_input_files("#id_file-plan", files=payload("plan.pdf", "application/pdf", PDF))
    expect(desk.locator("#held-plan")).to_contain_text("plan.pdf")
    expect(desk.locator("#missing")).to_contain_text("still being checked")
    workflow.check(Artifact.objects.get())
    expect(desk.locator("#held-plan [data-standing]")).to_have_text("Ready")
    desk.get_by_role("button", name="Nobody is recognisable").click()
    expect(desk.locator("#missing")).to_contain_text("Everything is there")
    desk.get_by_label("I removed or covered").check()
    desk.locator("#submit").get_by_role("button", name="Submit for review").click()
    expect(desk.get_by_role("heading", name="Submitted. It waits for an assessor")).to_be_visible()
    draft.refresh_from_db()
    assert (draft.state, draft.answers) == ("submitted", FULL)


def test_two_tabs_keep_both_texts(desk: Page, draft: Submission) -> None:
    workflow.save(draft, draft.enrolment.earner, revision=0, answers={"context": "from the other tab"})
    desk.get_by_label("Who are your students?").fill("from this tab")
    box = desk.locator("[data-autosave-conflict]")
    expect(box).to_contain_text("from the other tab")
    box.get_by_role("button", name="Keep both").click()
    expect(desk.locator("[data-autosave-state]")).to_contain_text("Saved at")
    draft.refresh_from_db()
    assert draft.answers["context"] == "from the other tab\n\nfrom this tab"


def test_everything_works_without_script(
    new_page: Callable[..., Page], server: Server, draft: Submission
) -> None:
    page = new_page(java_script_enabled=False, viewport={"width": 390, "height": 800})
    enter(page, server, draft.enrolment.earner)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    page.get_by_label("Who are your students?").fill(FULL["context"])
    page.get_by_label("What changed?").fill(FULL["growth"])
    page.set_input_files("#id_file-plan", files=payload("plan.pdf", "application/pdf", PDF))
    page.locator("#evidence-plan").get_by_role("button", name="Upload").click()
    expect(page.locator("#held-plan")).to_contain_text("waits to be checked")
    workflow.check(Artifact.objects.get())
    page.get_by_role("link", name="Look again").click()
    expect(page.locator("#held-plan [data-standing]")).to_have_text("Ready")
    page.get_by_role("button", name="Nobody is recognisable").click()
    expect(page.locator("#held-plan .coverage-answer")).to_have_text("Nobody is recognisable.")
    page.get_by_label("I removed or covered").check()
    page.locator("#submit").get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("heading", name="Submitted. It waits for an assessor")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 390


@pytest.mark.parametrize("name", ["board.png", "talk.wav"])
def test_evidence_opens_in_the_browser(desk: Page, server: Server, draft: Submission, name: str) -> None:
    body, content_type = samples.GOOD[name]
    artifact = factories.kept(draft, body, content_type, name)
    response = desk.goto(f"{server.url}/artifacts/{artifact.pk}/file/")
    assert response is not None
    assert response.headers["content-type"] == content_type
    assert desk.locator("img, video").count() == 1


def serious(page: Page) -> list[str]:
    """What axe finds that keeps somebody out."""
    found = Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]
    return [one["id"] for one in found if one["impact"] in {"serious", "critical"}]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(new_page: Callable[..., Page], server: Server, scheme: str) -> None:
    person, unit = factories.user(), factories.published()
    first = decided(person, unit, below="plan")
    second = workflow.resubmit(first, person)
    page = new_page(color_scheme=scheme)
    enter(page, server, person)
    for row in (first, second):
        page.goto(f"{server.url}/submissions/{row.pk}/")
        assert serious(page) == []
    page.locator("#submit").get_by_role("button", name="Submit for review").click()
    expect(page.get_by_role("alert")).to_contain_text("your attention")
    assert serious(page) == []
    for path in (
        f"enrolments/{first.enrolment_id}/leave/",
        f"micro-credentials/{factories.published().slug}/enrol/",
    ):
        page.goto(f"{server.url}/{path}")
        assert serious(page) == []
