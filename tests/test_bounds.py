"""The bounds of every kind of page, literally: queries with one row and with three, and bytes of the first view."""

from __future__ import annotations

import gzip
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache, caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from playwright.sync_api import Page, Response

from accounts import workflow as accounts
from accounts.models import Membership, User
from badges import workflow as badges
from catalog.models import Collection, CollectionItem, MicroCredential, Stack, StackGroup, StackItem
from journal.workflow import record
from microcreds.demo import catalogue
from notifications import workflow as notifications
from review import workflow as review
from submissions import workflow as submissions
from tests import factories
from tests.browser import Server
from tests.people import People, cast
from tests.review.work import scored, signed_in

pytestmark = pytest.mark.django_db
ANONYMOUS, SIGNED_IN, DESK, AWARD = 3, 6, 8, 10
ROWS = pytest.mark.parametrize("rows", [1, 3])
FIRST_VIEW = 100_000


@pytest.fixture
def people() -> People:
    return cast()


def cost(path: str, person: User | None = None) -> int:
    """The queries of a page that nobody remembers yet, for somebody who has just signed in, or for everybody."""
    cache.clear()
    caches["pages"].clear()
    client = signed_in(person) if person else Client()
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return len(queries)


class Town:
    """A small world with `rows` of everything that a page lists."""

    def __init__(self, people: People, rows: int) -> None:
        self.people = people
        self.units = [factories.published(people.northfield, slug=f"unit-{row}") for row in range(rows)]
        self.group()
        self.awards = [self.award(unit) for unit in self.units]
        self.drafts = [self.attempt() for _row in range(rows)]
        for row in range(rows):
            self.decide(below="plan" if row else "")
            self.invite(row)
            entry = record("test", people.educator)
            notifications.notify(entry, people.educator, "welcome", {}, "/my/")
        self.claims = [self.claim(row) for row in range(rows)]

    def group(self) -> None:
        """A collection, and a stack with a group, that hold every unit."""
        shared: dict[str, str] = {"title": "Stack", "description": "Some."}
        stack = Stack.objects.create(slug="stack", issuer=self.people.northfield, certificate="One", **shared)
        group = StackGroup.objects.create(stack=stack, title="All")
        collection = Collection.objects.create(slug="collection", editor="An editor", **shared)
        for order, unit in enumerate(self.units):
            StackItem.objects.create(group=group, micro_credential=unit, order=order)
            CollectionItem.objects.create(collection=collection, micro_credential=unit, order=order)

    def award(self, unit: MicroCredential) -> Any:
        row = factories.award(self.people, unit, visibility="public")
        badges.share_with(row, self.people.educator, self.people.riverbend)
        return row

    def attempt(self) -> Any:
        draft = submissions.enrol(self.people.educator, factories.published(self.people.northfield))
        submissions.add_text(draft, self.people.educator, requirement="plan", text="First we look.")
        return draft

    def decide(self, below: str) -> None:
        unit = factories.published(self.people.northfield)
        factories.reviewed(factories.submitted(self.people.educator, unit), self.people.assessor, below=below)

    def claim(self, row: int) -> Any:
        """One waits, one is held."""
        unit = factories.published(self.people.northfield)
        factories.submitted(factories.user(f"waits{row}@example.test"), unit)
        held = factories.submitted(factories.user(f"held{row}@example.test"), unit)
        return scored(review.claim(held, self.people.assessor))

    def invite(self, row: int) -> None:
        admin, riverbend = self.people.district_admin, self.people.riverbend
        accounts.invite(admin, riverbend, f"invited{row}@example.test", "coach")
        factories.member(factories.user(f"member{row}@example.test"), riverbend, Membership.Role.EDUCATOR)
        factories.organisation(f"school-{row}", "school", parent=riverbend)
        for person in (admin, self.people.educator):
            EmailAddress.objects.create(user=person, email=f"{person.pk}-{row}@example.test", verified=True)


