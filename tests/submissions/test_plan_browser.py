"""Planning, rating and printing as a person does it: by keyboard, on a phone, and without script."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.utils import timezone
from playwright.sync_api import Page, expect

from submissions import workflow
from submissions.models import Enrolment, Milestone, Submission
from tests import factories
from tests.browser import Server, enter
from tests.submissions.stories import FULL, decided

pytestmark = pytest.mark.django_db(transaction=True)
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


def clean(page: Page) -> None:
    """Nothing that keeps somebody out, nothing wider than the screen."""
    found = [one["id"] for one in Axe().run(page).response["violations"]]
    assert (found, page.evaluate(FITS)) == ([], True)


def test_a_plan_is_made_moved_and_followed_on_a_phone_without_script(
    new_page: Callable[..., Page], server: Server, draft: Submission
) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False, has_touch=True)
    enter(page, server, draft.enrolment.earner)
    page.goto(f"{server.url}/my/")
    page.get_by_role("link", name="Choose a day to aim for").click()
    today = timezone.localdate()
    page.get_by_label("Your target date").fill((today + timedelta(days=20)).isoformat())
    page.get_by_role("button", name="Lay out my plan").click()
    expect(page.get_by_label("Evidence together")).to_have_value((today + timedelta(days=14)).isoformat())
    page.get_by_label("Evidence together").fill((today + timedelta(days=1)).isoformat())
    page.get_by_role("button", name="Save these days").click()
    expect(page.locator("#id_part-2_error")).to_contain_text("“Part 1 written” comes first")
    page.get_by_label("Evidence together").fill((today + timedelta(days=8)).isoformat())
    page.get_by_role("button", name="Save these days").click()
    expect(page.get_by_text("Moved by you.")).to_be_visible()
    page.get_by_label("Two days before each milestone").check()
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("button", name="Stop these reminders").click()
    assert (Enrolment.objects.get().reminders, Milestone.objects.get(key="part-2").moved) == ("none", True)
    with page.expect_download() as waiting:
        page.get_by_role("link", name="Put it in my calendar").click()
    assert waiting.value.suggested_filename == f"{draft.enrolment.micro_credential.slug}.ics"


def test_plan_rating_and_paper_keep_nobody_out(page: Page, server: Server, draft: Submission) -> None:
    person = draft.enrolment.earner
    workflow.set_target(draft.enrolment, person, timezone.localdate() + timedelta(days=20))
    enter(page, server, person)
    rating, paper = f"/submissions/{draft.pk}/self-rating/", f"/submissions/{draft.pk}/print/"
    for path in (f"/enrolments/{draft.enrolment_id}/plan/", rating, paper):
        for width in (1280, 390):
            page.set_viewport_size({"width": width, "height": 844})
            page.goto(server.url + path)
            clean(page)
    page.emulate_media(media="print")
    expect(page.get_by_role("banner")).to_be_hidden()
    expect(page.get_by_role("link", name="Back to the page")).to_be_hidden()
    assert page.pdf(format="Letter").startswith(b"%PDF")


def test_the_lists_of_what_is_missing_follow_what_is_saved_and_stay_open(
    page: Page, server: Server, draft: Submission
) -> None:
    enter(page, server, draft.enrolment.earner)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    page.get_by_text("One thing missing in Part 2").click()
    page.get_by_label("Who are your students?").fill(FULL["context"])
    expect(page.locator("#missing-1")).to_contain_text("Part 1 has all it needs")
    page.locator("#missing-2").get_by_role("link", name="Lesson plan").click()
    assert page.url.endswith("#requirement-plan")


def test_she_rates_herself_by_keyboard_and_sees_both_after_the_decision(
    page: Page, server: Server, draft: Submission
) -> None:
    person = draft.enrolment.earner
    enter(page, server, person)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    page.get_by_role("link", name="Rate yourself first").click()
    page.get_by_role("group", name="Plan").get_by_label("No rating").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    page.get_by_role("button", name="Keep my rating").press("Enter")
    expect(page.get_by_text("Kept, for your eyes only.")).to_be_visible()
    draft.refresh_from_db()
    assert draft.self_rating == {"plan": 3}
    decided(person, draft.enrolment.micro_credential, below="plan")
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    levels = page.locator("#beside .beside-levels > li")
    assert [" ".join(words.split()) for words in levels.all_inner_texts()] == [
        "Developing", "Basic Your assessor", "Proficient (Passing level) You",
    ]  # fmt: skip
    clean(page)
