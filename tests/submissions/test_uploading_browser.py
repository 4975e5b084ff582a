"""Large files on a bad line: through reloads, offline minutes and other tabs; by touch, by keys, by voice."""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import Dialog, Locator, Page, Response, expect

from accounts.models import User
from microcreds import environment
from submissions import uploads, workflow
from submissions.models import Artifact, Submission, Upload
from submissions.models.evidence import SPOKEN
from tests import factories, stores
from tests.browser import Server, becomes_true, enter
from tests.submissions import samples
from tests.submissions.lines import PHONE, Line
from tests.submissions.test_browser import payload, serious

pytestmark = pytest.mark.django_db(transaction=True)
MEGABYTE = 1024**2
PATIENCE = 20_000
NewPage = Callable[..., Page]
Open = Callable[..., Page]


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


@pytest.fixture
def open_draft(server: Server, draft: Submission) -> Open:
    def show(page: Page, person: User | None = None) -> Page:
        enter(page, server, person or draft.enrolment.earner)
        page.goto(f"{server.url}/submissions/{draft.pk}/")
        return page

    return show


@pytest.fixture
def film(tmp_path: Path) -> Path:
    """Twelve megabytes that no line can shorten."""
    path = tmp_path / "film.mp4"
    head = samples.media(b"isom", b"mp42")
    path.write_bytes(head + random.Random(7).randbytes(12 * MEGABYTE - len(head)))
    return path


def row(page: Page) -> Locator:
    return page.locator("#evidence-plan .upload-row")


def words(page: Page) -> Locator:
    return row(page).locator(".upload-words")


def held(page: Page, key: str = "plan") -> Locator:
    return page.locator(f"#held-{key} .artifact")


def says(page: Page, text: str) -> None:
    expect(words(page)).to_contain_text(text, timeout=PATIENCE)


def is_there(page: Page, key: str = "plan") -> None:
    """All of it arrived, and the page says so."""
    expect(held(page, key)).to_contain_text("waits to be checked", timeout=PATIENCE)


def some_of_it_is_here() -> int:
    """Wait until the first part arrived; how much that is."""
    until = time.monotonic() + 20
    while time.monotonic() < until:
        upload = Upload.objects.filter(state="open").first()
        if upload and (offset := uploads.offset(upload)):
            return offset
        time.sleep(0.05)
    pytest.fail("nothing arrived")


def arrived_whole(film: Path) -> bool:
    """One artifact, one upload, the very bytes."""
    upload, artifact = Upload.objects.get(), Artifact.objects.get()
    body = uploads.incoming(upload).read_bytes()
    same = hashlib.sha256(body).digest() == hashlib.sha256(film.read_bytes()).digest()
    return same and (upload.state, artifact.state, artifact.received_size) == (
        "complete",
        "received",
        len(body),
    )


def test_a_reload_in_the_middle_and_the_same_file_goes_on(
    page: Page, open_draft: Open, film: Path, tmp_path: Path
) -> None:
    open_draft(page)
    line = Line(page)
    page.get_by_label("Who are your students?").click()
    page.set_input_files("#id_file-plan", film)
    some_of_it_is_here()
    says(page, "a second")
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    page.reload()
    assert asked == ["beforeunload"]
    says(page, "Choose the same file again and it goes on")
    expect(held(page)).to_be_hidden()
    assert serious(page) == []

    other = tmp_path / "trip.mp4"
    other.write_bytes(b"x" * MEGABYTE)
    choose = row(page).locator("input[type=file]")
    choose.set_input_files(other)
    expect(row(page).get_by_role("alert")).to_contain_text("This is another file: “trip.mp4” (1 MB)")
    assert serious(page) == []
    before = some_of_it_is_here()
    assert 0 < before < 12 * MEGABYTE
    line.quick()
    page.set_input_files("#id_file-plan", film)
    is_there(page)
    expect(row(page)).to_have_count(0)
    assert arrived_whole(film)
    page.reload()
    assert asked == ["beforeunload"], "nothing is under way any more"


def test_no_line_for_a_while_a_pause_and_a_second_thought(page: Page, open_draft: Open, film: Path) -> None:
    open_draft(page)
    line = Line(page)
    page.set_input_files("#id_file-plan", film)
    some_of_it_is_here()
    line.cut()
    says(page, "No connection.")
    line.slow()
    says(page, "a second")
    row(page).get_by_role("button", name="Pause").click()
    says(page, "Paused.")
    line.quick()
    row(page).get_by_role("button", name="Go on").click()
    is_there(page)
    assert arrived_whole(film)

    line.slow()
    page.set_input_files("#id_file-plan", film)
    says(page, "sent")
    row(page).get_by_role("button", name="Cancel").click()
    expect(row(page)).to_have_count(0)
    expect(held(page)).to_have_count(1)
    assert list(Upload.objects.order_by("created").values_list("state", flat=True)) == ["complete", "ended"]
    assert Artifact.objects.count() == 1


