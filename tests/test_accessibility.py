"""Every kind of page, as each person sees it, in the demonstration's world and a real browser.

Nothing that keeps somebody out (axe: serious or critical), light and dark, wide and at 390 px; nothing wider than a
phone; no word on the console; no request to another host; a title of its own and one `h1`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from django.db import connection
from django.db.models import QuerySet
from playwright.sync_api import Page, Request, ViewportSize

from accounts.models import User
from badges.models import Award
from journal.workflow import record
from microcreds.demo import catalogue, history, people
from notifications import workflow as notifications
from review import workflow as review
from review.models import Assignment
from submissions.models import Submission
from tests.browser import Server
from tests.cheaply import sweep

pytestmark = pytest.mark.django_db
NewPage = Callable[..., Page]
WIDE: ViewportSize = {"width": 1280, "height": 800}
PHONE: ViewportSize = {"width": 390, "height": 844}
# What axe says of an element in one scheme it says in the other too, but for its colours.
EVERYTHING: dict[str, Any] = {"resultTypes": ["violations"]}
COLOURS: dict[str, Any] = {"runOnly": ["color-contrast", "link-in-text-block"], **EVERYTHING}
VIEWS: tuple[tuple[ViewportSize, Literal["light", "dark"], dict[str, Any]], ...] = (
    (WIDE, "light", EVERYTHING),
    (WIDE, "dark", COLOURS),
    (PHONE, "dark", EVERYTHING),
    (PHONE, "light", COLOURS),
)
SERIOUS = """options => axe.run(options).then(found => found.violations
    .filter(one => ["serious", "critical"].includes(one.impact))
    .map(one => `${one.id}: ${one.nodes[0].html.slice(0, 160)}`))"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


class Stop(NamedTuple):
    """A page to look at: its address, the status it answers with, and what to do there first."""

    path: str
    status: int = 200
    act: Callable[[Page], None] | None = None


@dataclass
class World:
    """The server, and those of the demonstration's things that have no fixed address."""

    server: Server
    public: Award
    private: Award
    revocable: Award
    own: list[Submission]
    begun: Assignment
    scored: Assignment


def of(account: str) -> QuerySet[Submission]:
    """An account's submissions."""
    return Submission.objects.filter(enrolment__earner__email=f"{account}@{people.DOMAIN}")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """The demonstration behind a server, loaded once for all who look at it, removed afterwards."""
    with django_db_blocker.unblock():
        for part in (catalogue, people, history):
            part.load()
        server = Server()
        yield find(server)
        server.thread.terminate()
        sweep()
        connection.close()  # the browser's driver gives this thread another one than pytest's


def find(server: Server) -> World:
    """One of each, and a message, for no worker runs here."""
    public, private = (
        Award.objects.get(submission__in=of("educator"), visibility=shown) for shown in ("public", "private")
    )
    notifications.notify(record("test", public.earner), public.earner, "welcome", {}, "/my/")
    return World(
        server,
        public=public,
        private=private,
        revocable=Award.objects.filter(issuer__slug="northfield")[0],
        own=list(of("educator")),
        begun=Assignment.objects.get(submission__in=of("educator"), submission__state="in_review"),
        scored=scored(User.objects.get(email=f"assessor2@{people.DOMAIN}")),
    )


def scored(assessor: User) -> Assignment:
    """A review that can be sent."""
    assignment = review.claim(of("educator2").filter(state="submitted")[0], assessor)
    criteria = assignment.submission.enrolment.version.criteria.all()
    scores = {row.key: {"level": row.passing, "feedback": "Seen in the plan."} for row in criteria}
    words: dict[str, Any] = {"strength": history.STRENGTH, "next_step": history.NEXT}
    review.save(assignment, assessor, revision=0, scores=scores, **words)
    return assignment


def verify(world: World) -> Callable[[Page], None]:
    """Paste the credential and ask."""

    def act(page: Page) -> None:
        page.get_by_label("Or its address").fill(json.dumps(world.public.credential))
        page.get_by_role("button", name="Check it").click()
        page.get_by_role("heading", name="This badge is valid").wait_for()

    return act


def refuse(button: str) -> Callable[[Page], None]:
    """Send a form empty, so that its errors show."""

    def act(page: Page) -> None:
        page.get_by_role("main").get_by_role("button", name=button).click()
        page.get_by_role("alert").first.wait_for()

    return act


def confirm(page: Page) -> None:
    """It is her: the password once more."""
    page.get_by_label("Password").fill(people.password())
    page.get_by_role("button", name="Confirm").click()
    page.get_by_role("heading", name="Set up two-step sign-in").wait_for()


def anonymous(world: World) -> list[Stop]:
    return [
        *(
            Stop(path)
            for path in ("/", "/explore/", "/explore/?q=families&without_students=1", "/explore/?q=zzz")
        ),
        *(Stop(path) for path in PUBLIC),
        *(
            Stop(path)
            for path in ("/help/", "/help/ask/", "/issuers/northfield/ask/", "/verify/", "/api/docs/")
        ),
        *(Stop(f"/help/{page}/") for page in HELP),
        Stop("/verify/", act=verify(world)),
        *(Stop(f"/accounts/{page}/") for page in ("login", "signup", "password/reset")),
        Stop("/accounts/signup/", act=refuse("Create account")),
        Stop("/no/such/page/", 404),
        Stop(f"/badges/{world.public.pk}/"),
        Stop(f"/badges/{world.private.pk}/", 404),
    ]


