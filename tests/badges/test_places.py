"""A place in a status list belongs to one document, whatever kind it is."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from badges import queries, workflow
from badges.models import Endorsement
from badges.openbadges.status import bit, decode_list
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def test_a_place_is_given_once_to_awards_and_endorsements(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    award = factories.award(people)
    Endorsement.objects.create(
        endorser=people.northfield, award=award, words="Yes.", credential={}, status_list=award.status_list,
        status_index=6 if award.status_index != 6 else 8,
    )  # fmt: skip
    taken = [award.status_index, Endorsement.objects.get().status_index]
    places = iter([*taken, 7])
    monkeypatch.setattr(workflow.placing, "random_index", lambda size: next(places))
    with transaction.atomic():
        assert workflow.take_place(people.northfield) == (award.status_list, 7)
    Endorsement.objects.update(state="withdrawn")
    assert queries.set_indexes(award.status_list) == {taken[1]}
    monkeypatch.undo()
    with transaction.atomic():
        _list, many = workflow.take_places(people.northfield, 300)
    assert (len(set(many)), set(many) & set(taken)) == (300, set())


def test_the_next_answer_after_a_revocation_says_so_to_whoever_kept_a_copy(people: People) -> None:
    award = factories.award(people, visibility="public")
    url = f"/status/{award.status_list_id}"
    kept = Client().get(url)
    assert kept["Cache-Control"] == "public, no-cache"
    assert Client().get(url, headers={"if-none-match": kept["ETag"]}).status_code == 304
    factories.revoke(award, people)
    fresh = Client().get(url, headers={"if-none-match": kept["ETag"]})
    assert (fresh.status_code, "validUntil" in fresh.json()) == (200, False)
    assert bit(decode_list(fresh.json()["credentialSubject"]["encodedList"]), award.status_index)
