"""Checking badges without an account: the page and the API, with friends and with hostile strangers."""

from __future__ import annotations

import hashlib
import io
import json
from typing import Any
from uuid import UUID

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from badges import fetching, issuing, workflow
from badges.models import Award
from badges.openbadges import proofs
from badges.openbadges.baking import bake_png
from badges.openbadges.controllers import encoded
from badges.openbadges.keys import SigningKey
from badges.openbadges.reading import write_json
from badges.workflow.revoking import take_back
from submissions import sealing
from submissions.capture import Reach
from tests import factories
from tests.badges.elsewhere import Elsewhere
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def award(people: People) -> Award:
    return factories.award(people, visibility="unlisted")


def granted(people: People) -> Award:
    batch = factories.batch(people)
    workflow.start_batch(batch, people.approver)
    workflow.advance_batch(batch.pk)
    return Award.objects.get(origin="granted")


NAMES = ["document", "proof", "issuer", "dates", "status", "evidence"]


def paste(text: str) -> Any:
    return Client().post("/verify/", {"credential": text})


def upload(content: bytes, name: str = "badge.json") -> Any:
    return Client().post("/verify/", {"file": SimpleUploadedFile(name, content)})


def api(body: Any) -> Any:
    return Client().post("/api/v1/verify/", body, content_type="application/json")


def outcomes(answer: Any) -> list[str]:
    return [check["outcome"] for check in answer.context["checks"]]


# --- the page -----------------------------------------------------------------------------------------------


def test_a_pasted_badge_is_checked_step_by_step(award: Award) -> None:
    answer = paste(json.dumps(award.credential, indent=2))
    shown = answer.content.decode()
    assert answer.status_code == 200
    assert outcomes(answer) == ["ok"] * 6
    assert "This badge is valid" in shown
    assert f"/badges/{award.pk}/" in shown


def test_a_private_badge_is_valid_but_not_linked(award: Award) -> None:
    workflow.set_visibility(award, award.earner, "private")
    answer = paste(write_json(award.credential))
    assert outcomes(answer) == ["ok"] * 6
    assert f"/badges/{award.pk}/" not in answer.content.decode()


@pytest.mark.parametrize("kind", ["json", "png"])
def test_an_uploaded_download_is_valid(award: Award, kind: str) -> None:
    content = Client().get(f"/badges/{award.pk}.{kind}").content
    assert outcomes(upload(content, f"badge.{kind}")) == ["ok"] * 6


def test_a_revoked_badge_is_named_so(people: People, award: Award) -> None:
    take_back(award, people.approver, "Copied.")
    answer = paste(write_json(award.credential))
    assert "The issuer has revoked this badge" in answer.content.decode()
    assert outcomes(answer) == ["ok", "ok", "ok", "ok", "failed", "ok"]


def test_a_changed_badge_is_not_valid(award: Award) -> None:
    award.credential["awardedDate"] = "2020-01-01T00:00:00Z"
    answer = paste(write_json(award.credential))
    assert "This badge is not valid" in answer.content.decode()
    assert outcomes(answer)[1] == "failed"


def test_a_demonstration_says_so(people: People, award: Award) -> None:
    people.northfield.demo = True
    people.northfield.save()
    assert "Its issuer is a demonstration" in paste(write_json(award.credential)).content.decode()


def test_a_stranger_cannot_sign_for_an_issuer(award: Award) -> None:
    key = SigningKey.generate()
    did = award.credential["issuer"]["id"]
    forged = proofs.sign(
        award.credential, key, verification_method=key.method_for(did), created=award.awarded_at
    )
    assert outcomes(paste(write_json(forged)))[1] == "failed"


def test_a_foreign_issuer_that_does_not_answer_stays_unknown(
    award: Award, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PUBLIC", Reach(resolve=lambda host, port: []))
    key = SigningKey.generate()
    did = "did:web:badges.example:issuers:northfield"
    elsewhere = {
        "id": "https://badges.example/status/1#7",
        "statusListCredential": "https://badges.example/status/1",
    }
    document = {
        **award.credential,
        "issuer": {**award.credential["issuer"], "id": did},
        "credentialStatus": {**award.credential["credentialStatus"], **elsewhere},
    }
    signed = proofs.sign(document, key, verification_method=key.method_for(did), created=award.awarded_at)
    answer = paste(write_json(signed))
    assert "could not be checked fully" in answer.content.decode()
    assert outcomes(answer) == ["ok", "unknown", "unknown", "ok", "unknown", "ok"]


def test_whether_a_private_badge_exists_is_shown_to_nobody_by_its_seal(award: Award) -> None:
    """A thief's own badge that names the address of a seal, with its true digest or another, or of none at all."""
    workflow.set_visibility(award, award.earner, "private")
    elsewhere, said = Elsewhere(), set()
    did = f"did:key:{elsewhere.key.multikey}"
    nobody = award.pk.hex[::-1]
    for pk, body in ((award.pk, award.seal), (award.pk, {}), (UUID(nobody), {})):
        digest = "u" + encoded(b"\x12\x20" + hashlib.sha256(sealing.canonical(body)).digest())
        related = [{"id": issuing.seal_url(pk), "digestMultibase": digest}]
        badge = elsewhere.badge(issuer={"id": did, "type": ["Profile"]}, relatedResource=related)
        for own in (badge, {**badge, "id": issuing.badge_id(pk)}):
            signed = elsewhere.sign(own, method=f"{did}#{elsewhere.key.multikey}")
            steps = paste(write_json(signed)).context["checks"]
            said.add((steps[-1]["outcome"], steps[-1]["words"]))
    assert [outcome for outcome, _words in said] == ["unknown"]


def test_the_seal_of_a_private_badge_is_compared_for_the_badge_itself(award: Award) -> None:
    workflow.set_visibility(award, award.earner, "private")
    picture = io.BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    assert outcomes(upload(bake_png(picture.getvalue(), write_json(award.credential)), "b.png")) == ["ok"] * 6
    Award.objects.filter(pk=award.pk).update(seal={**award.seal, "root": "other"})
    assert outcomes(upload(bake_png(picture.getvalue(), issuing.jwt_of(award)), "b.png"))[-1] == "failed"


def test_what_was_granted_says_that_nobody_assessed_it(people: People, award: Award) -> None:
    assert "No work was assessed for it." not in paste(write_json(award.credential)).content.decode()
    given = granted(people)
    answer = paste(write_json(given.credential))
    assert (answer.context["verdict"], answer.context["granted"]) == ("ok", True)
    assert "No work was assessed for it." in answer.content.decode()
    assert api(json.dumps({"credential": given.credential})).json()["granted"] is True
    forged = {**given.credential, "name": "Other"}
    assert paste(write_json(forged)).context["granted"] is False


def test_nothing_sent_is_told_on_the_field() -> None:
    for data in ({}, {"credential": "  "}):
        answer = Client().post("/verify/", data)
        assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["file"])


