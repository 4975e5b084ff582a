"""The platform's main job, played by people in browsers of their own: from sign-up to a badge that a report counts."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from django.core import mail
from playwright.sync_api import Page, expect

from badges import workflow as badges
from badges.models import Award
from microcreds.demo import evidence
from notifications.models import Message
from review.models import Assessment
from submissions.models import Artifact
from tests import factories
from tests.browser import Server
from tests.people import People, cast

EMAIL, PASSWORD = "noor@example.test", "correct horse battery"
TITLE = "Productive Classroom Discourse"
CONTEXT = "Twenty-six students, five of them new to English."
GROWTH = "I wait longer now, and more of them speak."
STRENGTH = "Eleven students take up a classmate's idea by name."
NEXT = "Let a student pose the closing question."

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> People:
    """The cast, a published micro-credential, and five colleagues of Noor whose badges the district counts."""
    people = cast()
    unit = factories.published(people.northfield, title=TITLE, slug="productive-classroom-discourse")
    for _number in range(5):
        colleague = factories.user(name="A Colleague")
        factories.member(colleague, people.riverbend, "educator")
        badges.share_with(factories.award(people, unit, colleague), colleague, people.riverbend)
    return people


def wait_for(condition: Callable[[], Any], seconds: float = 30) -> Any:
    """What the worker does arrives in its own time."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, "the worker did not do it in time"
        time.sleep(0.2)
    return found


def sign_in(page: Page, server: Server, email: str) -> None:
    page.goto(f"{server.url}/accounts/login/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("link", name="My path").first).to_be_visible()


def enrol_without_an_account(page: Page, server: Server) -> None:
    """From the explorer through the smallest sign-up straight to Part 1."""
    page.goto(f"{server.url}/explore/?q=discourse")
    page.get_by_role("link", name=TITLE).click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    page.get_by_role("button", name=re.compile("Enrol")).first.click()
    page.get_by_label("Email").fill(EMAIL)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page).to_have_url(re.compile("/submissions/"))
    expect(page.get_by_role("heading", name="Overview questions")).to_be_visible()


def verify_address(page: Page, server: Server) -> None:
    """The link in the mail."""
    body = next(str(message.body) for message in mail.outbox if message.to == [EMAIL])
    link = re.search(r"/accounts/confirm-email/\S+", body)
    assert link is not None
    page.goto(f"{server.url}{link.group()}")
    page.get_by_role("button", name="Confirm").click()


def write(page: Page, files: list[Path]) -> None:
    """Type (saved by itself), upload a plan and a photo, reload: everything is there."""
    page.get_by_label("Who are your students?").fill(CONTEXT)
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved at")
    page.get_by_label("What changed?").fill(GROWTH)
    held = page.locator("#held-plan .artifact")
    for number, file in enumerate(files):  # one after the other: two at once arrive in any order
        page.locator("#id_file-plan").set_input_files([file])
        expect(held).to_have_count(number + 1)
        expect(held.nth(number)).to_contain_text(file.name)
    expect(page.locator("[data-autosave-state]")).to_have_attribute("data-state", "saved")
    page.reload()
    expect(page.get_by_label("Who are your students?")).to_have_value(CONTEXT)
    expect(page.get_by_label("What changed?")).to_have_value(GROWTH)


def say_who_is_in_it(page: Page) -> None:
    """Each file was checked meanwhile, and is asked about: one tap."""
    for held in page.locator("#held-plan .artifact").all():
        expect(held.locator("[data-standing]")).to_have_text("Ready", timeout=60_000)
        held.get_by_role("button", name="Nobody is recognisable").click()
        expect(held.locator(".coverage-answer")).to_have_text("Nobody is recognisable.")


