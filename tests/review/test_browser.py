"""The desk in a real browser: two tabs, no script, a phone, and axe."""

from __future__ import annotations

import io
import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Page, Route, expect

from catalog.models import ArtifactRequirement
from microcreds.demo import evidence
from review import workflow
from review.models import Assignment
from submissions import vault
from submissions import workflow as submissions
from submissions.models import Content, Preview, Submission
from tests import factories
from tests.browser import Server, enter
from tests.people import People, cast
from tests.review.work import BELOW, claimed, fill, scored, submitted

pytestmark = pytest.mark.django_db(transaction=True)
NewPage = Callable[..., Page]


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def write(page: Page, text: str) -> None:
    """Type the strength and wait until the server has it."""
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        page.locator("#strength").fill(text)


def test_single_keys_can_be_switched_off(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/")
    page.get_by_role("button", name="Keys").click()
    page.get_by_label("Switch the single keys off").check()
    page.get_by_role("button", name="Close").click()
    page.reload()
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.keyboard.press("2")
    expect(page.locator("[data-levels] :checked")).to_have_count(0)


def slowly(route: Route) -> None:
    """A slow line."""
    time.sleep(0.7)
    route.continue_()


def test_typing_and_sending_at_once_is_no_conflict(page: Page, server: Server, people: People) -> None:
    """The form waits for the save under way; its revision is then the newest."""
    assignment = scored(claimed(people), BELOW)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/")
    page.route("**/api/v1/reviews/**", slowly)
    page.locator("#strength").fill("One thing I saw.")
    page.wait_for_timeout(1100)  # autosave is under way
    page.locator("#strength").press_sequentially(" And more.")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("One thing I saw. And more.")).to_be_visible()