HOSTILE = [
    b"",
    b"\x00",
    b"\xff\xfe\x00",
    b"null",
    b"[]",
    b"{}",
    b'{"@context": 1e999}',
    b"[" * 100_000,
    b'{"a":' * 100_000,
    b"9" * 5_000,
    b'{"id": "\\ud800"}',
    b"eyJhbGciOiJub25lIn0.e30.",
    b"<svg onload='x'/>",
    b"\x89PNG\r\n\x1a\n",
    b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\x0dIHDR" + b"\xff" * 40,
    b"%PDF-1.7",
    "{“id”: 1}".encode(),
]


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_get_an_answer(content: bytes) -> None:
    answer = upload(content)
    assert answer.status_code == 200
    assert outcomes(answer)[0] == "failed"
    text = content.decode("utf-8", "replace")
    assert paste(text).status_code in (200, 400)


@pytest.mark.parametrize(
    "change",
    [
        {"issuer": []},
        {"issuer": None},
        {"issuer": {"id": ["x"]}},
        {"credentialSubject": []},
        {"credentialStatus": []},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusListIndex": "9" * 10}},
        {"proof": []},
        {"proof": [{}, {}]},
        {"awardedDate": {"a": 1}},
        {"awardedDate": "2026-99-99T00:00:00Z"},
        {"validFrom": "yesterday"},
        {"id": "x/../" * 50},
        {"type": {}},
    ],
)
def test_hostile_members_get_an_answer(award: Award, change: dict[str, Any]) -> None:
    document = {**award.credential, **change}
    answer = paste(write_json(document))
    assert answer.status_code == 200
    assert answer.context["verdict"] != "ok"


def test_too_much_is_refused_before_it_is_read() -> None:
    answer = upload(b"x" * (6 * 1024**2 + 1))
    assert answer.status_code == 413
    assert "larger than 5 MB" in answer.content.decode()
    answer = upload(b"x" * (5 * 1024**2 + 1))
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["file"])


def test_a_megabyte_of_text_is_told_on_the_field() -> None:
    answer = paste("x" * 1_000_001)
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["credential"])


def test_the_page_is_throttled() -> None:
    answers = [paste("{}").status_code for _number in range(31)]
    assert answers == [200] * 30 + [429]


def test_checking_costs_few_queries(award: Award, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(5):
        paste(write_json(award.credential))


# --- the API ------------------------------------------------------------------------------------------------


def test_programs_verify_too(award: Award) -> None:
    for credential in (award.credential, write_json(award.credential)):
        answer = api(json.dumps({"credential": credential}))
        assert answer.status_code == 200
        body = answer.json()
        assert (body["valid"], body["verdict"], body["demonstration"]) == (True, "ok", False)
        assert [step["name"] for step in body["steps"]] == NAMES
        assert body["steps"][4]["words"] == "The issuer has not revoked this badge."


def test_programs_send_files(award: Award) -> None:
    content = Client().get(f"/badges/{award.pk}.png").content
    answer = Client().post("/api/v1/verify/", {"file": SimpleUploadedFile("b.png", content)})
    assert answer.json()["valid"] is True


@pytest.mark.parametrize("content", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_bodies_get_a_problem(content: bytes) -> None:
    answer = api(content)
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("body", [{}, {"credential": None}, {"credential": [1]}, {"credential": 3}, [], 7])
def test_what_is_no_badge_is_told_on_the_field(body: Any) -> None:
    answer = api(json.dumps(body))
    assert answer.status_code == 400
    assert "errors" in answer.json()


def test_a_property_twice_is_refused() -> None:
    assert api('{"credential": {"id": "a", "id": "b"}}').status_code == 400


def test_the_api_refuses_too_much() -> None:
    assert api(b'{"credential": "' + b"x" * 1_100_000 + b'"}').status_code == 413
    big = {"file": SimpleUploadedFile("b.png", b"x" * (5 * 1024**2 + 1))}
    assert Client().post("/api/v1/verify/", big).status_code == 413


def test_the_api_is_throttled() -> None:
    codes = [api('{"credential": {}}').status_code for _number in range(31)]
    assert codes == [200] * 30 + [429]
