"""Who gets which answer where: one table, every route × every person. A route without a row fails.

The things asked for are the educator's: her draft, her submission under review by `assessor`, her private badge.
200 and 302 let in (302 also leads a stranger to sign-in, see `SIGN_IN`), 404 says that it does not exist for this
person, 403 that she may read but not do this, 400 and 409 that she may, but not with this or not now.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from accounts import workflow as accounts
from accounts.models import Membership
from badges import workflow as badges
from badges.models import Award
from badges.workflow.endorsing import endorse
from badges.workflow.proceeding import open_revocation
from catalog.models import Collection, MicroCredential, Stack
from journal.workflow import record
from microcreds.demo import evidence
from notifications import workflow as notifications
from review import workflow as review
from review.models import Assignment
from submissions import workflow as submissions
from submissions.models import Conversation, Submission
from tests import factories
from tests.addresses import EXACT, MORE, SLUGS, THINGS, TOKENS, WITHOUT
from tests.badges.stacked import asked_to_count
from tests.doors import PERSONS, SIGN_IN, TABLE, THEIRS
from tests.people import People, cast, signed_in
from tests.review.anchored import calibrated
from tests.review.work import appealed, doubted, noted

pytestmark = pytest.mark.django_db

SESSION = settings.SESSION_COOKIE_NAME


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
    """The people, the educator's things, and the session of each of `PERSONS` who has one."""

    people: People
    ids: dict[str, Any]
    sessions: dict[str, str]


def earned_by(award: Award) -> Submission:
    """The attempt a badge stands for."""
    assert award.submission is not None
    return award.submission


def handed_in(people: People, unit: MicroCredential) -> Submission:
    """A submission of the educator's with a file."""
    draft = submissions.enrol(people.educator, unit)
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    factories.kept(draft, evidence.plan(), "application/pdf", "plan.pdf")
    return submissions.submit(draft, people.educator, ["privacy"])


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once for the whole table; whatever a request changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


def things(
    people: People, draft: Submission, assignment: Assignment, queued: Submission, award: Award
) -> dict[str, Any]:
    """The ids that addresses ask for."""
    return {
        "submission": draft.pk,
        "enrolment": draft.enrolment_id,
        "assignment": assignment.pk,
        "held": assignment.submission.artifacts.get().pk,
        "note": noted(assignment).pk,
        "comment": review.keep_comment(people.assessor, people.northfield.pk, "Count who speaks.").pk,
        "queued": queued.pk,
        "assessment": review.enter(queued).pk,
        "award": award.pk,
        "list": award.status_list_id,
        "version": award.version_id,
        "role": Membership.objects.get(user=people.educator, organisation=people.riverbend).pk,
        "class": factories.school_class(people.educator).pk,
        **handed(people, award),
        **doubted(people, queued, assignment.submission),
        **appealed(people),
        **calibrated(people, earned_by(award)),
        "conversation": Conversation.objects.create(enrolment=draft.enrolment, after=1).pk,
        "revocation": open_revocation(award, people.approver, "It may be a copy.").pk,
        "place": factories.team_place(draft, "new@example.test").pk,
        "batch": factories.batch(people).pk,
        "endorsement": endorse(people.riverbend, people.northfield, people.district_admin, "Good work.").pk,
    }


def handed(people: People, award: Award) -> dict[str, Any]:
    """How the educator shows her badge to whoever has the address."""
    link = badges.make_link(people.educator, "Principal", [award.pk])
    badges.save_profile(people.educator, slug="maya-rivera", name_shown="Maya Rivera", shown=True)
    exchange = badges.begin_exchange(award, people.educator)
    return {"link": link.pk, "link_token": link.token, "exchange_token": exchange.token}


def make_world() -> World:
    """The cast and the educator's things."""
    people = cast()
    unit = factories.published(people.northfield, slug="unit", title="Unit", teams=True)
    other = factories.published(people.northfield, slug="other", title="Other")
    third = factories.published(people.northfield, slug="third", title="Third")
    waiting = factories.published(people.northfield, slug="waiting", title="Waiting")
    award = factories.award(people, third)
    draft = submissions.enrol(people.educator, unit)
    artifact = submissions.add_text(
        draft, people.educator, requirement="plan", text="First we look, then we talk."
    )
    upload = submissions.begin_upload(draft, people.educator, requirement="plan", name="plan.pdf", size=9)
    assignment = review.claim(handed_in(people, other), people.assessor)
    queued = factories.submitted(people.educator, waiting)
    invitation = accounts.invite(people.district_admin, people.riverbend, "new@example.test", "educator")
    Collection.objects.create(slug="collection", title="Collection", description="", editor="Editor")
    stack = Stack.objects.create(
        slug="stack", title="S", description="", issuer=people.northfield, certificate="C"
    )
    asked = asked_to_count(people, stack, unit)
    message = notifications.notify(record("test", people.educator), people.educator, "welcome", {}, "/my/")
    ids = things(people, draft, assignment, queued, award)
    ids |= {"external": asked.external_id, "recognition": asked.pk}
    ids |= {"upload": upload.pk, "artifact": artifact.pk, "invitation": invitation.pk, "message": message.pk}
    sessions = {name: signed_in(getattr(people, name)).cookies[SESSION].value for name in PERSONS[1:]}
    return World(people, ids, sessions)


def visitor(world: World, person: str, **options: Any) -> Client:
    """A browser of this person's; signing in anew would take as long as the request that follows."""
    client = Client(raise_request_exception=False, **options)
    if person != "anonymous":
        client.cookies[SESSION] = world.sessions[person]
    return client


def address(name: str, ids: dict[str, Any]) -> str:
    """The address of a route for the educator's things."""
    return reverse(name, kwargs={} if name in WITHOUT else arguments(name, ids))


def arguments(name: str, ids: dict[str, Any]) -> dict[str, Any]:
    """The keyword arguments of a route."""
    if name in EXACT:
        return {key: ids.get(value, value) for key, value in EXACT[name].items()}
    if name == "review-preview":
        return {"pk": ids["assignment"], "artifact": ids["held"], "kind": "poster"}
    if name in TOKENS:
        token, more = TOKENS[name]
        kind = {"kind": "json"} if name == "link-file" else {}
        return {"token": ids[token], **{key: ids[thing] for key, thing in more.items()}, **kind}
    if name in MORE:
        thing, more = MORE[name]
        return {"pk": ids[thing], **more}
    if name == "evidence":
        return {"address": "nothing-signed"}
    if name in SLUGS:
        return {"slug": SLUGS[name]}
    for prefixes, thing in THINGS:
        if name.startswith(prefixes):
            return {"pk": ids[thing]}
    return {}


def send(client: Client, method: str, url: str) -> Any:
    """A GET, or an empty JSON object."""
    if method == "GET":
        return client.get(url)
    return client.generic(method, url, b"{}", content_type="application/json")


def ask(world: World, name: str, method: str, person: str) -> str:
    """One request by one person, in words of the table."""
    client, url = visitor(world, person), address(name, world.ids)
    with transaction.atomic():
        answer = send(client, method, url)
        transaction.set_rollback(True)
    if answer.status_code == 302 and answer["Location"].startswith("/accounts/login/"):
        return SIGN_IN
    return str(answer.status_code)


def test_every_route_has_a_row() -> None:
    assert ours() == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_answers(world: World, name: str) -> None:
    row = TABLE[name]
    given = [ask(world, name, row.method, person) for person in PERSONS]
    assert " ".join(given) == row.answers