def educator(world: World) -> list[Stop]:
    return [
        *(
            Stop(path)
            for path in (
                "/my/",
                "/account/",
                "/account/apps/",
                "/account/question/",
                "/stacks/student-data-privacy/",
            )
        ),
        *(Stop(path) for path in ("/notifications/", "/notifications/preferences/")),
        *(
            Stop(f"/accounts/{page}/")
            for page in ("email", "password/change", "2fa", "reauthenticate", "logout")
        ),
        Stop("/accounts/2fa/totp/activate/", act=confirm),
        *(Stop(f"/submissions/{row.pk}/") for row in world.own),
        Stop(f"/badges/{world.public.pk}/"),
        Stop(f"/badges/{world.private.pk}/"),
        Stop("/reports/", 403),
    ]


def assessor(world: World) -> list[Stop]:
    return [Stop("/review/"), Stop(f"/review/{world.begun.pk}/")]


def assessor2(world: World) -> list[Stop]:
    desk = f"/review/{world.scored.pk}/"
    return [Stop(desk), Stop(f"{desk}complete/")]


def approver(world: World) -> list[Stop]:
    return [Stop("/review/completed/")]


def issuer(world: World) -> list[Stop]:
    return [Stop("/badges/issued/"), Stop("/badges/grants/"), Stop(f"/badges/{world.revocable.pk}/revoke/")]


def district(world: World) -> list[Stop]:
    return [Stop("/reports/"), Stop("/organizations/riverbend/")]


PUBLIC = (
    "/micro-credentials/seeking-well-being/",
    "/stacks/student-data-privacy/",
    "/collections/outside-the-classroom-without-students/",
    "/issuers/northfield/",
)
HELP = (
    "what-this-is",
    "first-micro-credential",
    "filming-and-pupils",
    "your-files",
    "how-assessment-works",
    "what-it-is-worth",
    "connected-programs",
)
Tour = Callable[[World], list[Stop]]
TOURS: tuple[Tour, ...] = (anonymous, educator, assessor, assessor2, approver, issuer, district)


@dataclass
class Visitor:
    """Somebody at a browser, and what went wrong on the page she is on."""

    page: Page
    home: str

    def __post_init__(self) -> None:
        self.faults: list[str] = []
        self.page.on("request", self.hear)
        self.page.on("console", lambda word: self.note(word.type == "error", f"console: {word.text}"))
        self.page.on("pageerror", lambda error: self.note(True, f"script: {error}"))

    def hear(self, request: Request) -> None:
        """Nothing is asked of anybody else."""
        address = urlsplit(request.url)
        self.note(address.scheme.startswith("http") and f"http://{address.netloc}" != self.home, request.url)

    def note(self, wrong: bool, words: str) -> None:
        if wrong:
            self.faults.append(words)

    def sign_in(self, account: str) -> None:
        """By the form, as people do; pages that ask for a fresh sign-in then open."""
        self.page.goto(f"{self.home}/accounts/login/")
        self.page.get_by_label("Email").fill(f"{account}@{people.DOMAIN}")
        self.page.get_by_label("Password").fill(people.password())
        self.page.get_by_role("button", name="Sign in").click()
        self.page.get_by_role("link", name="Notifications").wait_for()

    def look(self, stop: Stop) -> list[str]:
        """Everything that is wrong with one page, each fault with its page and view."""
        self.faults.clear()
        self.page.set_viewport_size(WIDE)
        answer = self.page.goto(self.home + stop.path)
        assert answer is not None
        if stop.status >= 400:
            self.faults.clear()  # the browser itself writes of an error page on the console
        self.note(answer.status != stop.status, f"answers {answer.status}")
        if stop.act:
            stop.act(self.page)
        self.note(not self.page.title().endswith(" – Microcreds"), f"title: {self.page.title()}")
        headings = self.page.locator("h1").count()
        self.note(headings != 1, f"{headings} h1")
        self.page.evaluate(AXE_SCRIPT)
        for size, scheme, options in VIEWS:
            self.view(size, scheme, options)
        return [f"{stop.path} {fault}" for fault in self.faults]

    def view(self, size: ViewportSize, scheme: Literal["light", "dark"], options: dict[str, Any]) -> None:
        """One width in one scheme."""
        self.page.set_viewport_size(size)
        self.page.emulate_media(color_scheme=scheme)
        label = f"{size['width']} {scheme}"
        self.note(not self.page.evaluate(FITS), f"{label}: wider than the window")
        self.faults += [f"{label}: {fault}" for fault in self.page.evaluate(SERIOUS, options)]


@pytest.mark.parametrize("tour", TOURS, ids=lambda tour: tour.__name__)
def test_every_page_is_for_everybody(world: World, new_page: NewPage, tour: Tour) -> None:
    visitor = Visitor(new_page(), world.server.url)
    if tour is not anonymous:
        visitor.sign_in(tour.__name__)
    assert [fault for stop in tour(world) for fault in visitor.look(stop)] == []
