"""Endorsements: signed, shown beside what they are about, withdrawn at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.workflow import keep_organisation
from badges import checking, endorsing, rules, tasks
from badges.models import Award, Endorsement
from badges.openbadges.reading import write_json
from badges.openbadges.status import bit, decode_list
from badges.workflow import keys
from badges.workflow.endorsing import endorse, withdraw_endorsement
from catalog import workflow as catalog
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications.models import Message
from notifications.tasks import revoking as telling
from tests import factories
from tests.badges.stacked import follow
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
WORDS = "We hire by this: whoever holds it “leads” talk well — \u05e9\u05dc\u05d5\u05dd ]]>"


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def award(people: People) -> Award:
    return factories.award(people, visibility="unlisted")


def is_set(row: Endorsement) -> bool:
    row.status_list.refresh_from_db()
    encoded = (row.status_list.credential or {})["credentialSubject"]["encodedList"]
    return bit(decode_list(encoded), row.status_index)


def test_it_is_signed_once_and_its_bit_ends_it(people: People, award: Award) -> None:
    unit = award.micro_credential
    assert unit is not None
    row = endorse(people.riverbend, unit, people.district_admin, WORDS)
    document = (
        Client().get(reverse("endorsement", args=[row.pk]), headers={"accept": "application/json"}).json()
    )

    assert document["credentialSubject"] == {
        "id": award.credential["credentialSubject"]["achievement"]["id"],
        "type": ["EndorsementSubject"],
        "endorsementComment": WORDS,
    }
    assert document["issuer"]["id"].endswith(":issuers:riverbend")
    keys = Client().get(reverse("issuer-did", args=["riverbend"])).json()
    assert document["proof"]["verificationMethod"] in keys["assertionMethod"]
    with pytest.raises(TransitionError, match="already"):
        endorse(people.riverbend, unit, people.district_admin, "Again")
    assert is_set(row) is False
    withdraw_endorsement(row, people.district_admin)
    assert (row.state, is_set(row)) == ("withdrawn", True)
    with pytest.raises(TransitionError, match="withdrawn already"):
        withdraw_endorsement(row, people.district_admin)
    kinds = Entry.objects.filter(subject_id=str(row.pk)).values_list("kind", flat=True)
    assert sorted(kinds) == ["badges.endorsed", "badges.endorsement_withdrawn"]
    endorse(people.riverbend, unit, people.district_admin, "A second time, after the first ended.")


def test_nobody_endorses_what_is_her_own_or_without_the_right(people: People, award: Award) -> None:
    factories.member(people.author, people.northfield, "admin")
    author = type(people.author).objects.get(pk=people.author.pk)
    assert award.micro_credential is not None
    for target in (award, award.micro_credential, people.northfield):
        with pytest.raises(GuardError, match="own"):
            endorse(people.northfield, target, author, "We are great")
        with pytest.raises(PermissionDenied):
            endorse(people.riverbend, target, author, "Theirs")
    for words in ("", " \n", "a\0b", "x" * 2001):
        with pytest.raises(GuardError) as refused:
            endorse(people.riverbend, people.northfield, people.district_admin, words)
        assert list(refused.value.errors) == ["words"]
    assert Endorsement.objects.count() == 0


def test_the_holder_removes_one_of_her_award(people: People, award: Award) -> None:
    admin, holder = signed_in(people.district_admin2), signed_in(people.educator)
    answer = admin.post(
        reverse("endorse-award", args=[award.pk]),
        {"organization": "hillside", "words": "Seen in our schools."},
    )
    assert (answer.status_code, answer.headers["Location"]) == (302, reverse("endorsements"))
    row = Endorsement.objects.get()
    assert signed_in(people.educator2).post(reverse("endorsement-withdraw", args=[row.pk])).status_code == 403
    assert holder.post(reverse("endorsement-withdraw", args=[row.pk])).status_code == 302
    row.refresh_from_db()
    assert row.state == "withdrawn"


def test_a_revoked_key_and_another_name_leave_no_endorsement_behind(people: People, award: Award) -> None:
    """They are signed anew as they were given: of the same version, on the same day, with the same bit."""
    unit = award.micro_credential
    assert unit is not None
    rows = [
        endorse(people.hillside, target, people.district_admin2, "We hire by it.")
        for target in (unit, people.northfield, award)
    ]
    follow()
    before = [Endorsement.objects.get(pk=row.pk) for row in rows]
    second = factories.draft(people.northfield)
    second.micro_credential, second.number = unit, 2
    second.save()
    catalog.publish(second, None)
    ended = endorse(people.riverbend, unit, people.district_admin, "Of the second version.")
    withdraw_endorsement(ended, people.district_admin)
    key = before[0].key
    assert key is not None
    keys.revoke_key(key, timezone.now() - timedelta(days=1), "A stolen laptop.")
    people.hillside.name = "Hillside Unified"
    keep_organisation(people.hillside)
    follow()
    for old in before:
        new = Endorsement.objects.get(pk=old.pk)
        assert (new.key_id == old.key_id, new.status_index) == (False, old.status_index)
        assert new.credential["issuer"]["name"] == "Hillside Unified"
        for name in ("id", "awardedDate", "credentialSubject", "credentialStatus"):
            assert new.credential[name] == old.credential[name]
    beside = Client().get(reverse("endorsed-unit", args=[unit.slug])).content.decode()
    on_award = Client().get(reverse("badge", args=[award.pk])).content.decode()
    words = "about another version of the micro-credential"
    assert [page.count(words) for page in (beside, on_award)] == [1, 0]
    award.refresh_from_db()
    assert award.credential["endorsement"] == [Endorsement.objects.get(award=award).credential]
    report = checking.check(write_json(award.credential))
    assert [(step.name, step.words) for step in report.steps if step.outcome != "ok"] == []


def test_what_is_endorsed_carries_it(people: People, award: Award) -> None:
    unit = award.micro_credential
    assert unit is not None
    of_unit, of_issuer = (
        endorse(people.hillside, target, people.district_admin2, "We hire by it.")
        for target in (unit, people.northfield)
    )
    achievement, profile = f"/achievements/{award.version_id}", "/issuers/northfield/profile.json"
    assert Client().get(achievement).json()["endorsement"] == [of_unit.credential]
    told = Client().get(profile)
    assert told.json()["endorsement"] == [of_issuer.credential]
    assert (told.json()["id"], told["Access-Control-Allow-Origin"]) == (award.credential["issuer"]["id"], "*")
    for row in (of_unit, of_issuer):
        withdraw_endorsement(row, people.district_admin2)
    assert ["endorsement" in Client().get(path).json() for path in (achievement, profile)] == [False, False]


def test_of_a_private_award_nothing_is_told(people: People) -> None:
    award = factories.award(people)
    row = Endorsement(endorser=people.hillside, award=award, words="w", status_list=award.status_list)
    row.status_index, row.credential = 1, {}
    row.save(force_insert=True)
    url = reverse("endorsement", args=[row.pk])
    stranger = Client().get(url)
    none = Client().get(reverse("endorsement", args=["00000000-0000-0000-0000-000000000000"]))
    assert (stranger.status_code, stranger.content) == (404, none.content)
    assert signed_in(people.educator).get(url).status_code == 200
    assert not rules.endorsable_awards(people.district_admin2).exists()


@pytest.mark.parametrize("rows", [1, 3])
def test_what_stands_beside_a_micro_credential(
    people: People, award: Award, rows: int, django_assert_num_queries: object
) -> None:
    unit = award.micro_credential
    assert unit is not None
    endorsers = [(people.riverbend, people.district_admin), (people.hillside, people.district_admin2)]
    for endorser, user in endorsers[:rows]:
        endorse(endorser, people.northfield, user, f"{endorser.name} hires by these badges.")
    if rows == 3:
        endorse(people.hillside, unit, people.district_admin2, "Hillside pays for this one.")
    with django_assert_num_queries(2):  # type: ignore[operator]
        page = Client().get(reverse("endorsed-unit", args=[unit.slug])).content.decode()
    assert page.count('<li class="row') == rows
    mine = signed_in(people.district_admin).get(reverse("endorsements")).content.decode()
    assert mine.count('<li class="row') == 1
    assert checking.check_award(Award.objects.select_related("status_list", "issuer").get(pk=award.pk)).valid


def test_the_award_carries_what_holds(people: People, award: Award) -> None:
    row = endorse(people.hillside, award, people.district_admin2, WORDS)
    other = endorse(people.riverbend, award, people.district_admin, "We too.")
    told = Entry.objects.get(kind="badges.endorsed", subject_id=str(row.pk))
    tasks.carry(str(told.pk))
    telling.endorsed(str(told.pk))
    award.refresh_from_db()
    assert [one["id"] for one in award.credential["endorsement"]] == [
        endorsing.endorsement_id(other),
        endorsing.endorsement_id(row),
    ]
    report = checking.check(write_json(award.credential))
    assert [(step.name, step.words) for step in report.steps if step.outcome != "ok"] == []
    assert next(step.words for step in report.steps if step.name == "endorsements").startswith(
        "Endorsed by 2"
    )
    message = Message.objects.get(user=people.educator, kind="revoked")
    assert message.context["reason"] == WORDS
    withdraw_endorsement(row, people.educator)
    ended = Entry.objects.get(kind="badges.endorsement_withdrawn")
    assert checking.check(write_json(award.credential)).valid
    tasks.carry(str(ended.pk))
    award.refresh_from_db()
    assert [one["id"] for one in award.credential["endorsement"]] == [endorsing.endorsement_id(other)]