def test_signed_out_in_the_middle_it_goes_on_after_signing_in(
    page: Page, open_draft: Open, server: Server, draft: Submission, film: Path
) -> None:
    open_draft(page)
    line = Line(page)
    page.set_input_files("#id_file-plan", film)
    some_of_it_is_here()
    Session.objects.all().delete()
    cache.clear()
    says(page, "You are signed out.")
    again = row(page).get_by_role("link", name="Sign in again")
    address = f"/accounts/login/?next=%2Fsubmissions%2F{draft.pk}%2F"
    assert (again.get_attribute("href"), again.get_attribute("target")) == (address, "_blank")
    line.quick()
    enter(page, server, draft.enrolment.earner)
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    is_there(page)
    assert arrived_whole(film)


def test_on_wifi_only_it_waits_for_it_and_the_screen_stays_awake_while_it_goes(
    page: Page, open_draft: Open, film: Path
) -> None:
    page.add_init_script(PHONE)
    open_draft(page)
    page.get_by_label("Send files on Wi-Fi only").check()
    page.reload()
    expect(page.get_by_label("Send files on Wi-Fi only")).to_be_checked()
    line = Line(page)
    page.set_input_files("#id_file-plan", film)
    says(page, "Waits for Wi-Fi, as you wished.")
    assert (Upload.objects.count(), page.evaluate("window.awake")) == (0, 0)
    change = "type => { navigator.connection.type = type; navigator.connection.dispatchEvent(new Event('change')); }"
    page.evaluate(change, "wifi")
    some_of_it_is_here()
    assert page.evaluate("window.awake") == 1
    page.evaluate(change, "cellular")
    says(page, "Waits for Wi-Fi, as you wished.")
    line.quick()
    page.get_by_label("Send files on Wi-Fi only").uncheck()
    is_there(page)
    becomes_true(page, "window.awake === 0")
    assert arrived_whole(film)


def test_two_tabs_send_one_file_once(page: Page, open_draft: Open, film: Path) -> None:
    open_draft(page)
    Line(page)
    page.set_input_files("#id_file-plan", film)
    some_of_it_is_here()
    second = page.context.new_page()
    open_draft(second)
    says(second, "going on in another tab")
    second.set_input_files("#id_file-plan", film)
    says(second, "going on in another tab")
    page.close()
    is_there(second)
    assert arrived_whole(film)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[str]:
    """An object store that browsers reach, with what the pages then allow."""
    for name, value in stores.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    with stores.moto() as address:
        settings.STORAGES = {
            **settings.STORAGES,
            "default": environment.storage(stores.storage_url(address)),
        }
        settings.STORE_ADDRESS = address
        policy = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        settings.CONTENT_SECURITY_POLICY = {
            "DIRECTIVES": {**policy, "connect-src": [*policy["connect-src"], address]}
        }
        yield address


def test_parts_go_straight_to_the_store_and_only_what_is_missing_after_a_reload(
    page: Page, open_draft: Open, store: str, tmp_path: Path
) -> None:
    text = tmp_path / "notes.txt"
    text.write_bytes(b"First we look, then we talk, then we look again.\n" * 400_000)
    sent: list[str] = []

    def put(answer: Response) -> None:
        if answer.request.method == "PUT" and answer.ok:
            sent.append(answer.url)

    page.on("response", put)
    open_draft(page)
    line = Line(page)
    line.slow(4 * MEGABYTE)
    page.set_input_files("#id_file-plan", text)
    with page.expect_response(lambda answer: answer.request.method == "PUT", timeout=PATIENCE):
        pass
    page.reload()
    says(page, "Choose the same file again")
    line.quick()
    page.set_input_files("#id_file-plan", text)
    is_there(page)
    assert [address.startswith(store) for address in sent] == [True] * 3
    upload, artifact = Upload.objects.get(), factories.checked(Artifact.objects.get())
    assert (upload.via, upload.state, artifact.state) == ("store", "complete", "ready")
    assert artifact.received_sha256 == hashlib.sha256(text.read_bytes()).hexdigest()


def test_what_the_server_refuses_says_why_and_what_became_of_a_file_is_told(
    page: Page, open_draft: Open, draft: Submission
) -> None:
    open_draft(page)
    drawing = samples.BAD["drawing.svg"]
    page.set_input_files("#id_file-plan", files=payload("a.svg", "image/svg+xml", drawing))
    expect(held(page)).to_contain_text("SVG drawings can carry scripts")
    expect(row(page)).to_have_count(0)
    page.set_input_files(
        "#id_file-plan", files=payload("notes.txt", "text/plain", "Größe: 5 < 7".encode() * 9)
    )
    second = held(page).nth(1)
    expect(second).to_contain_text("waits to be checked")
    factories.checked(Artifact.objects.get(name="notes.txt"))
    expect(second.locator("[data-standing]")).to_have_text("Ready")
    expect(page.locator("[data-uploads-says]")).to_contain_text("notes.txt: Ready")

    # In the meantime another device filled the place.
    workflow.add_text(draft, draft.enrolment.earner, requirement="plan", text="First we look.")
    page.set_input_files("#id_file-plan", files=payload("late.txt", "text/plain", b"too late"))
    expect(row(page).get_by_role("alert")).to_contain_text("already has 2: remove one")
    assert serious(page) == []
    row(page).get_by_role("button", name="Close").click()
    expect(row(page)).to_have_count(0)
    page.locator("#held-plan").get_by_role("button", name="Remove a.svg").click()
    expect(page.locator("#held-plan .artifact")).to_have_count(2)
    expect(page.locator("#evidence-plan")).to_contain_text("That is all this part can hold")
    expect(page.locator("#id_file-plan")).to_be_hidden()


