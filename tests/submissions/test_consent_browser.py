"""A first recording takes three taps; names are found without leaving the device; every page about it is sound."""

from __future__ import annotations

import io
from collections.abc import Callable

import pikepdf
import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Page, expect

from accounts.models import User
from submissions import workflow
from submissions.models import Artifact, SchoolClass
from tests import factories
from tests.browser import Server, enter
from tests.submissions.test_consent import attach, filmed, form

pytestmark = pytest.mark.django_db(transaction=True)
NewPage = Callable[..., Page]
SERIOUS = """() => axe.run({resultTypes: ["violations"]}).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`))"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def educator() -> User:
    return factories.user(name="Maya Rivera")


def test_a_first_recording_takes_three_taps_and_the_next_one_tap(
    page: Page, server: Server, educator: User
) -> None:
    draft, first = filmed(educator)
    second = attach(draft)
    enter(page, server, educator)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    question = page.locator(f"#coverage-{first.pk}")
    question.get_by_text("Everyone is covered").click()
    question.get_by_label("Class").fill("Period 3")
    question.get_by_label("Pupils").first.fill("26")
    question.get_by_label("Signed forms are on file").check()
    question.get_by_role("button", name="Done").click()
    expect(question).to_contain_text("Everyone recognisable is covered: Period 3.")
    page.reload()
    page.locator(f"#coverage-{second.pk}").get_by_role("button", name="Everyone is covered: Period 3").click()
    expect(page.locator(f"#coverage-{second.pk}")).to_contain_text(
        "Everyone recognisable is covered: Period 3."
    )
    expect(page.locator("#missing")).to_contain_text("Everything is there")
    said = list(Artifact.objects.values_list("coverage", flat=True))
    assert (said, SchoolClass.objects.get().number) == (["covered", "covered"], 26)


def test_a_tap_that_is_refused_says_so_and_keeps_what_was_typed(
    page: Page, server: Server, educator: User
) -> None:
    draft, artifact = filmed(educator)
    enter(page, server, educator)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    question = page.locator(f"#coverage-{artifact.pk}")
    question.get_by_text("Everyone is covered").click()
    question.get_by_label("Class").fill("Period 3")
    question.get_by_label("Pupils").first.fill("26")
    question.get_by_role("button", name="Done").click()
    expect(question.locator(".field-error")).to_contain_text("Confirm that forms are on file for all")
    expect(question.get_by_label("Class")).to_have_value("Period 3")
    question.get_by_role("button", name="Not sure").click()
    expect(question).to_contain_text("Then do one of these first")


def test_names_are_found_in_texts_and_files_and_stay_on_the_device(
    page: Page, server: Server, educator: User
) -> None:
    draft, artifact = filmed(educator)
    Artifact.objects.filter(pk=artifact.pk).update(title="Talk of Tomas")
    artifact.content.text = "TOMÁS Okafor's turn, call 555-0142-778. Mayan pyramids."  # type: ignore[union-attr]
    artifact.content.save(update_fields=["text"])  # type: ignore[union-attr]
    sent: list[str] = []
    page.on("request", lambda request: sent.append(f"{request.url} {request.post_data or ''}"))
    enter(page, server, educator)
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    page.get_by_label("What changed?").fill("Write to zoe@example.test, student 20261234, of Anne-Marie.")
    page.get_by_label("Names to look for").fill("Tomás Okafor\nMaya\nAnne Marie")
    page.get_by_role("button", name="Look for them").click()
    found = page.locator("[data-names-result]")
    expect(found.locator("li")).to_have_count(6)
    listed = [text.split(")")[0] + ")" for text in found.locator("li").all_text_contents()]
    assert sorted(listed) == sorted(
        [
            "zoe@example.test (an e-mail address)", "20261234 (looks like a student’s number)",
            "Anne-Marie (a name on your list)", "Tomas (a name on your list)", "TOMÁS Okafor (a name on your list)",
            "555-0142-778 (looks like a telephone number)",
        ]
    )  # fmt: skip
    expect(page.locator("[data-names-advice]")).to_be_visible()
    page.reload()
    expect(page.get_by_label("Names to look for")).to_have_value("Tomás Okafor\nMaya\nAnne Marie")
    assert not [one for one in sent if "Okafor" in one]


def look(page: Page) -> list[str]:
    """What keeps somebody out of the page as it is."""
    page.evaluate(AXE_SCRIPT)
    return [*page.evaluate(SERIOUS), *([] if page.evaluate(FITS) else ["wider than the screen"])]


def test_every_page_about_forms_is_sound(new_page: NewPage, server: Server, educator: User) -> None:
    draft, artifact = filmed(educator)
    unsure = attach(draft)
    row = factories.school_class(educator, 5, without=[4])
    factories.covered(artifact, row)
    workflow.cover(unsure, educator, "unsure")
    other, closed = filmed(educator)
    stopped = factories.school_class(educator, 3, label="Period 5")
    factories.covered(closed, stopped)
    workflow.stop(form(stopped, 2))
    paths = [
        "/account/classes/", "/account/classes/new/", f"/account/classes/{row.pk}/", f"/account/classes/{stopped.pk}/",
        f"/account/classes/{row.pk}/forms/?language=es", f"/account/classes/{row.pk}/pupils/1/stop/",
        f"/submissions/{draft.pk}/", f"/submissions/{other.pk}/", f"/artifacts/{closed.pk}/stopped/",
        f"/stop/?language=es&code={form(row, 1).code}",
    ]  # fmt: skip
    wide = {"viewport": {"width": 1280, "height": 800}, "color_scheme": "dark"}
    phone = {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"}
    found = {}
    for options in (wide, phone):
        page = new_page(**options)
        enter(page, server, educator)
        for path in paths:
            page.goto(server.url + path)
            found[path, options["color_scheme"]] = look(page)
    assert {place: words for place, words in found.items() if words} == {}
    page.goto(f"{server.url}/account/classes/{row.pk}/forms/")
    with pikepdf.open(io.BytesIO(page.pdf(format="Letter"))) as printed:
        assert len(printed.pages) == 1 + 5  # the educator's list, and one for each pupil


def test_a_family_stops_the_use_by_its_code(new_page: NewPage, server: Server, educator: User) -> None:
    _draft, artifact = filmed(educator)
    row = factories.school_class(educator)
    factories.covered(artifact, row)
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto(f"{server.url}/stop/?language=es")
    page.get_by_label("La clave del permiso").fill(form(row, 7).code.lower())
    page.get_by_role("button", name="Continuar").click()
    expect(page.locator("main")).to_contain_text("estudiante 7 de la clase Period 3")
    page.get_by_role("button", name="Detener ahora").click()
    expect(page.locator("main")).to_contain_text("Una grabación está cerrada")
    artifact.refresh_from_db()
    assert (artifact.state, look(page)) == ("quarantined", [])
