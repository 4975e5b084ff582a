"""What programs get: credentials, downloads, status lists, keys and achievements."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from joserfc import jws
from joserfc.jwk import RSAKey
from openbadgeslib.ob3 import OB3VerificationError, OB3Verifier

from badges import checking
from badges.models import Award
from badges.openbadges.baking import extract_png
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
JSON_LD = "application/vc+ld+json"


@pytest.fixture
def people() -> People:
    return cast()


@pytest.mark.parametrize("accept", [JSON_LD, "application/ld+json", "application/json"])
@pytest.mark.parametrize("slash", ["/", ""])
def test_programs_get_the_credential_from_the_same_address(people: People, accept: str, slash: str) -> None:
    award = factories.award(people, visibility="unlisted")
    answer = Client().get(f"/badges/{award.pk}{slash}", headers={"accept": accept})
    assert (answer.status_code, answer["Content-Type"]) == (200, accept)
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Accept" in answer["Vary"]
    assert json.loads(answer.content) == award.credential
    assert checking.check(answer.content).valid


def test_people_are_led_from_the_id_to_the_page(people: People) -> None:
    award = factories.award(people)
    for pk in (award.pk, uuid4()):
        answer = Client().get(f"/badges/{pk}", headers={"accept": "text/html"})
        assert (answer.status_code, answer["Location"]) == (302, f"/badges/{pk}/")


def test_the_downloads_verify(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    document = Client().get(f"/badges/{award.pk}.json")
    picture = Client().get(f"/badges/{award.pk}.png")
    assert document["Content-Disposition"] == f'attachment; filename="{award.slug}.json"'
    assert picture["Content-Type"] == "image/png"
    assert json.loads(extract_png(picture.content)) == json.loads(document.content) == award.credential
    assert checking.check(picture.content).valid
    assert Client().get(f"/badges/{award.pk}.svg").content.startswith(b"<svg")


def test_the_token_verifies_by_the_key_at_its_kid(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    answer = Client().get(f"/badges/{award.pk}.jwt")
    assert answer["Content-Type"] == "application/vc+jwt"
    header = jws.extract_compact(answer.content).headers()
    assert (header["alg"], set(header)) == ("RS256", {"alg", "kid", "typ"})
    assert header["kid"].startswith("http://127.0.0.1:8000/issuers/northfield/keys/")
    published = Client().get(header["kid"].removeprefix("http://127.0.0.1:8000")).json()
    payload = json.loads(jws.deserialize_compact(answer.content, RSAKey.import_key(published)).payload)
    document = {name: value for name, value in award.credential.items() if name != "proof"}
    assert {name: payload[name] for name in document} == document
    assert {name: payload[name] for name in set(payload) - set(document)} == {
        "iss": "did:web:127.0.0.1%3A8000:issuers:northfield",
        "jti": award.credential["id"],
        "sub": award.credential["credentialSubject"]["id"],
        "nbf": int(datetime.fromisoformat(award.credential["validFrom"]).timestamp()),
    }
    again = Client().get(f"/badges/{award.pk}/", headers={"accept": "application/vc+jwt"})
    assert (again.content, again["Content-Type"]) == (answer.content, "application/vc+jwt")
    pem = RSAKey.import_key(published).as_pem(private=False)
    judged = OB3Verifier(pem, payload["iss"]).verify(answer.content.decode())
    assert judged.achievement.name == document["credentialSubject"]["achievement"]["name"]
    with pytest.raises(OB3VerificationError):
        OB3Verifier(pem, payload["iss"]).verify(answer.content.decode()[:-8] + "AAAAAAAA")


def test_private_downloads_are_the_earners_and_kept_nowhere(people: People) -> None:
    award = factories.award(people)
    answer = signed_in(people.educator).get(f"/badges/{award.pk}.json")
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    assert not answer.has_header("Access-Control-Allow-Origin")


MACHINE = ["did", "issuer-did", "status", "achievement", "achievement-image", "badge-image"]


def address(name: str, award: Award) -> str:
    arguments: dict[str, list[Any]] = {
        "did": [],
        "issuer-did": ["northfield"],
        "status": [award.status_list_id],
        "achievement": [award.version_id],
        "achievement-image": [award.version_id],
        "badge-image": [award.pk],
    }
    return reverse(name, args=arguments[name])


@pytest.mark.parametrize("name", MACHINE)
def test_documents_are_open_and_cost_nothing_twice(people: People, name: str) -> None:
    url = address(name, factories.award(people, visibility="public"))
    first = Client().get(url)
    assert (first.status_code, first["Access-Control-Allow-Origin"]) == (200, "*")
    assert first["Cache-Control"].startswith("public")
    again = Client().get(url, headers={"if-none-match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_status_list_shows_a_revocation_at_once(people: People) -> None:
    award = factories.award(people)
    url = address("status", award)
    before: HttpResponse = Client().get(url)  # type: ignore[assignment]
    assert before["Cache-Control"] == "public, no-cache"
    factories.revoke(award, people)
    after = Client().get(url, headers={"if-none-match": before["ETag"]})
    assert after.status_code == 200
    assert json.loads(after.content)["credentialSubject"] != json.loads(before.content)["credentialSubject"]


def test_the_did_documents_name_their_own_keys(people: People) -> None:
    factories.award(people)
    issuer = json.loads(Client().get("/issuers/northfield/did.json").content)
    platform = json.loads(Client().get("/.well-known/did.json").content)
    assert issuer["id"] == "did:web:127.0.0.1%3A8000:issuers:northfield"
    assert platform["id"] == "did:web:127.0.0.1%3A8000"
    assert issuer["verificationMethod"][0]["controller"] == issuer["id"]
    assert Client().get("/issuers/riverbend/did.json").status_code == 404
    assert Client().get("/issuers/nobody/did.json").status_code == 404


def test_an_achievement_is_the_published_version(people: People) -> None:
    award = factories.award(people)
    document = json.loads(Client().get(address("achievement", award)).content)
    assert document["id"] == f"http://127.0.0.1:8000/achievements/{award.version_id}"
    inside = award.credential["credentialSubject"]["achievement"]
    assert {name: value for name, value in document.items() if name != "@context"} == inside
    assert Client().get(reverse("achievement", args=[factories.draft().pk])).status_code == 404
