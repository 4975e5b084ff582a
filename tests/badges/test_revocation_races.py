"""What two people, or one who presses twice, do about one badge in the same moment: one end, told once, nothing lost."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Membership, User
from badges import workflow
from badges.models import Award, Endorsement, Revocation
from badges.workflow.endorsing import endorse, withdraw_endorsement
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


@pytest.fixture
def outsiders(people: People) -> list[User]:
    rows = [factories.user(f"outside{number}@example.test") for number in (1, 2, 3)]
    for row in rows:
        factories.member(row, people.northfield, Membership.Role.APPROVER)
    return rows


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """What became of calls that start together, each with a connection of its own: what it gave, or `refused`."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        try:
            gate.wait(30)
            found = call()
        except TransitionError:
            return "refused"
        finally:
            connection.close()
        return found if isinstance(found, int) else "done"

    with ThreadPoolExecutor(len(calls)) as pool:
        return sorted((future.result() for future in [pool.submit(run, call) for call in calls]), key=str)


def pressed_twice(user: User, path: str, **said: str) -> list[Any]:
    clients = [signed_in(user) for _number in range(2)]
    return at_once(*(partial(lambda one: one.post(path, said).status_code, client) for client in clients))


def times(kind: str) -> int:
    return Entry.objects.filter(kind=f"badges.{kind}").count()


def test_who_presses_twice_does_it_once_and_is_told(people: People, outsiders: list[User]) -> None:
    award = factories.award(people, visibility="public")
    assert pressed_twice(people.approver, f"/badges/{award.pk}/revoke/", reason="A copy.") == [302, 409]
    row = Revocation.objects.get()
    theirs, hers = f"/badges/revocations/{row.pk}/", f"/badges/{award.pk}/revocation/"
    assert pressed_twice(people.educator, hers, verb="answer", answer="It is mine.") == [302, 409]
    first = {"verb": "decide", "outcome": "revoke", "text": "I read both.", "answered": "1"}
    assert pressed_twice(outsiders[0], theirs, **first) == [302, 409]
    again = signed_in(outsiders[0]).post(theirs, first)
    assert (again.status_code, "You have decided this already." in again.content.decode()) == (409, True)
    assert pressed_twice(people.educator, hers, verb="appeal", appeal="Look again.") == [302, 409]
    last = {"verb": "decide_appeal", "outcome": "restore", "text": "So it is."}
    with pytest.raises(GuardError, match="not involved"):
        workflow.decide_appeal(Revocation.objects.get(), outsiders[0], restore=False, text="No.")
    assert pressed_twice(outsiders[1], theirs, **last) == [302, 409]
    kinds = ("opened", "answered", "decided", "appealed", "reversed")
    assert [times(f"revocation_{kind}") for kind in kinds] == [1] * 5
    assert (times("revoked"), times("restored"), Award.objects.get().state) == (1, 1, "active")


def test_of_two_people_at_once_one_does_it(people: People, outsiders: list[User]) -> None:
    award = factories.award(people)
    ends = at_once(
        partial(workflow.open_revocation, award, people.approver, "It is a copy."),
        partial(workflow.open_revocation, Award.objects.get(), outsiders[2], "It is not hers."),
    )
    assert (ends, Revocation.objects.count()) == (["done", "refused"], 1)
    Revocation.objects.update(answer_until=timezone.now() - timedelta(days=1), opened_by=people.approver)
    decide = partial(workflow.decide_revocation, revoke=True, text="I read both.", answered=False)
    ends = at_once(*(partial(decide, Revocation.objects.get(), user) for user in outsiders))
    assert (ends, times("revoked")) == (["done", "refused", "refused"], 1)
    workflow.appeal_revocation(Revocation.objects.get(), people.educator, "Look again.")
    left = [user for user in outsiders if user != Revocation.objects.get().decided_by]
    ends = at_once(
        partial(workflow.decide_appeal, Revocation.objects.get(), left[0], restore=True, text="Yes."),
        partial(workflow.decide_appeal, Revocation.objects.get(), left[1], restore=False, text="No."),
    )
    assert ends == ["done", "refused"]
    restored = Revocation.objects.get().state == "restored"
    assert (Award.objects.get().state == "active", times("restored")) == (restored, int(restored))


def test_a_stolen_key_and_a_decision_at_once_leave_one_revocation(
    people: People, outsiders: list[User]
) -> None:
    award = factories.award(people)
    workflow.open_revocation(award, people.approver, "It is a copy.")
    Revocation.objects.update(answer_until=timezone.now())
    row, key = Revocation.objects.get(), award.key
    assert key is not None
    since = timezone.now() - timedelta(days=1)
    at_once(
        partial(workflow.decide_revocation, row, outsiders[0], revoke=True, text="So.", answered=False),
        partial(workflow.revoke_key_and_badges, key, since, "A stolen laptop."),
    )
    assert (Award.objects.get().state, times("revoked"), times("key_revoked")) == ("revoked", 1, 1)
    assert list(Revocation.objects.values_list("state", flat=True)) == ["revoked"]


def test_an_endorsement_is_withdrawn_once(people: People, outsiders: list[User]) -> None:
    award = factories.award(people, visibility="public")
    other = factories.organisation("lakeside")
    for number in (0, 1):
        factories.member(outsiders[number], other, Membership.Role.ADMIN)
    persons = [User.objects.get(pk=user.pk) for user in outsiders[:2]]
    ends = at_once(*(partial(endorse, other, award, user, "We stand behind it.") for user in persons))
    assert (ends, Endorsement.objects.count()) == (["done", "refused"], 1)
    rows = [Endorsement.objects.select_related("endorser", "award").get() for _user in persons]
    ends = at_once(
        *(partial(withdraw_endorsement, row, user) for row, user in zip(rows, persons, strict=True))
    )
    assert (ends, times("endorsement_withdrawn")) == (["done", "refused"], 1)
