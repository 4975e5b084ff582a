"""Who gets which answer where: one table, every route × every person. A route without a row fails.

The things asked for are the educator's: her draft, her submission under review by `assessor`, her private badge.
200 and 302 let in (302 also leads a stranger to sign-in, see `SIGN_IN`), 404 says that it does not exist for this
person, 403 that she may read but not do this, 400 and 409 that she may, but not with this or not now.
"""

from __future__ import annotations

from typing import Any, NamedTuple
from uuid import UUID

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import workflow as accounts
from accounts.models import Membership, User
from catalog.models import Collection, Stack
from journal.workflow import record
from notifications import workflow as notifications
from review import workflow as review
from submissions import workflow as submissions
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db

PERSONS = (
    "anonymous",
    "educator",
    "educator2",
    "assessor",
    "approver",
    "author",
    "district_admin",
    "district_admin2",
)
SIGN_IN = "in"  # a redirect to the sign-in page


class Row(NamedTuple):
    """What one route answers to `PERSONS`, in that order."""

    method: str
    answers: str


# Sign-in, addresses, passwords and two-step sign-in are allauth's; the admin is Django's, for staff only.
THEIRS = ("account_", "mfa_", "admin:")

TABLE: dict[str, Row] = {}


def routes(patterns: Any = None, namespace: str = "") -> list[str]:
    """The names of all routes; one without a name is reported by its pattern."""
    found = []
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            found += routes(pattern.url_patterns, f"{pattern.namespace}:" if pattern.namespace else namespace)
        elif isinstance(pattern, URLPattern):
            found.append(f"{namespace}{pattern.name or pattern.pattern}")
    return found


def ours() -> list[str]:
    return sorted({name for name in routes() if not name.startswith(THEIRS)})


class World(NamedTuple):
    """The people and the educator's things."""

    people: People
    ids: dict[str, Any]


@pytest.fixture
def world() -> World:
    people = cast()
    unit = factories.published(people.northfield, slug="unit", title="Unit")
    other = factories.published(people.northfield, slug="other", title="Other")
    third = factories.published(people.northfield, slug="third", title="Third")
    waiting = factories.published(people.northfield, slug="waiting", title="Waiting")
    award = factories.award(people, third)
    draft = submissions.enrol(people.educator, unit)
    artifact = submissions.add_text(
        draft, people.educator, requirement="plan", text="First we look, then we talk."
    )
    assignment = review.claim(factories.submitted(people.educator, other), people.assessor)
    held = assignment.submission.artifacts.get()
    queued = factories.submitted(people.educator, waiting)
    invitation = accounts.invite(people.district_admin, people.riverbend, "new@example.test", "educator")
    Collection.objects.create(slug="collection", title="Collection", description="", editor="Editor")
    Stack.objects.create(
        slug="stack", title="Stack", description="", issuer=people.northfield, certificate="C"
    )
    message = notifications.notify(record("test", people.educator), people.educator, "welcome", {}, "/my/")
    ids: dict[str, Any] = {
        "submission": draft.pk,
        "enrolment": draft.enrolment_id,
        "artifact": artifact.pk,
        "assignment": assignment.pk,
        "held": held.pk,
        "queued": queued.pk,
        "award": award.pk,
        "list": award.status_list_id,
        "version": award.version_id,
        "invitation": invitation.pk,
        "role": Membership.objects.get(user=people.educator, organisation=people.riverbend).pk,
        "message": message.pk,
    }
    return World(people, ids)


def address(name: str, ids: dict[str, UUID]) -> str:
    """The address of a route for the educator's things."""
    return reverse(name, kwargs=ARGUMENTS(name, ids))


def ARGUMENTS(name: str, ids: dict[str, Any]) -> dict[str, Any]:  # noqa: N802
    """The keyword arguments of a route."""
    if name == "review-artifact":
        return {"pk": ids["assignment"], "artifact": ids["held"]}
    if name == "badge-download":
        return {"pk": ids["award"], "kind": "json"}
    if name in SLUGS:
        return {"slug": SLUGS[name]}
    for prefixes, thing in THINGS:
        if name.startswith(prefixes):
            return {"pk": ids[thing]}
    return {}


SLUGS = {
    "micro-credential": "unit",
    "api-micro-credential": "unit",
    "collection": "collection",
    "api-collection": "collection",
    "stack": "stack",
    "api-stack": "stack",
    "issuer": "northfield",
    "api-issuer": "northfield",
    "issuer-did": "northfield",
    "ask-issuer": "northfield",
    "enrol": "unit",
    "organization": "riverbend",
    "help-page": "what-this-is",
    "stack-progress": "stack",
}
THINGS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("role-end",), "role"),
    (("invitation",), "invitation"),
    (("notification-open",), "message"),
    (("review-claim",), "queued"),
    (("review-desk", "review-complete", "review-release", "review-recuse", "review-continue"), "assignment"),
    (("api-review-", "api-review"), "assignment"),
    (("enrolment-", "api-enrolment-", "api-enrolment"), "enrolment"),
    (("artifact-delete", "artifact-file", "api-artifact"), "artifact"),
    (("artifact-",), "submission"),
    (("submission", "api-submission"), "submission"),
    (("status",), "list"),
    (("achievement",), "version"),
    (("badge", "api-award"), "award"),
)
WITHOUT = {
    "api-reviews", "api-reviews-mine", "api-review-claim", "api-enrolments", "api-submissions", "api-awards",
}  # fmt: skip


def ask(world: World, name: str, method: str, person: str) -> str:
    """One request by one person, in words of the table."""
    client = Client(raise_request_exception=False)
    if person != "anonymous":
        user: User = getattr(world.people, person)
        client.force_login(user)
    url = reverse(name) if name in WITHOUT else address(name, world.ids)
    answer = (
        client.generic(method, url, b"{}", content_type="application/json")
        if method != "GET"
        else client.get(url)
    )
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    return str(answer.status_code)


def test_every_route_has_a_row() -> None:
    assert ours() == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_answers(world: World, name: str) -> None:
    row = TABLE[name]
    # Later requests may find what an earlier one changed, so strangers ask first and the rightful person last.
    given = dict.fromkeys(PERSONS, "")
    for person in sorted(
        PERSONS, key=lambda person: row.answers.split()[PERSONS.index(person)] in {"200", "302"}
    ):
        given[person] = ask(world, name, row.method, person)
    assert " ".join(given.values()) == row.answers
