"""Two at the same moment, on real PostgreSQL, where no room's own tests try it: once, and nothing is lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from rest_framework.authtoken.models import Token

from accounts import workflow as accounts
from accounts.models import Invitation, Membership
from badges import workflow as badges
from badges.models import Award, Exchange, Share
from badges.workflow.endorsing import endorse
from journal.models import Entry
from journal.workflow import TransitionError
from notifications import workflow as notifications
from notifications.models import Message
from submissions import workflow as submissions
from submissions.models import Submission
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Results and refusals of calls that start together, each with a connection of its own."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        gate.wait(10)
        try:
            return call()
        except TransitionError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def refused(results: list[Any]) -> int:
    return sum(isinstance(result, TransitionError) for result in results)


def entries(kind: str) -> int:
    return Entry.objects.filter(kind=kind).count()


def test_an_invitation_accepted_twice_gives_one_role(people: People) -> None:
    invitation = accounts.invite(people.district_admin, people.riverbend, people.educator2.email, "coach")
    results = at_once(
        *[lambda: accounts.accept(Invitation.objects.get(pk=invitation.pk), people.educator2)] * 4
    )
    assert (refused(results), entries("accounts.invitation_accepted"), entries("accounts.role_granted")) == (
        3,
        1,
        1,
    )
    assert Membership.objects.filter(user=people.educator2, role="coach").count() == 1


def test_accepting_and_withdrawing_an_invitation_leave_one_end(people: People) -> None:
    invitation = accounts.invite(people.district_admin, people.riverbend, people.educator2.email, "coach")
    results = at_once(
        lambda: accounts.accept(Invitation.objects.get(pk=invitation.pk), people.educator2),
        lambda: accounts.withdraw_invitation(people.district_admin, Invitation.objects.get(pk=invitation.pk)),
    )
    invitation.refresh_from_db()
    given = Membership.objects.filter(user=people.educator2, role="coach").count()
    assert (refused(results), given) == (1, int(invitation.state == "accepted"))


def test_an_address_invited_twice_is_invited_once(people: People) -> None:
    results = at_once(
        *[lambda: accounts.invite(people.district_admin, people.riverbend, "x@example.test", "coach")] * 4
    )
    assert (refused(results), Invitation.objects.count(), entries("accounts.invited")) == (3, 1, 1)


def test_two_last_admins_do_not_both_go(people: People) -> None:
    factories.member(people.author, people.riverbend, Membership.Role.DISTRICT_ADMIN)
    places = list(Membership.objects.filter(organisation=people.riverbend, role="district_admin"))
    results = at_once(*[lambda place=place: accounts.end_role(place.user, place) for place in places])
    left = Membership.objects.filter(organisation=people.riverbend, role="district_admin", state="active")
    assert (refused(results), left.count()) == (1, 1)


def test_sharing_at_once_shares_once_and_taking_back_at_once_ends_it_once(people: People) -> None:
    award = factories.award(people)
    at_once(
        *[lambda: badges.share_with(Award.objects.get(pk=award.pk), people.educator, people.riverbend)] * 4
    )
    assert (Share.objects.count(), entries("badges.shared")) == (1, 1)
    results = at_once(
        *[lambda: badges.unshare(Award.objects.get(pk=award.pk), people.educator, people.riverbend)] * 4
    )
    assert (refused(results), entries("badges.unshared"), Share.objects.get().state) == (3, 1, "ended")


def test_showing_handing_over_and_endorsing_at_once_happen_once(people: People) -> None:
    award, user = factories.award(people, visibility="unlisted"), people.educator
    links = at_once(*[lambda: badges.make_link(user, "Principal", [award.pk])] * 3)
    assert (len({link.pk for link in links}), entries("badges.link_made")) == (1, 1)
    at_once(*[lambda: badges.begin_exchange(award, user)] * 3)
    exchange = Exchange.objects.get()
    wallets = [
        lambda name=name: badges.hand_over(Exchange.objects.select_related("award").get(), name)
        for name in ("one", "two", "three")
    ]
    assert (refused(at_once(*wallets)), entries("badges.handed_over")) == (2, 1)
    exchange.refresh_from_db()
    assert exchange.state == "done"
    endorsers = [lambda: endorse(people.hillside, people.northfield, people.district_admin2, "Good.")] * 3
    assert (refused(at_once(*endorsers)), entries("badges.endorsed")) == (2, 1)


def test_announcing_at_once_opens_one_procedure(people: People) -> None:
    award = factories.award(people)
    results = at_once(
        *[lambda: badges.open_revocation(Award.objects.get(pk=award.pk), people.approver, "A copy.")] * 3
    )
    assert (refused(results), entries("badges.revocation_opened")) == (2, 1)


def test_saving_and_submitting_at_once_seal_what_was_kept(people: People) -> None:
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    submissions.add_text(draft, people.educator, requirement="plan", text="First we look, then we talk.")
    newer = {"context": "Twenty seven curious children now"}

    def load() -> Submission:
        return Submission.objects.get(pk=draft.pk)

    saved, sent = at_once(
        lambda: submissions.save(load(), people.educator, revision=1, answers=newer),
        lambda: submissions.submit(load(), people.educator, ["privacy"]),
    )
    row = load()
    assert (row.state, isinstance(sent, TransitionError)) == ("submitted", False)
    kept = not isinstance(saved, TransitionError)
    assert row.answers["context"] == (newer if kept else factories.ANSWERS)["context"]


def test_leaving_and_submitting_at_once_leave_one_end(people: People) -> None:
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    submissions.add_text(draft, people.educator, requirement="plan", text="First we look, then we talk.")
    at_once(
        lambda: submissions.leave(Submission.objects.get(pk=draft.pk).enrolment, people.educator),
        lambda: submissions.submit(Submission.objects.get(pk=draft.pk), people.educator, ["privacy"]),
    )
    row = Submission.objects.select_related("enrolment").get(pk=draft.pk)
    assert (row.enrolment.state, row.state) in {("left", "withdrawn"), ("active", "submitted")}


def test_what_happened_once_is_told_once(people: People) -> None:
    entry = Entry.objects.create(kind="test", subject_kind="x", subject_id="x", data={})
    at_once(*[lambda: notifications.notify(entry, people.educator, "welcome", {}, "/my/")] * 4)
    assert Message.objects.count() == 1
    sent = at_once(*[lambda: notifications.send(Message.objects.get())] * 4)
    assert sorted(sent) == [False, False, False, True]


def test_asking_for_a_token_at_once_gives_one(people: People) -> None:
    given = {"email": people.educator.email, "password": "correct horse battery"}
    answers = at_once(
        *[lambda: Client().post("/api/v1/auth/token/", given, content_type="application/json")] * 4
    )
    assert {answer.status_code for answer in answers} == {200}
    assert {answer.json()["token"] for answer in answers} == {Token.objects.get().key}


def test_first_answers_at_once_make_one_profile(people: People) -> None:
    at_once(*[lambda: accounts.update_profile(people.educator, state="Nevada")] * 4)
    assert accounts.update_profile(people.educator).state == "Nevada"