PUBLIC: dict[str, Callable[[Town], str]] = {
    "home": lambda town: "/",
    "explorer": lambda town: "/explore/",
    "filtered explorer": lambda town: "/explore/?q=students&evidence=plan&hours=5-8",
    "micro-credential": lambda town: "/micro-credentials/unit-0/",
    "collection": lambda town: "/collections/collection/",
    "stack": lambda town: "/stacks/stack/",
    "issuer": lambda town: "/issuers/northfield/",
    "badge": lambda town: f"/badges/{town.awards[0].pk}/",
    "badge download": lambda town: f"/badges/{town.awards[0].pk}.json",
    "badge picture": lambda town: f"/badges/{town.awards[0].pk}/image.png",
    "status list": lambda town: f"/status/{town.awards[0].status_list_id}",
    "achievement": lambda town: f"/achievements/{town.awards[0].version_id}",
    "verify": lambda town: "/verify/",
    "help": lambda town: "/help/",
    "help page": lambda town: "/help/first-micro-credential/",
    "ask the issuer": lambda town: "/issuers/northfield/ask/",
    "sign in": lambda town: "/accounts/login/",
    "sign up": lambda town: "/accounts/signup/",
    "schema of micro-credentials": lambda town: "/api/v1/micro-credentials/",
    "stacks over REST": lambda town: "/api/v1/stacks/",
    "collections over REST": lambda town: "/api/v1/collections/",
}
OWN: dict[str, tuple[str, Callable[[Town], str]]] = {
    "my": ("educator", lambda town: "/my/"),
    "submission, draft": ("educator", lambda town: f"/submissions/{town.drafts[0].pk}/"),
    "submission, read": ("educator", lambda town: f"/submissions/{town.awards[0].submission_id}/"),
    "notifications": ("educator", lambda town: "/notifications/"),
    "preferences": ("educator", lambda town: "/notifications/preferences/"),
    "account": ("educator", lambda town: "/account/"),
    "addresses": ("educator", lambda town: "/accounts/email/"),
    "own badge": ("educator", lambda town: f"/badges/{town.awards[0].pk}/"),
    "progress": ("educator", lambda town: "/stacks/stack/progress/"),
    "explorer": ("educator", lambda town: "/explore/?q=students"),
    "micro-credential": ("educator", lambda town: "/micro-credentials/unit-0/"),
    "organisation": ("district_admin", lambda town: "/organizations/riverbend/"),
    "account of an admin": ("district_admin", lambda town: "/account/"),
    "report": ("district_admin", lambda town: "/reports/"),
    "report as CSV": ("district_admin", lambda town: "/reports/export.csv"),
    "issued": ("approver", lambda town: "/badges/issued/"),
    "revoke": ("approver", lambda town: f"/badges/{town.awards[0].pk}/revoke/"),
    "completed": ("approver", lambda town: "/review/completed/"),
    "queue": ("assessor", lambda town: "/review/"),
    "own awards over REST": ("educator", lambda town: "/api/v1/awards/"),
    "own submissions over REST": ("educator", lambda town: "/api/v1/submissions/"),
    "one submission over REST": ("educator", lambda town: f"/api/v1/submissions/{town.drafts[0].pk}/"),
    "queue over REST": ("assessor", lambda town: "/api/v1/reviews/"),
    "report over REST": ("district_admin", lambda town: "/api/v1/reports/"),
}


@ROWS
def test_pages_for_everybody(people: People, rows: int) -> None:
    town = Town(people, rows)
    over = {name: cost(path(town)) for name, path in PUBLIC.items()}
    assert {name: number for name, number in over.items() if number > ANONYMOUS} == {}


@ROWS
def test_pages_for_people_who_are_signed_in(people: People, rows: int) -> None:
    town = Town(people, rows)
    over = {}
    for name, (person, path) in OWN.items():
        user: User = getattr(people, person)
        over[name] = cost(path(town), user)
    assert {name: number for name, number in over.items() if number > SIGNED_IN} == {}


@ROWS
def test_the_desk(people: People, rows: int) -> None:
    town = Town(people, rows)
    paths = [f"/review/{town.claims[0].pk}/", f"/api/v1/reviews/{town.claims[0].pk}/"]
    assert [path for path in paths if cost(path, people.assessor) > DESK] == []


@ROWS
def test_awarding(people: People, rows: int) -> None:
    Town(people, rows)
    earned = factories.earned(people)
    with CaptureQueriesContext(connection) as queries:
        badges.award(earned)
    assert len(queries) <= AWARD


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/", "/explore/", "/micro-credentials/seeking-well-being/"])
def test_the_first_view_is_small_and_asks_nobody_else(server: Server, page: Page, path: str) -> None:
    catalogue.load()
    answers: list[Response] = []

    def note(answer: Response) -> None:
        answers.append(answer)

    page.on("response", note)
    page.goto(server.url + path, wait_until="networkidle")
    assert {urlsplit(answer.url).netloc for answer in answers} == {urlsplit(server.url).netloc}
    assert {answer.status for answer in answers} == {200}
    html, *rest = [answer.body() for answer in answers]
    # Pages are sent as they are; static files compressed, here by the weaker of the two ways.
    assert len(html) + sum(len(gzip.compress(body)) for body in rest) <= FIRST_VIEW
    blocking = "performance.getEntriesByType('resource').filter(one => one.initiatorType === 'script' && one.renderBlockingStatus === 'blocking').map(one => one.name)"
    assert page.evaluate(blocking) == []
