"""Not a word is lost: a crash, a minute without a line, an expired session, other tabs, other devices, other people."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.cache import cache
from playwright.sync_api import BrowserContext, Error, Locator, Page, expect

from accounts.models import User
from submissions import workflow
from submissions.checklist import count_words
from submissions.models import Submission
from tests import factories
from tests.browser import Server, enter
from tests.submissions.test_browser import serious

pytestmark = pytest.mark.django_db(transaction=True)
NewPage = Callable[..., Page]
CONTEXT, GROWTH = "Who are your students?", "What changed?"
PASSWORD = "a long pass phrase"
SAVES = "**/api/v1/submissions/**"


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


@pytest.fixture
def open_draft(server: Server, draft: Submission) -> Callable[..., Page]:
    def show(page: Page, person: User | None = None) -> Page:
        enter(page, server, person or draft.enrolment.earner)
        page.goto(f"{server.url}/submissions/{draft.pk}/")
        return page

    return show


@pytest.fixture
def desk(page: Page, open_draft: Callable[..., Page]) -> Page:
    return open_draft(page)


def line(page: Page) -> Locator:
    return page.locator("[data-autosave-state]")


def state(page: Page, name: str, **options: Any) -> None:
    expect(line(page)).to_have_attribute("data-state", name, **options)


def stored(draft: Submission) -> dict[str, str]:
    draft.refresh_from_db()
    return dict(draft.answers)


def arrived(page: Page, draft: Submission, answers: dict[str, str]) -> None:
    """Wait for the server to have it, as autosave has its own pace."""
    deadline = time.monotonic() + 10
    while stored(draft) != answers and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    assert stored(draft) == answers


def crash(page: Page) -> None:
    """The renderer dies: nothing gets to say good-bye."""
    with contextlib.suppress(Error):
        page.goto("chrome://crash", timeout=3_000)


def write(page: Page, label: str, words: str) -> None:
    page.get_by_label(label).fill(words)


class Line:
    """The line to the server, which can be cut and mended, whatever has become of the pages."""

    def __init__(self, context: BrowserContext) -> None:
        self.cut = True
        context.route(SAVES, lambda route: route.abort() if self.cut else route.continue_())


def test_words_outlive_offline_crash_and_leaving(desk: Page, draft: Submission) -> None:
    url, context = desk.url, desk.context
    expect(desk.get_by_role("toolbar").first).to_be_visible()
    with desk.expect_request(lambda request: request.method == "PATCH", timeout=2_500):
        write(desk, CONTEXT, "Saved at once.")
        state(desk, "pending")
    arrived(desk, draft, {"context": "Saved at once."})
    context.set_offline(True)
    write(desk, CONTEXT, "Typed in a tunnel.")
    state(desk, "offline")
    expect(line(desk)).to_have_text("Not saved yet: no connection. Your words are kept on this device.")
    write(desk, GROWTH, "And a second answer there.")
    context.set_offline(False)
    state(desk, "saved")
    assert stored(draft) == {"context": "Typed in a tunnel.", "growth": "And a second answer there."}

    wire = Line(context)
    write(desk, CONTEXT, "Typed before the crash.")
    state(desk, "offline")
    second = context.new_page()
    second.goto(url)
    write(second, GROWTH, "Typed in another tab before the crash.")
    state(second, "offline")
    crash(desk)
    crash(second)
    wire.cut = False
    again = context.new_page()
    again.goto(url)
    both = {"context": "Typed before the crash.", "growth": "Typed in another tab before the crash."}
    arrived(again, draft, both)
    write(again, CONTEXT, "Typed, then gone to another page.")
    again.get_by_role("link", name="My path").first.click()
    again.go_back()
    expect(again.get_by_label(CONTEXT)).to_have_value("Typed, then gone to another page.")
    again.reload()
    expect(again.get_by_label(CONTEXT)).to_have_value("Typed, then gone to another page.")
    arrived(again, draft, {**both, "context": "Typed, then gone to another page."})
    expect(again.locator("body")).to_be_visible()
    assert again.evaluate("Object.keys(localStorage)") == []


def test_an_expired_session_keeps_the_words_for_their_writer_only(
    page: Page, draft: Submission, server: Server, open_draft: Callable[..., Page]
) -> None:
    person = draft.enrolment.earner
    # Before the page is open: a new password ends a session, and a late answer would take the new one's cookie too.
    person.set_password(PASSWORD)
    person.save()
    desk = open_draft(page)
    sign_out()
    write(desk, CONTEXT, "Written while signed out.")
    state(desk, "expired")
    expect(line(desk)).to_have_text(
        "Signed out, so this is not saved yet. Your words are kept on this device. Sign in again"
    )
    desk.locator("#submit").get_by_role("button", name="Submit for review").click()
    sign_in(desk, person)
    expect(desk.get_by_label(CONTEXT)).to_have_value("Written while signed out.")
    arrived(desk, draft, {"context": "Written while signed out."})
    sign_out()
    write(desk, GROWTH, "Signed out once more.")
    line(desk).get_by_role("link", name="Sign in again").click()
    sign_in(desk, person)
    arrived(desk, draft, {"context": "Written while signed out.", "growth": "Signed out once more."})

    sign_out()
    write(desk, GROWTH, "Never sent from here.")
    state(desk, "expired")
    other = somebody_else_writes(desk, server, draft)
    enter(desk, server, person)
    desk.goto(f"{server.url}/submissions/{draft.pk}/")
    arrived(desk, draft, {"context": "Written while signed out.", "growth": "Never sent from here."})
    assert stored(other) == {"growth": "Somebody else's."}


def somebody_else_writes(page: Page, server: Server, draft: Submission) -> Submission:
    """At the same device, and finds nothing of what was left there."""
    page.context.clear_cookies()
    other = workflow.enrol(factories.user(), draft.enrolment.micro_credential)
    enter(page, server, other.enrolment.earner)
    page.goto(f"{server.url}/submissions/{other.pk}/")
    write(page, GROWTH, "Somebody else's.")
    state(page, "saved")
    assert "Never sent from here." not in page.content()
    page.context.clear_cookies()
    return other


def sign_out() -> None:
    Session.objects.all().delete()
    cache.clear()


def sign_in(page: Page, person: User) -> None:
    page.get_by_label("Email").fill(person.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url("**/submissions/**")


def test_two_devices_join_what_does_not_clash_and_show_what_does(
    desk: Page, draft: Submission, new_page: NewPage, open_draft: Callable[..., Page]
) -> None:
    phone = open_draft(new_page(viewport={"width": 390, "height": 800}))
    write(phone, GROWTH, "From the phone.")
    state(phone, "saved")
    write(desk, CONTEXT, "We talk in pairs.")
    state(desk, "saved")
    expect(desk.get_by_label(GROWTH)).to_have_value("From the phone.")
    write(phone, CONTEXT, "We first talk in groups.")
    box = phone.locator("[data-autosave-conflict]")
    expect(box.locator(".conflict-diff ins")).to_have_text([" first", " groups."])
    expect(box.locator(".conflict-diff del")).to_have_text([" pairs."])
    assert phone.evaluate("document.documentElement.scrollWidth") == 390
    assert serious(phone) == []
    phone.keyboard.type(" Typed meanwhile.")
    phone.reload()
    box.get_by_role("button", name="Take the saved one").click()
    state(phone, "saved")
    expect(phone.get_by_label(CONTEXT)).to_have_value("We talk in pairs.")
    phone.get_by_text("Texts you set aside").click()
    phone.get_by_role("button", name="Put it below the text").click()
    state(phone, "saved")
    assert stored(draft) == {
        "context": "We talk in pairs.\n\nWe first talk in groups. Typed meanwhile.",
        "growth": "From the phone.",
    }


def test_a_device_that_keeps_nothing_says_so(page: Page, open_draft: Callable[..., Page]) -> None:
    page.add_init_script(
        "Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }"
    )
    open_draft(page)
    wire = Line(page.context)
    write(page, CONTEXT, "Only in this page.")
    expect(line(page)).to_contain_text("This device keeps no copy: leave this page open")
    wire.cut = False
    state(page, "saved")


def test_without_script_a_conflict_keeps_both(
    new_page: NewPage, open_draft: Callable[..., Page], draft: Submission
) -> None:
    page = open_draft(new_page(java_script_enabled=False))
    workflow.save(draft, draft.enrolment.earner, revision=0, answers={"context": "From elsewhere."})
    write(page, CONTEXT, "From here.")
    page.locator(".sub-bar").get_by_role("button", name="Save").click()
    expect(page.locator("ins").filter(has_text="here.")).to_be_visible()
    page.get_by_role("button", name="Keep both").click()
    expect(line(page)).to_contain_text("Saved at")
    assert stored(draft) == {"context": "From elsewhere.\n\nFrom here."}


WORD = """<html xmlns:o="urn:schemas-microsoft-com:office:office"><head><style>p.MsoNormal{color:red}</style></head><body>
<!--StartFragment--><h1>My <b>class</b><o:p></o:p></h1><p class=MsoNormal>“Smart” <b>bold
words</b><i> and slanted</i><o:p>&nbsp;</o:p></p>
<p class=MsoListParagraphCxSpFirst style='margin-left:.5in;mso-list:l0 level1 lfo1'><![if !supportLists]><span
style='font-family:Symbol'><span style='mso-list:Ignore'>·<span style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;
</span></span></span><![endif]>First point<o:p></o:p></p>
<p class=MsoListParagraphCxSpMiddle style='mso-list:l0 level2 lfo1'><span style='mso-list:Ignore'>o&nbsp;</span>Inner</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>1.&nbsp;</span>One</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l1 level1 lfo2'><span style='mso-list:Ignore'>2.&nbsp;</span>Two</p>
<table><tr><td><p>Before</p></td><td><p>After</p></td></tr><tr><td>3</td><td>9</td></tr></table>
<p class=MsoNormal>1. not a list, <a href="https://example.org/a_(b)">bad</a> <a href="https://example.org/">good</a>
<img src="https://example.org/spy.png" onerror="window.ran=1"><script>window.ran=1</script></p><!--EndFragment--></body></html>"""
WORD_CLEAN = """# My class

