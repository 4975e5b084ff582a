"""What is promised of the desk, in a real browser: no mouse, a tab that dies, a line that breaks, and pages for everybody."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from accounts.models import User
from review import workflow
from review.models import Assessment, AssessmentPolicy, Assignment
from submissions.models import Outcome, Submission
from tests import factories
from tests.browser import Server, enter
from tests.people import People, cast
from tests.review.anchored import ready
from tests.review.work import ALL_PASS, BELOW, appealed, claimed, desk, scored, submitted
from tests.test_accessibility import Stop, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
NewPage = Callable[..., Page]
FOCUSED = "selector => document.activeElement.matches(selector)"


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def reach(page: Page, selector: str) -> None:
    """Go there by the Tab key, as somebody without a mouse does."""
    for _step in range(60):
        if page.evaluate(FOCUSED, selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{selector} cannot be reached by Tab")


def sent(page: Page, act: Callable[[], object]) -> None:
    """Do it, and wait until the server has kept it."""
    with page.expect_response(lambda answer: answer.request.method == "PATCH" and answer.ok):
        act()


def test_a_whole_review_without_a_mouse(page: Page, server: Server, people: People) -> None:
    submitted(people)
    enter(page, server, people.assessor).goto(f"{server.url}/review/")
    page.locator("html").evaluate("document.body.focus()")
    reach(page, "form[action*='/claim/'] button")
    page.keyboard.press("Enter")
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the desk")).to_be_visible()
    page.keyboard.press("Escape")
    for key in ("2", "j", "2", "f"):
        page.keyboard.press(key)
    page.keyboard.type("Show how quiet students join.")
    reach(page, "#where-plan")
    page.keyboard.type("Minute two.")
    reach(page, "#next-plan")
    page.keyboard.type("Give every student a card.")
    for key in ("Escape", "j", "2", "s"):
        page.keyboard.press(key)
    page.keyboard.type("Your questions have many answers.")
    page.keyboard.press("Tab")
    page.keyboard.type("Wait longer.")
    expect(page.locator("b[data-scored]")).to_have_text("3 of 3")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("heading", name="This is what the educator will read")).to_be_visible()
    expect(page.get_by_role("button", name="Send the decision")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text(": your scores are recorded.")).to_be_visible()
    told = Outcome.objects.get(criterion__key="plan")
    assert (Submission.objects.get().state, told.level, told.feedback, told.next_step) == (
        "not_yet",
        2,
        "Show how quiet students join.",
        "Give every student a card.",
    )
    assert [place["text"] for place in told.places] == ["Minute two."]


def test_a_tab_that_dies_in_the_middle_of_a_sentence(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    enter(page, server, people.assessor).goto(server.url + desk(assignment))
    expect(page.locator(".crit.is-current")).to_have_count(1)
    sent(page, lambda: page.locator("#strength").press_sequentially("You ask, "))
    page.route("**/api/v1/reviews/**", lambda route: route.abort())
    page.locator("#strength").press_sequentially("and then you wai")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    page.close()
    again = page.context.new_page()
    again.goto(server.url + desk(assignment))
    again.get_by_role("button", name="Continue here").click()
    expect(again.locator("#strength")).to_have_value("You ask, and then you wai")
    expect(again.locator("[name=level-context][value='2']")).to_be_checked()
    expect(again.locator("[data-autosave-state]").first).to_have_attribute("data-state", "saved")
    assert Assignment.objects.get().strength == "You ask, and then you wai"
    assert Assignment.objects.get().scores.get().level == 2


def test_a_minute_without_a_line(page: Page, server: Server, people: People) -> None:
    assignment = claimed(people)
    page.clock.install()
    enter(page, server, people.assessor).goto(server.url + desk(assignment))
    expect(page.locator(".crit.is-current")).to_have_count(1)
    page.context.set_offline(True)
    page.locator("#strength").fill("Written in a tunnel.")
    page.keyboard.press("Escape")
    page.keyboard.press("2")
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "offline")
    page.clock.fast_forward(60_000)
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "offline")
    page.locator("#next_step").fill("Wait longer.")
    row = Assignment.objects.get()
    assert (row.strength, row.revision) == ("", 0)
    sent(page, lambda: page.context.set_offline(False))
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
    row.refresh_from_db()
    assert (row.strength, row.next_step, row.scores.get().level) == (
        "Written in a tunnel.",
        "Wait longer.",
        2,
    )


def differing(people: People) -> Assessment:
    """Two readings that differ."""
    AssessmentPolicy.objects.update_or_create(
        organisation=people.northfield, defaults={"double_rate": 100, "licensed_only": False}
    )
    submission = submitted(people, factories.user())
    for user, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW)):
        workflow.complete(scored(workflow.claim(submission, user), scores), user)
    return Assessment.objects.get(submission=submission)


def tours(people: People) -> dict[User, list[str]]:
    """The pages of this room by who opens them, each with something on it."""
    facts = appealed(people)
    decided = Submission.objects.get(pk=facts["decided"])
    anchor = ready(people, decided)
    run = workflow.start_calibration(anchor.version, people.assessor2, "qualifying")
    held = scored(claimed(people, earner=factories.user()), BELOW)
    submitted(people, factories.user())
    whole = differing(people)
    workflow.begin_adjudication(whole, people.approver)
    return {
        people.assessor: ["/review/", desk(held), "/review/quality/mine/"],
        people.assessor2: [
            f"/review/calibration/{run.pk}/",
            desk(Assignment.objects.get(calibration=run)),
        ],
        people.approver: [
            "/review/adjudications/",
            f"/review/adjudications/{whole.pk}/",
            f"/review/appeals/{facts['appeal']}/",
            "/review/quality/",
            "/organizations/northfield/assessment/",
        ],
        people.educator: [f"/appeals/{decided.pk}/"],
    }


def test_its_pages_are_for_everybody(new_page: NewPage, server: Server, people: People) -> None:
    """Light and dark, wide and at 390 px: see `Visitor`."""
    faults: list[str] = []
    for person, paths in tours(people).items():
        visitor = Visitor(enter(new_page(), server, person), server.url)
        faults += [fault for path in paths for fault in visitor.look(Stop(path))]
    assert faults == []