def test_by_touch_on_a_phone(new_page: NewPage, open_draft: Open, film: Path) -> None:
    size = {"width": 390, "height": 800}
    page = open_draft(new_page(viewport=size, has_touch=True, is_mobile=True, color_scheme="dark"))
    Line(page)
    with page.expect_file_chooser() as chooser:
        page.locator("#requirement-plan").get_by_text("Film").tap()
    chooser.value.set_files(film)
    says(page, "sent")
    targets = page.locator("#evidence-plan :is(button, label.btn, input[type=file]:not(.vh))")
    boxes = [one.bounding_box() for one in targets.all() if one.is_visible()]
    assert len(boxes) >= 5
    assert [box for box in boxes if box is None or box["height"] < 44] == []
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    row(page).get_by_role("button", name="Pause").tap()
    says(page, "Paused.")
    assert serious(page) == []


def tab_to(page: Page, control: Locator) -> None:
    """Press Tab until it is reached."""
    for _press in range(20):
        page.keyboard.press("Tab")
        if control.evaluate("control => control === document.activeElement"):
            return
    pytest.fail("the keys do not lead there")


def test_by_keys_alone_the_focus_is_never_lost(page: Page, open_draft: Open, film: Path) -> None:
    # Playwright takes over the file dialog from the first listener on, but does not wait until it has.
    page.on("filechooser", lambda _chooser: None)
    open_draft(page)
    line = Line(page)
    page.locator("#id_file-plan").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(film)
    says(page, "sent")
    tab_to(page, row(page).get_by_role("button", name="Pause"))
    page.keyboard.press("Enter")
    expect(row(page).get_by_role("button", name="Go on")).to_be_focused()
    line.quick()
    page.keyboard.press("Enter")
    is_there(page)
    expect(page.get_by_role("heading", name="Lesson plan")).to_be_focused()
    tab_to(page, held(page).get_by_role("button", name="Remove"))
    page.keyboard.press("Enter")
    expect(held(page)).to_have_count(0)
    expect(page.locator("#id_file-plan")).to_be_focused()


def test_dropped_and_pasted(page: Page, open_draft: Open) -> None:
    open_draft(page)
    give = """(place, [event, name]) => {
        const data = new DataTransfer();
        data.items.add(new File(["Größe: five is less than seven, and that is fine."], name, { type: "text/plain" }));
        const given = event === "drop" ? { dataTransfer: data } : { clipboardData: data };
        const what = event === "drop" ? DragEvent : ClipboardEvent;
        place.dispatchEvent(new what(event, { ...given, bubbles: true, cancelable: true }));
    }"""
    place = page.locator("#requirement-plan h3")
    page.locator("#requirement-plan .upload-tip").wait_for()
    place.evaluate(give, ["drop", "dropped.txt"])
    expect(held(page)).to_have_count(1)
    place.evaluate(give, ["paste", "image.txt"])
    expect(held(page)).to_have_count(2)
    expect(held(page).nth(1)).to_contain_text("Pasted picture 2")
    assert Artifact.objects.filter(state="received").count() == 2


def test_a_reflection_is_spoken_listened_to_and_sent(
    page: Page, open_draft: Open, server: Server, draft: Submission
) -> None:
    open_draft(page)
    spoken = page.locator(f"#requirement-{SPOKEN}")
    spoken.get_by_role("button", name="Record now").click()
    expect(spoken.locator("[data-time]")).to_have_text("0:02")
    spoken.get_by_role("button", name="Stop").click()
    expect(spoken.locator("audio")).to_be_visible()
    becomes_true(page, "document.querySelector('[data-listen]').readyState > 0")
    assert serious(page) == []
    spoken.get_by_role("button", name="Discard").click()
    expect(spoken).to_contain_text("Nothing was kept")
    spoken.get_by_role("button", name="Record now").click()
    expect(spoken.locator("[data-time]")).to_have_text("0:01")
    spoken.get_by_role("button", name="Stop").click()
    spoken.get_by_role("button", name="Send this recording").click()
    is_there(page, SPOKEN)
    artifact = factories.checked(Artifact.objects.get())
    assert (artifact.state, artifact.requirement, artifact.content_type[:6]) == ("ready", SPOKEN, "audio/")
    expect(held(page, SPOKEN).locator("[data-standing]")).to_have_text("Ready")
    expect(spoken.get_by_role("button", name="Record now")).to_be_hidden()
    Submission.objects.filter(pk=draft.pk).update(state="submitted")
    page.goto(f"{server.url}/submissions/{draft.pk}/")
    expect(page.locator("#part-3")).to_contain_text("Spoken reflection")