“Smart” **bold words** *and slanted*

- First point
    - Inner
1. One
2. Two

Before | After
3 | 9

1\\. not a list, bad [good](https://example.org/)"""
DOCS = """<meta charset='utf-8'><b style="font-weight:normal;" id="docs-internal-guid-1"><h2 dir="ltr"><span>Plan</span></h2>
<p dir="ltr"><span style="font-weight:400;">Plain </span><span style="font-weight:700;">strong</span><span
style="font-weight:400;font-style:italic;"> slanted</span></p><br /><ul><li dir="ltr"><p role="presentation"><span>One</span></p></li>
<ul><li><p><span>Inner</span></p></li></ul><li><p><span>Two * stars</span></p></li></ul></b>"""
DOCS_CLEAN = "## Plan\n\nPlain **strong** *slanted*\n\n- One\n    - Inner\n- Two \\* stars"
LIBRE = """<!DOCTYPE html><html><head><meta name="generator" content="LibreOffice"/><title></title></head><body lang="en-US">
<h3 class="western">Heading</h3><p style="line-height: 100%">Line one<br/>
line <font color="#ff0000"><b>two</b></font></p><ol start="3"><li><p>third</p></li><li><p>fourth</p></li></ol></body></html>"""
LIBRE_CLEAN = "### Heading\n\nLine one\nline **two**\n\n3. third\n4. fourth"
PASTE = """([html, id]) => { const area = document.getElementById(id); area.focus(); area.setSelectionRange(0, area.value.length);
    const data = new DataTransfer(); data.setData("text/html", html); data.setData("text/plain", "plain");
    area.dispatchEvent(new ClipboardEvent("paste", {clipboardData: data, bubbles: true, cancelable: true})); }"""


def test_the_toolbar_paste_count_and_preview(desk: Page, draft: Submission) -> None:
    area = desk.get_by_label(CONTEXT)
    expect(desk.get_by_role("toolbar").first).to_be_visible()
    name = area.get_attribute("id")
    for html, clean in ((WORD, WORD_CLEAN), (DOCS, DOCS_CLEAN), (LIBRE, LIBRE_CLEAN)):
        desk.evaluate(PASTE, [html, name])
        assert area.input_value() == clean
    assert desk.evaluate("window.ran") is None
    area.fill("My class")
    area.press("Control+A")
    area.press("Control+B")
    expect(area).to_have_value("**My class**")
    area.press("Control+Z")
    expect(area).to_have_value("My class")
    area.press("Control+A")
    area.press("Control+K")
    desk.keyboard.type("https://example.org/")
    area.press("End")
    desk.keyboard.type(" is here")
    expect(desk.locator(f'[id="{name}_words"]')).to_contain_text("Words: 4")
    area.press("Enter")
    area.press("Shift+Tab")
    expect(desk.get_by_role("button", name="Heading").first).to_be_focused()
    for _step in range(3):
        desk.keyboard.press("ArrowRight")
    desk.keyboard.press("Enter")
    desk.keyboard.type("one")
    desk.keyboard.press("Enter")
    desk.keyboard.type("two")
    expect(area).to_have_value("[My class](https://example.org/) is here\n- one\n- two")
    desk.locator("[data-write-preview]").first.locator("summary").click()
    shown = desk.locator("[data-write-shown]").first
    expect(shown.get_by_role("listitem")).to_have_text(["one", "two"])
    expect(shown.get_by_role("link", name="My class")).to_have_attribute("href", "https://example.org/")
    state(desk, "saved")
    assert serious(desk) == []


COUNTED = [
    "",
    "## Two words\n- one\n1. more **here**",
    'a [link of four words](https://example.org/a-b_(c) "title") end',
    '[x](<a b c> "d") — 3.5 it\'s e-mail & * _ ** 2019. ok',
    "- 1. nested\n\t* 2) tab\n###### six\n####### seven",
    "non\u00a0breaking\u2003em\ufeffmark\x85next\x1cfs héllo 日本語 ½ ②",
    "[" * 3_000 + "](" * 3_000 + "a b",
]


def test_page_and_rule_count_alike(desk: Page) -> None:
    source = desk.evaluate(
        "async () => (await (await fetch(document.querySelector('script[type=module]').src)).text())"
        ".match(/wordcount[^\"']*\\.js/)[0]"
    )
    numbers = desk.evaluate(
        "async ([name, texts]) => (await import(`/static/js/${name}`)).countWords && "
        "texts.map((await import(`/static/js/${name}`)).countWords)",
        [source, COUNTED],
    )
    assert numbers == [count_words(text) for text in COUNTED]
    assert numbers[:3] == [0, 5, 6]
