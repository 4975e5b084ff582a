"""Badges that end: counted to the day, told in time, renewed beside the old one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import Membership
from badges import checking, workflow
from badges.models import Award
from badges.terms import end_of
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import TransitionError
from reports.queries import report
from submissions.models import Enrolment
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    """One whose badge is valid for a year."""
    return factories.published(people.northfield, term_months=12)


def ending(award: Award, days: float) -> Award:
    """The same badge, so many days before its end."""
    end = timezone.now() + timedelta(days=days)
    award.valid_until = end
    award.save(update_fields=["valid_until"])
    return workflow.reissue(award, "term")


@pytest.mark.parametrize(
    ("earned", "months", "end"),
    [
        ((2026, 1, 31), 1, (2026, 2, 28)),
        ((2027, 8, 31), 6, (2028, 2, 29)),
        ((2026, 11, 30), 3, (2027, 2, 28)),
        ((2024, 2, 29), 12, (2025, 2, 28)),
        ((2026, 12, 15), 24, (2028, 12, 15)),
    ],
)
def test_months_end_on_the_same_day_or_the_months_last(
    earned: tuple[int, int, int], months: int, end: tuple[int, int, int]
) -> None:
    assert end_of(datetime(*earned, 9, 30, tzinfo=UTC), months) == datetime(*end, 9, 30, tzinfo=UTC)
    assert end_of(datetime(*earned, tzinfo=UTC), None) is None


def test_a_term_stands_in_page_api_and_credential(people: People, unit: MicroCredential) -> None:
    award = factories.award(people, unit, visibility="public")
    assert award.valid_until is not None
    assert award.valid_until == end_of(award.awarded_at, 12)
    assert award.credential["validUntil"] == award.valid_until.strftime("%Y-%m-%dT%H:%M:%SZ")
    assert (
        "12 months from the day you earn it"
        in Client().get(f"/micro-credentials/{unit.slug}/").content.decode()
    )
    assert Client().get(f"/api/v1/micro-credentials/{unit.slug}/").json()["term_months"] == 12
    assert "valid until" in Client().get(f"/badges/{award.pk}/").content.decode()


def test_what_has_ended_is_told_by_its_date_everywhere(people: People, unit: MicroCredential) -> None:
    shared = ending(factories.award(people, unit, visibility="public"), -1)
    for number in range(5):
        person = factories.user(f"teacher{number}@example.test")
        factories.member(person, people.riverbend, Membership.Role.EDUCATOR)
        other = factories.award(people, unit, earner=person)
        workflow.share_with(other, person, people.riverbend)
    workflow.share_with(shared, people.educator, people.riverbend)
    steps = {step.name: str(step.outcome) for step in checking.check(shared.credential).steps}
    assert (steps["dates"], shared.state) == ("failed", "active")
    assert report(people.riverbend).awards == 5
    pages = {
        path: signed_in(people.educator).get(path).content.decode()
        for path in (f"/badges/{shared.pk}/", "/my/")
    }
    assert all("Expired" in page for page in pages.values())
    assert "Expired" in signed_in(people.approver).get("/badges/issued/").content.decode()
    assert signed_in(people.educator).get(f"/api/v1/awards/{shared.pk}/").json()["expired"] is True


def test_the_end_is_told_twice_and_no_more(people: People, unit: MicroCredential) -> None:
    award = ending(factories.award(people, unit), 100)
    told = []
    for days in (100, 89, 60, 13, 5, -1):
        ending(award, days)
        told.append(workflow.tell_of_ends(10) + workflow.tell_of_ends(10))
    assert told == [0, 1, 0, 1, 0, 0]
    entries = Entry.objects.filter(kind="badges.ends_soon").order_by("created")
    assert [entry.data for entry in entries] == [{"days": 90}, {"days": 14}]


def test_renewing_earns_it_beside_the_old_one(people: People, unit: MicroCredential) -> None:
    old = ending(factories.award(people, unit, visibility="public"), 100)
    with pytest.raises(TransitionError, match="three months"):
        workflow.renew(old, people.educator)
    with pytest.raises(PermissionDenied):
        workflow.renew(old, people.educator2)
    ending(old, 80)
    client = signed_in(people.educator)
    begun = client.post(f"/badges/{old.pk}/renew/")
    again = client.post(f"/badges/{old.pk}/renew/")
    assert begun["Location"] == again["Location"]
    states = (
        Enrolment.objects.filter(earner=people.educator).order_by("created").values_list("state", flat=True)
    )
    assert list(states) == ["renewed", "active"]
    new = workflow.award(factories.earned(people, unit))
    old.refresh_from_db()
    assert (new.renews, old.state, workflow.tell_of_ends(10)) == (old, "active", 0)
    page = f"/badges/{old.pk}/"
    assert (f"/badges/{new.pk}/" in client.get(page).content.decode()) is True
    assert (f"/badges/{new.pk}/" in Client().get(page).content.decode()) is False
    assert client.get(f"/api/v1/awards/{old.pk}/").json()["renewed_by"] == str(new.pk)
    late = client.post(f"/badges/{old.pk}/renew/")
    assert (late.status_code, "has been renewed" in late.content.decode()) == (409, True)


def test_what_was_renewed_counts_once_for_a_district_while_both_are_valid(
    people: People, unit: MicroCredential
) -> None:
    pairs = []
    for number in range(5):
        person = factories.user(f"teacher{number}@example.test")
        factories.member(person, people.riverbend, Membership.Role.EDUCATOR)
        old = ending(factories.award(people, unit, earner=person), 80)
        workflow.share_with(old, person, people.riverbend)
        pairs.append((old, person))
    old, person = pairs[0]
    workflow.renew(old, person)
    new = workflow.award(factories.earned(people, unit, person))
    assert (new.renews, report(people.riverbend).awards) == (old, 5)
    workflow.share_with(new, person, people.riverbend)
    assert report(people.riverbend).awards == 5
    Award.objects.filter(pk=new.pk).update(state="revoked")
    assert report(people.riverbend).awards == 5
