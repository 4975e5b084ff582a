"""A hand-over to a wallet: asked as a wallet asks, once, within its minutes."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from badges import checking
from badges.models import Award, Exchange
from journal.models import Entry
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def begun(people: People) -> Exchange:
    award = factories.award(people)
    assert signed_in(people.educator).post(f"/badges/{award.pk}/wallet/").status_code == 302
    return Exchange.objects.get()


def taken(path: str, body: str = "{}", agent: str = "Wallet/1") -> Any:
    return Client().post(path, body, content_type="application/json", headers={"user-agent": agent})


def test_a_wallet_follows_the_sign_to_the_badge(people: People) -> None:
    exchange = begun(people)
    page = signed_in(people.educator).get(f"/badges/{exchange.award_id}/wallet/")
    interaction = urlsplit(page.context["interaction"])
    asked = json.loads(parse_qs(urlsplit(page.context["learner_wallet"]).query)["request"][0])
    offered = Client().get(f"{interaction.path}?{interaction.query}", headers={"accept": "application/json"})
    assert offered.json() == {"protocols": asked["protocols"]}
    assert (offered["Access-Control-Allow-Origin"], offered["Cache-Control"]) == ("*", "no-store")
    answer = taken(urlsplit(offered.json()["protocols"]["vcapi"]).path)
    presentation = answer.json()["verifiablePresentation"]
    assert presentation["type"] == ["VerifiablePresentation"]
    assert presentation["verifiableCredential"] == [Award.objects.get().credential]
    assert checking.check(presentation["verifiableCredential"][0]).valid
    assert Entry.objects.filter(kind="badges.handed_over").count() == 1
    assert (
        "Handed over"
        in signed_in(people.educator).get(f"/badges/{exchange.award_id}/wallet/").content.decode()
    )


def test_once_and_the_same_wallet_may_repeat_itself(people: People) -> None:
    path = f"/exchanges/{begun(people).token}"
    first, again, other = taken(path), taken(path), taken(path, agent="Thief/1")
    assert (again.status_code, again.content) == (200, first.content)
    assert (other.status_code, other["Content-Type"]) == (410, "application/problem+json")
    assert other.json()["detail"] == "This badge was handed over already. Start again for another wallet."


def test_too_late_unknown_and_nonsense_are_said_in_words(people: People) -> None:
    exchange = begun(people)
    path = f"/exchanges/{exchange.token}"
    assert [taken(path, body).status_code for body in ("[]", "{", "x" * 20_000)] == [400, 400, 400]
    Exchange.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert taken(path).json()["detail"] == "The time for this hand-over is up. Start it again."
    assert (taken(path).status_code, taken("/exchanges/never").status_code) == (410, 404)
    preflight = Client().options(path)
    assert preflight["Access-Control-Allow-Methods"] == "OPTIONS, GET, HEAD, POST"


def test_only_the_holder_starts_one_and_only_while_it_is_valid(people: People) -> None:
    award = factories.award(people, visibility="public")
    path = f"/badges/{award.pk}/wallet/"
    assert signed_in(people.educator2).post(path).status_code == 403
    Award.objects.update(state="revoked")
    assert signed_in(people.educator).post(path).status_code == 409
    assert not Exchange.objects.exists()
