"""Open Badges 2.0 from the same row: what a hosted assertion says, and when it stops."""

from __future__ import annotations

import hashlib
import json
from uuid import uuid4

import pytest
from django.test import Client

from badges.models import Award
from tests import factories
from tests.people import cast

pytestmark = pytest.mark.django_db
OURS = "http://127.0.0.1:8000"


def test_assertion_class_and_issuer_hang_together() -> None:
    people = cast()
    award = factories.award(people, visibility="unlisted")
    client = Client()
    answer = client.get(f"/ob2/assertions/{award.pk}")
    assert (answer["Access-Control-Allow-Origin"], answer["Content-Type"]) == ("*", "application/ld+json")
    assertion = json.loads(answer.content)
    hashed = hashlib.sha256(f"{people.educator.email}{award.salt}".encode()).hexdigest()
    assert assertion["recipient"] == {
        "type": "email", "hashed": True, "salt": award.salt, "identity": f"sha256${hashed}",
    }  # fmt: skip
    assert assertion["verification"] == {"type": "hosted"}
    assert assertion["id"] == f"{OURS}/ob2/assertions/{award.pk}"
    badge = json.loads(client.get(assertion["badge"].removeprefix(OURS)).content)
    assert (badge["type"], badge["name"], badge["id"]) == ("BadgeClass", award.title, assertion["badge"])
    issuer = json.loads(client.get(badge["issuer"].removeprefix(OURS)).content)
    assert (issuer["id"], issuer["name"], "@" in issuer["email"]) == (badge["issuer"], "Northfield", True)
    for picture in (assertion["image"], badge["image"]):
        assert client.get(picture.removeprefix(OURS))["Content-Type"] == "image/png"
    page = client.get(f"/badges/{award.pk}/").content.decode()
    assert f'title="Open Badges 2.0" href="/ob2/assertions/{award.pk}"' in page


def test_revoked_is_gone_and_private_never_was() -> None:
    people = cast()
    award = factories.award(people, visibility="unlisted")
    Award.objects.filter(pk=award.pk).update(state="revoked", revocation_reason="Copied.")
    gone = Client().get(f"/ob2/assertions/{award.pk}")
    assert (gone.status_code, gone["Access-Control-Allow-Origin"]) == (410, "*")
    said = json.loads(gone.content)
    assert (said["revoked"], said["revocationReason"]) == (True, "Revoked by the issuer.")
    Award.objects.filter(pk=award.pk).update(visibility="private")
    hidden, unknown = (
        Client().get(f"/ob2/assertions/{pk}", headers={"accept": "application/json"})
        for pk in (award.pk, uuid4())
    )
    assert (hidden.status_code, hidden.content) == (404, unknown.content)


def test_a_browser_may_ask_first() -> None:
    for path in (f"/ob2/assertions/{uuid4()}", f"/badges/{uuid4()}", f"/badges/{uuid4()}.json"):
        answer = Client().options(path)
        assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "*")
        assert answer["Access-Control-Allow-Methods"] == "OPTIONS, GET, HEAD"
