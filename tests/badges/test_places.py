"""A place in a status list belongs to one document, whatever kind it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from badges import queries, workflow
from badges.models import Award, CertificatePart, Endorsement, Revocation, StatusList
from badges.openbadges.status import bit, decode_list
from badges.queries.sharing import page_stamp
from badges.workflow.endorsing import endorse
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


def test_a_full_list_is_followed_by_one_that_is_filled_at_random(people: People) -> None:
    first = factories.award(people).status_list
    first.size = 64
    first.save(update_fields=["size"])
    Award.objects.update(status_index=0)
    rows = [
        Endorsement(
            endorser=people.northfield, issuer=people.riverbend, words="Yes.", credential={},
            status_list=first, status_index=place,
        )
        for place in range(1, 64)
    ]  # fmt: skip
    for row in rows:
        row.state = "withdrawn"
    Endorsement.objects.bulk_create(rows)
    with transaction.atomic():
        second, _index = workflow.take_place(people.northfield)
        (third, many), again = workflow.take_places(people.northfield, 500), first
    assert (second != first, third == second, len(set(many))) == (True, True, 500)
    assert (second.size, sorted(many) == many, max(many) - min(many) > 60_000) == (131_072, False, True)
    StatusList.objects.exclude(pk=first.pk).delete()
    with transaction.atomic():
        other, some = workflow.take_places(people.northfield, 20)
    assert (other == again, len(set(some)), {row.status_list_id for row in Endorsement.objects.all()}) == (
        False, 20, {first.pk},
    )  # fmt: skip


def test_whatever_a_badges_page_shows_gives_it_another_stamp(people: People) -> None:
    """So that nobody who kept the page goes on reading what is not so any more."""
    award = factories.award(people, visibility="public")
    part = factories.award(people, earner=people.educator2)
    CertificatePart.objects.create(certificate=award, part=part, name="A part")
    endorse(people.riverbend, award, people.district_admin, "We count on it.")
    stamps = [page_stamp(award.pk)]
    changes: list[Callable[[], Any]] = [
        lambda: Award.objects.filter(pk=part.pk).update(state="revoked"),
        lambda: Award.objects.filter(pk=part.pk).update(renews=award),
        lambda: Award.objects.filter(pk=part.pk).update(visibility="public"),
        lambda: type(people.riverbend).objects.filter(pk=people.riverbend.pk).update(name="Riverside"),
        lambda: Endorsement.objects.update(state="withdrawn"),
        lambda: Award.objects.filter(pk=award.pk).update(state="revoked"),
        lambda: StatusList.objects.filter(pk=award.status_list_id).update(purpose="suspension"),
    ]
    for change in changes:
        change()
        stamps.append(page_stamp(award.pk))
    assert len(set(stamps)) == 8


@pytest.mark.django_db(transaction=True)
def test_list_page_and_picture_say_it_within_a_second_to_whoever_kept_them() -> None:
    people = cast()
    award = factories.award(people, visibility="public")
    client = Client()
    tags: dict[str, str] = {}
    urls = [f"/status/{award.status_list_id}", f"/badges/{award.pk}/", f"/badges/{award.pk}/card.png"]
    for url in urls:
        for _time in range(2):  # the second answer is the remembered one
            tags[url] = client.get(url, headers={"if-none-match": tags.get(url, "")}).headers.get("ETag", "")
    row = workflow.open_revocation(award, people.approver, "A copy.")
    Revocation.objects.filter(pk=row.pk).update(answer_until=timezone.now())
    row.refresh_from_db()
    workflow.decide_revocation(row, people.admin, revoke=True, text="Decided.", answered=False)
    answers = {url: client.get(url, headers={"if-none-match": tags[url]}) for url in urls}
    assert [answer.status_code for answer in answers.values()] == [200] * 3
    assert bit(decode_list(answers[urls[0]].json()["credentialSubject"]["encodedList"]), award.status_index)
    assert "the issuer revoked it on" in answers[urls[1]].content.decode()