def read_receipt(page: Page, files: list[Path]) -> None:
    """It names each file with two hashes: as she sent it, and as it is assessed."""
    page.get_by_role("link", name="Receipt").click()
    rows = page.locator(".rows .row")
    expect(rows).to_have_count(len(files))
    for number, file in enumerate(files):
        artifact = Artifact.objects.get(name=file.name, submission__attempt=1)
        assert artifact.received_sha256 == digest(file)
        assert artifact.sha256 != artifact.received_sha256
        hashes = rows.nth(number).locator(".mono").all_inner_texts()
        assert hashes == [artifact.received_sha256, artifact.sha256]
    page.get_by_role("link", name="Back to what you sent").click()


def digest(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def submit(page: Page) -> None:
    for box in page.locator("#submit input[type=checkbox]").all():
        box.check()
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("main")).to_contain_text("Waiting for review")


def join_district(admin: Page, educator: Page, server: Server) -> None:
    """The district invites; she accepts."""
    sign_in(admin, server, "district-admin@example.test")
    admin.goto(f"{server.url}/organizations/riverbend/")
    admin.get_by_label("E-mail address").fill(EMAIL)
    admin.get_by_label("Role", exact=True).select_option("educator")
    admin.get_by_role("button", name="Send invitation").click()
    invited = wait_for(lambda: Message.objects.filter(kind="invited").first())
    educator.goto(server.url + invited.url.removeprefix("http://127.0.0.1:8000"))
    educator.get_by_role("button", name="Accept").click()
    expect(educator.locator("main")).to_contain_text("Welcome to Riverbend")


def open_evidence(page: Page) -> None:
    """Plan and photo open on the desk: the cleaned copies, under names that tell nothing."""
    assessed = list(Artifact.objects.filter(submission__state="in_review").order_by("order", "created"))
    for number, artifact in enumerate(assessed, start=1):
        page.locator(f".tabs a[href='#ev-{number}']").click()
        panel = page.locator(f"#ev-{number}")
        if artifact.content_type.startswith("image/"):
            expect(panel.locator("img")).to_have_js_property("complete", value=True)
            assert panel.locator("img").evaluate("one => one.naturalWidth") > 0
        with page.expect_download() as started:
            panel.get_by_role("link", name="Download").click()
        assert digest(started.value.path()) == artifact.sha256
        assert "noor" not in started.value.suggested_filename.lower()
        assert not any(word in started.value.path().read_bytes() for word in (b"Maya Rivera", b"Phone maker"))


def review(page: Page, server: Server, *, passes: bool) -> None:
    """Claim, read, score every criterion, say a strength and a next step, preview, send. Blind all the way."""
    wait_for(lambda: Assessment.objects.filter(state=Assessment.State.OPEN).exists())
    page.goto(f"{server.url}/review/")
    page.get_by_role("button", name=re.compile("Claim|Accept")).first.click()
    expect(page.get_by_role("heading", level=1, name=TITLE)).to_be_visible()
    for marker in ("noor", "haddad", EMAIL, "riverbend"):
        assert marker not in page.content().lower()
    open_evidence(page)
    criteria = page.locator("[data-criterion]")
    for number in range(criteria.count()):
        criterion = criteria.nth(number)
        if criterion.locator("details[open]").count() == 0:
            criterion.locator("summary").first.click()
        radios = criterion.locator("input[type=radio]")
        short = not passes and number == 1
        radios.nth(0 if short else radios.count() - 1).check()
        criterion.locator("[data-feedback]").fill(
            "Show one exchange from the back table." if short else "Seen in the plan."
        )
        if short:
            criterion.locator("[data-where]").fill("In the second half of the lesson.")
            criterion.locator("[data-next]").fill("Film the back table.")
    page.locator("#strength").fill(STRENGTH)
    page.locator("#next_step").fill(NEXT)
    page.get_by_role("button", name=re.compile("Preview and send")).click()
    expect(page.get_by_role("heading", level=1, name="This is what the educator will read")).to_be_visible()
    page.get_by_role("button", name="Send the decision").click()
    expect(page).to_have_url(re.compile(r"/review/$"))