def test_two_tabs(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/")
    write(page, "From the first tab.")
    page.reload()
    expect(page.locator("#strength")).to_be_enabled()
    second = page.context.new_page()
    second.goto(f"{server.url}/review/{assignment.pk}/")
    expect(second.locator("#strength")).to_be_disabled()
    second.get_by_role("button", name="Continue here").click()
    expect(second.locator("#strength")).to_have_value("From the first tab.")
    write(second, "From the second tab.")
    page.locator("#strength").fill("Late words in the first.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("in another tab")
    page.reload()
    page.get_by_role("button", name="Continue here").click()
    conflict = page.locator("[data-autosave-conflict]")
    expect(conflict).to_contain_text("Late words in the first.")
    expect(conflict).to_contain_text("From the second tab.")
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        conflict.get_by_role("button", name="Keep both").click()
    assert Assignment.objects.get().strength == "From the second tab.\n\nLate words in the first."


def test_words_typed_before_the_script_is_there_are_saved(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    page.route("**/js/autosave*.js", slowly)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/", wait_until="commit")
    write(page, "Typed at once.")
    assert Assignment.objects.get().strength == "Typed at once."


def test_coming_back_from_the_queue_goes_on_writing(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/")
    write(page, "Kept.")
    page.get_by_role("link", name="Queue").click()
    page.get_by_role("link", name="Continue").click()
    expect(page.locator("#strength")).to_be_enabled()
    expect(page.locator("#strength")).to_have_value("Kept.")


def test_everything_works_without_script(new_page: NewPage, server: Server, people: People) -> None:
    assignment = scored(claimed(people), BELOW)
    page = enter(new_page(java_script_enabled=False), server, people.assessor)
    page.goto(f"{server.url}/review/{assignment.pk}/")
    page.locator("summary", has_text="Plan").click()
    page.locator("[name=level-plan][value='3']").check()
    page.get_by_role("button", name="Save draft").click()
    expect(page.get_by_text("Draft saved.")).to_be_visible()
    expect(page.locator("[data-verdict]")).to_have_text("earned: every criterion passes.")
    page.get_by_role("button", name="Preview and send").click()
    page.get_by_role("button", name="Send the decision").click()
    assert Submission.objects.get().state == "earned"


def test_on_a_phone_it_is_one_column_with_two_tabs(new_page: NewPage, server: Server, people: People) -> None:
    assignment = scored(claimed(people), BELOW)
    page = enter(new_page(viewport={"width": 390, "height": 844}), server, people.assessor)
    page.goto(f"{server.url}/review/{assignment.pk}/")
    rubric = page.get_by_role("heading", name="Rubric")
    expect(rubric).to_be_hidden()
    page.get_by_role("link", name="Rubric").click()
    expect(rubric).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    expect(page.get_by_text("Twenty six seventh graders")).to_be_visible()
    for path in ("", "complete/", "../", "../completed/"):
        page.goto(f"{server.url}/review/{assignment.pk}/{path}")
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def recorded(people: People) -> Assignment:
    """A claim with a film, a document of two pages and a text to look at."""
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    ArtifactRequirement.objects.update(maximum=3)
    film = factories.kept(draft, evidence.film(), "video/mp4", "lesson.mp4")
    plan = factories.kept(draft, evidence.plan(), "application/pdf", "plan.pdf")
    Content.objects.filter(artifacts=film).update(facts={"duration": 4.0, "rate": 12.0})
    for artifact, kind in ((film, "captions"), (plan, "page_1"), (plan, "page_2")):
        assert artifact.content is not None
        body = (
            b"WEBVTT\n\n00:00.000 --> 00:04.000\nWhat makes you say so?" if kind == "captions" else page_of()
        )
        made = ("text/vtt", ".vtt") if kind == "captions" else ("image/webp", ".webp")
        vault.put(f"{artifact.content.file}-{kind}", io.BytesIO(body), artifact.content.wrapped)
        Preview.objects.create(
            content=artifact.content,
            kind=kind,
            file=f"{artifact.content.file}-{kind}",
            content_type=made[0],
            size=len(body),
        )
    return workflow.claim(submissions.submit(draft, people.educator, ["privacy"]), people.assessor)


def page_of() -> bytes:
    """A page as a picture."""
    buffer = io.BytesIO()
    Image.new("RGB", (600, 776), "white").save(buffer, "WEBP")
    return buffer.getvalue()


def test_evidence_is_watched_and_read_by_keyboard(page: Page, server: Server, people: People) -> None:
    assignment = recorded(people)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{assignment.pk}/")
    expect(page.locator(".crit.is-current")).to_have_count(1)
    line = page.get_by_role("separator")
    line.focus()
    for key, width in (("ArrowRight", "58"), ("Home", "30"), ("End", "70"), ("ArrowLeft", "68")):
        page.keyboard.press(key)
        expect(line).to_have_attribute("aria-valuenow", width)
    page.reload()
    expect(page.get_by_role("separator")).to_have_attribute("aria-valuenow", "68")
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.keyboard.press("e")
    page.keyboard.press("t")
    film = page.locator("[data-player]")
    expect(film.locator("[data-player-bar]")).to_be_visible()
    expect(film.locator("[data-all]")).to_have_text("00:04")
    page.evaluate("addEventListener('desk:time', (event) => (window.told = event.detail))")
    page.evaluate("document.activeElement.blur()")
    for key in (".", ".", ","):
        page.keyboard.press(key)
    assert page.evaluate("Math.floor(document.querySelector('video').currentTime * 12)") == 1
    for key in (">", ">", "p"):
        page.keyboard.press(key)
    expect(film.get_by_role("button", name="Pause")).to_be_visible()
    page.keyboard.press("p")
    assert page.evaluate("[document.querySelector('video').playbackRate, told.artifact]") == [
        1.5,
        film.get_attribute("data-artifact"),
    ]
    page.keyboard.press("ArrowRight")
    expect(film.locator("[data-now]")).to_have_text("00:04")
    page.keyboard.press("Shift+ArrowLeft")
    expect(film.locator("[data-now]")).to_have_text("00:00")
    captions = film.get_by_role("button", name="Captions")
    captions.click()
    assert page.evaluate("document.querySelector('video').textTracks[0].mode") == "disabled"
    turn_pages(page)
    found = Axe().run(page).response["violations"]
    assert [row["id"] for row in found if row["impact"] in {"serious", "critical"}] == []


def turn_pages(page: Page) -> None:
    """The next piece is a document: its pages turn and grow by keys, and `r` goes on to the rubric."""
    page.keyboard.press("t")
    expect(page.locator("[data-surface]:visible")).to_have_count(2)
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("ArrowRight")
    expect(page.locator("[data-page-field]")).to_have_value("2")
    page.keyboard.press("+")
    expect(page.locator("[data-zoom-words]")).to_have_text("150 %")
    page.keyboard.press("r")
    expect(page.locator(".crit.is-current :focus")).to_have_count(1)


def test_from_claim_to_claim_nothing_is_carried_over(page: Page, server: Server, people: People) -> None:
    unit = factories.published(people.northfield)
    one = claimed(people, micro_credential=unit)
    other = claimed(people, micro_credential=unit, earner=people.educator2)
    enter(page, server, people.assessor).goto(f"{server.url}/review/{one.pk}/")
    expect(page.get_by_text("1 of 2", exact=True)).to_be_visible()
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.locator("#strength").fill("Only for the first.")
    page.keyboard.press("Escape")
    page.keyboard.press("Shift+j")
    page.wait_for_url(f"**/review/{other.pk}/**")
    assert Assignment.objects.get(pk=one.pk).strength == "Only for the first."
    expect(page.get_by_text("2 of 2", exact=True)).to_be_visible()
    expect(page.locator("#strength")).to_have_value("")
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.context.set_offline(True)
    page.locator("#strength").fill("Kept on this device.")
    page.keyboard.press("Escape")
    page.wait_for_timeout(200)
    page.context.set_offline(False)
    page.keyboard.press("Shift+k")
    page.wait_for_url(f"**/review/{one.pk}/**")
    expect(page.locator("#strength")).to_have_value("Only for the first.")
    assert Assignment.objects.get(pk=other.pk).strength == "Kept on this device."


def test_evidence_on_a_phone(new_page: NewPage, server: Server, people: People) -> None:
    assignment = recorded(people)
    page = enter(new_page(viewport={"width": 390, "height": 844}), server, people.assessor)
    page.goto(f"{server.url}/review/{assignment.pk}/")
    expect(page.locator(".crit.is-current")).to_have_count(1)
    expect(page.get_by_role("separator")).to_be_hidden()
    for key, widest in (("t", "[data-player-bar]"), ("t", "[data-viewer-bar]")):
        page.keyboard.press(key)
        expect(page.locator(f"{widest}:visible")).to_have_count(1)
        assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.keyboard.press("r")
    expect(page.get_by_role("heading", name="Rubric")).to_be_visible()
    page.keyboard.press("e")
    expect(page.locator("[data-viewer-bar]:visible")).to_have_count(1)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(new_page: NewPage, server: Server, people: People, scheme: str) -> None:
    first = workflow.complete(scored(claimed(people), BELOW), people.assessor)
    second = fill(submissions.resubmit(first.submission, people.educator), people.educator)
    assignment = workflow.claim(second, people.assessor)
    submitted(people, people.educator2)
    page = enter(new_page(color_scheme=scheme), server, people.assessor)
    for path in ("", f"{assignment.pk}/", f"{assignment.pk}/complete/", "completed/", f"{first.pk}/"):
        page.goto(f"{server.url}/review/{path}")
        found = Axe().run(page).response["violations"]
        assert [
            (row["id"], row["nodes"][0]["html"]) for row in found if row["impact"] in {"serious", "critical"}
        ] == []
