"""The bounds of every kind of page, literally: queries with one row and with three."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache, caches
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, User
from badges import workflow as badges
from catalog.models import Collection, CollectionItem, MicroCredential, Stack, StackGroup, StackItem
from journal.workflow import record
from notifications import workflow as notifications
from review import workflow as review
from submissions import workflow as submissions
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import scored

pytestmark = pytest.mark.django_db
ANONYMOUS, SIGNED_IN, DESK = 3, 6, 8
AWARD = 12  # ten, and the two that begin and end its transaction
QUEUE = 9  # what bars her is looked up first, so that the queue is walked along its index


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
        soon = timezone.localdate() + timedelta(days=20)
        draft = submissions.enrol(self.people.educator, factories.published(self.people.northfield), soon)
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
    "plan": ("educator", lambda town: f"/enrolments/{town.drafts[0].enrolment_id}/plan/"),
    "own rating": ("educator", lambda town: f"/submissions/{town.drafts[0].pk}/self-rating/"),
    "on paper": ("educator", lambda town: f"/submissions/{town.drafts[0].pk}/print/"),
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


@pytest.fixture(scope="module", params=[1, 3])
def town(request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any) -> Iterator[Town]:
    """Built once for each number of rows; what a test adds is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield Town(cast(), request.param)
        transaction.set_rollback(True)


def test_pages_for_everybody(town: Town) -> None:
    over = {name: cost(path(town)) for name, path in PUBLIC.items()}
    assert {name: number for name, number in over.items() if number > ANONYMOUS} == {}


def test_pages_for_people_who_are_signed_in(town: Town) -> None:
    over = {}
    for name, (person, path) in OWN.items():
        user: User = getattr(town.people, person)
        over[name] = cost(path(town), user)
    queue = over.pop("queue")
    assert ({name: number for name, number in over.items() if number > SIGNED_IN}, queue) == ({}, QUEUE)


def test_the_desk(town: Town) -> None:
    paths = [f"/review/{town.claims[0].pk}/", f"/api/v1/reviews/{town.claims[0].pk}/"]
    assert [path for path in paths if cost(path, town.people.assessor) > DESK] == []


def test_awarding(town: Town) -> None:
    earned = factories.earned(town.people)
    with CaptureQueriesContext(connection) as queries:
        badges.award(earned)
    assert len(queries) <= AWARD