def revise(page: Page, server: Server) -> None:
    """Not yet: read why, start another attempt, say what changed, send again."""
    wait_for(lambda: Message.objects.filter(kind="decided", user__email=EMAIL).exists())
    page.goto(f"{server.url}/my/")
    page.get_by_role("link", name=TITLE).first.click()
    expect(page.locator("main")).to_contain_text("Show one exchange from the back table.")
    expect(page.locator("main")).to_contain_text(STRENGTH)
    assert "ingrid" not in page.content().lower()
    page.get_by_role("button", name=re.compile("start the next attempt")).first.click()
    page.locator("#note textarea").fill("I added an exchange from the back table to the plan.")
    expect(page.locator("[data-autosave-state]")).to_contain_text("Saved at")
    submit(page)


def share(page: Page, server: Server) -> Award:
    """The badge came by itself; she makes it visible and shows it to her district."""
    award: Award = wait_for(lambda: Award.objects.filter(earner__email=EMAIL).first())
    stranger = page.context.browser.new_page()  # type: ignore[union-attr]
    assert stranger.goto(f"{server.url}/badges/{award.pk}/").status == 404  # type: ignore[union-attr]
    expect(stranger.locator("main")).to_contain_text("The holder has not shared this")
    page.goto(f"{server.url}/my/")
    page.get_by_role("link", name=TITLE).last.click()
    page.get_by_role("button", name="Share", exact=True).click()
    page.get_by_role("button", name=re.compile("Share with the district")).click()
    assert stranger.goto(f"{server.url}/badges/{award.pk}/").status == 200  # type: ignore[union-attr]
    expect(stranger.locator("main")).to_contain_text("Valid")
    stranger.context.close()
    return award


def download(page: Page, server: Server, award: Award, tmp_path: Path) -> tuple[Path, Path]:
    page.goto(f"{server.url}/badges/{award.pk}/")
    files = []
    for label in ("JSON", "PNG"):
        with page.expect_download() as started:
            page.locator(".award-files").get_by_role("link", name=label).click()
        target = tmp_path / started.value.suggested_filename
        started.value.save_as(target)
        files.append(target)
    return files[0], files[1]


def verify(page: Page, server: Server, file: Path) -> str:
    """Anybody, without an account."""
    page.goto(f"{server.url}/verify/")
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Check it").click()
    return page.locator("#verdict-h").inner_text()


def test_from_sign_up_to_a_badge_that_verifies_and_a_report_that_counts_it(
    server: Server,
    celery_worker_process: Popen[bytes],
    people: People,
    new_page: Callable[..., Page],
    tmp_path: Path,
) -> None:
    noor, assessor, district = new_page(), new_page(), new_page()
    files = [tmp_path / "Noor Haddad plan.pdf", tmp_path / "board.jpg"]
    for file, body in zip(files, (evidence.plan(), evidence.photo()), strict=True):
        file.write_bytes(body)
    enrol_without_an_account(noor, server)
    written = noor.url
    verify_address(noor, server)
    join_district(district, noor, server)
    noor.goto(written)
    write(noor, files)
    say_who_is_in_it(noor)
    submit(noor)
    read_receipt(noor, files)

    sign_in(assessor, server, people.assessor.email)
    review(assessor, server, passes=False)
    revise(noor, server)
    review(assessor, server, passes=True)

    award = share(noor, server)
    document, picture = download(noor, server, award, tmp_path)
    assert json.loads(document.read_text())["id"].endswith(str(award.pk))
    stranger = new_page()
    assert "This badge is valid" in verify(stranger, server, document)
    assert "This badge is valid" in verify(stranger, server, picture)
    forged = tmp_path / "forged.json"
    forged.write_text(document.read_text().replace(TITLE, "Doctor of Everything"))
    assert "This badge is not valid" in verify(stranger, server, forged)

    district.goto(f"{server.url}/reports/")
    expect(district.locator("main")).to_contain_text(TITLE)
    assert district.locator(".report-number").first.inner_text().strip() == "6"
    assert "noor" not in district.content().lower()
