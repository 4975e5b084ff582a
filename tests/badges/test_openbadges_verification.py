"""The verifier's answers: a good badge, and a table of bad ones."""

from __future__ import annotations

import io
import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from PIL import Image

from badges.openbadges import baking, documents, proofs, status, verification
from badges.openbadges.fetched import Answer, Fetch
from badges.openbadges.keys import SigningKey, did_document
from badges.openbadges.reading import write_json
from tests.badges.samples import (
    ACHIEVEMENT,
    ALL_OK,
    AWARD,
    DID,
    ISSUER,
    LIST_URL,
    NOW,
    OTHER_DID,
    UNREADABLE,
    World,
    answer,
    outcomes,
    words,
)


@pytest.fixture
def world() -> World:
    return World()


def baked(document: dict[str, Any]) -> bytes:
    picture = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(picture, "PNG")
    return baking.bake_png(picture.getvalue(), write_json(document))


def knowing(world: World, keys: dict[str, Any]) -> Fetch:
    """The world, where every issuer publishes these keys."""

    def fetch(url: str) -> Answer:
        return answer(url, keys) if url.endswith("/did.json") else world.fetch(url)

    return fetch


def test_good_badge_as_document_text_bytes_and_picture(world: World) -> None:
    document = world.signed()
    text = write_json(document)
    for source in (document, text, f"\n  {json.dumps(document, indent=2)}\n", text.encode(), baked(document)):
        report = world.verify(source)
        assert (outcomes(report), report.valid, report.outcome) == (ALL_OK, True, "ok")
        assert report.credential == document


def test_every_step_has_words(world: World) -> None:
    assert [bool(step.words) for step in world.verify(world.signed()).steps] == [True] * 5
    assert [bool(step.words) for step in world.verify("nonsense").steps] == [True] * 5


@pytest.mark.parametrize("name", ["Zoë", "שלום עולם", "رفاهية", "👩🏽‍🏫", 'a "b" ]]> <c> & \\n'])
def test_names_in_any_script(world: World, name: str) -> None:
    document = world.signed(achievement=replace(ACHIEVEMENT, name=name))
    assert outcomes(world.verify(baked(document))) == ALL_OK


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Another name"},
        {"validFrom": "2020-01-01T00:00:00Z"},
        {"validUntil": "2040-01-01T00:00:00Z"},
        {"issuer": {**documents.issuer_profile(ISSUER), "name": "Another issuer"}},
        {"id": "https://badges.example/badges/another/"},
        {"evidence": []},
    ],
)
def test_tampered(world: World, change: dict[str, Any]) -> None:
    report = world.verify({**world.signed(), **change})
    assert outcomes(report) == {**ALL_OK, "proof": "failed"}
    assert not report.valid


def test_tampered_subject(world: World) -> None:
    document = world.signed()
    document["credentialSubject"]["identifier"][0]["identityHash"] = documents.identity_hash(
        "thief@example.org", "x"
    )
    assert outcomes(world.verify(document)) == {**ALL_OK, "proof": "failed"}


def test_no_proof(world: World) -> None:
    report = world.verify(documents.credential(AWARD))
    assert outcomes(report) == {**ALL_OK, "proof": "failed", "issuer": "unknown"}


def test_key_the_issuer_does_not_publish(world: World) -> None:
    report = World(key=SigningKey.generate()).signed()
    assert outcomes(world.verify(report)) == {**ALL_OK, "proof": "failed", "issuer": "failed"}


def test_key_of_another_issuer_of_this_platform(world: World) -> None:
    document = world.sign(documents.credential(AWARD), did=OTHER_DID)
    report = world.verify(document)
    assert outcomes(report) == {**ALL_OK, "issuer": "failed"}
    assert report.outcome == "failed"


def test_strangers_key_that_claims_our_issuer(world: World) -> None:
    key = SigningKey.generate()
    document = proofs.sign(
        documents.credential(AWARD),
        key,
        verification_method=key.method_for("did:web:evil.example"),
        created=NOW,
    )
    assert outcomes(world.verify(document)) == {**ALL_OK, "proof": "unknown", "issuer": "failed"}


def test_strangers_did_document_that_lists_a_key_controlled_by_itself(world: World) -> None:
    key = SigningKey.generate()
    evil = did_document("did:web:evil.example", [key.multikey])
    document = proofs.sign(
        documents.credential(AWARD), key, verification_method=key.method_for(DID), created=NOW
    )
    report = verification.verify(document, fetch=knowing(world, evil), now=NOW)
    assert outcomes(report)["proof"] == "failed"


def test_key_that_is_listed_but_not_for_stating_things(world: World) -> None:
    published = {**did_document(DID, [world.key.multikey]), "assertionMethod": []}
    report = verification.verify(world.signed(), fetch=knowing(world, published), now=NOW)
    assert outcomes(report)["proof"] == "failed"


def test_old_key_still_verifies(world: World) -> None:
    document = world.signed()
    history = did_document(DID, [world.key.multikey, SigningKey.generate().multikey])
    report = verification.verify(document, fetch=knowing(world, history), now=NOW)
    assert outcomes(report) == ALL_OK


def test_foreign_issuer_is_unknown_and_never_ok(world: World) -> None:
    foreign = replace(ISSUER, id="did:web:elsewhere.example")
    award = replace(
        AWARD,
        achievement=replace(ACHIEVEMENT, issuer=foreign),
        status=documents.StatusData(list_url="https://elsewhere.example/status/1", index=1),
    )
    key = SigningKey.generate()
    document = proofs.sign(
        documents.credential(award), key, verification_method=key.method_for(foreign.id), created=NOW
    )
    report = world.verify(document)
    assert outcomes(report) == {
        "document": "ok",
        "proof": "unknown",
        "issuer": "unknown",
        "dates": "ok",
        "status": "unknown",
    }
    assert (report.valid, report.outcome) == (False, "unknown")
    assert (
        words(report, "proof")
        == "The issuer's keys could not be read: https://elsewhere.example/.well-known/did.json does not answer"
    )


@pytest.mark.parametrize(
    ("days", "until", "expected"),
    [
        (-1, None, "ok"),
        (0, None, "ok"),
        (1, None, "failed"),
        (-9, -1, "failed"),
        (-9, 0, "ok"),
        (-9, 1, "ok"),
    ],
)
def test_dates(world: World, days: int, until: int | None, expected: str) -> None:
    end = None if until is None else NOW + timedelta(days=until)
    document = world.signed(valid_from=NOW + timedelta(days=days), valid_until=end)
    assert outcomes(world.verify(document)) == {**ALL_OK, "dates": expected}


@pytest.mark.parametrize(
    "value", [None, 5, "yesterday", "2026-01-01", "2026-01-01T00:00:00", {}, ["2026-01-01T00:00:00Z"]]
)
def test_date_that_cannot_be_read(world: World, value: Any) -> None:
    document = {**documents.credential(AWARD), "validFrom": value}
    assert outcomes(world.verify(world.sign(document)))["dates"] == "failed"


def test_revoked() -> None:
    world = World(revoked=(94_567,))
    report = world.verify(world.signed())
    assert outcomes(report) == {**ALL_OK, "status": "failed"}
    assert words(report, "status") == "The issuer has revoked this badge."


def test_neighbours_revocation_is_not_ours() -> None:
    world = World(revoked=(94_566, 94_568, 94_560, 94_567 // 8))
    assert outcomes(world.verify(world.signed())) == ALL_OK


def test_hiding_the_status_by_another_spelling_does_not_revive_a_badge() -> None:
    world = World(revoked=(94_567,))
    document = world.signed()
    document["https://www.w3.org/2018/credentials#credentialStatus"] = [document.pop("credentialStatus")]
    assert outcomes(world.verify(document)) == UNREADABLE


def test_hiding_the_status_behind_its_address_does_not_revive_a_badge() -> None:
    world = World(revoked=(94_567,))
    document = world.signed()
    for hidden in (LIST_URL, [document["credentialStatus"]], {"id": document["credentialStatus"]["id"]}):
        assert world.verify({**document, "credentialStatus": hidden}).valid is False


@pytest.mark.parametrize("index", [131_072, 10**9])
def test_index_outside_the_list(world: World, index: int) -> None:
    document = world.signed(status=documents.StatusData(list_url=LIST_URL, index=index))
    assert outcomes(world.verify(document)) == {**ALL_OK, "status": "failed"}


@pytest.mark.parametrize(
    "change",
    [
        {"statusListIndex": "-1"},
        {"statusListIndex": "1.5"},
        {"statusListIndex": "٣"},
        {"statusListIndex": "9" * 11},
        {"statusPurpose": "refresh"},
        {"statusPurpose": ["revocation"]},
    ],
)
def test_status_of_another_kind_is_unknown(world: World, change: dict[str, str]) -> None:
    document = documents.credential(AWARD)
    document["credentialStatus"] = {**document["credentialStatus"], **change}
    assert outcomes(world.verify(world.sign(document))) == {**ALL_OK, "status": "unknown"}


def judged_by(world: World, listed: dict[str, Any] | None) -> str:
    fetch: Fetch = lambda url: answer(url, listed) if url == LIST_URL else world.fetch(url)  # noqa: E731
    report = verification.verify(world.signed(), fetch=fetch, now=NOW)
    return outcomes(report)["status"]


def unsigned_list(**changes: Any) -> dict[str, Any]:
    return status.status_list_credential(
        **{"url": LIST_URL, "issuer": DID, "revoked": [], "valid_from": NOW, **changes}
    )


def test_list_that_cannot_be_had_is_unknown(world: World) -> None:
    assert judged_by(world, None) == "unknown"


def test_forged_lists_fail(world: World) -> None:
    good = world.sign(unsigned_list())
    forged = {
        "no proof": unsigned_list(),
        "changed": {**good, "credentialSubject": unsigned_list(revoked=[1])["credentialSubject"]},
        "other issuer": world.sign(unsigned_list(issuer=OTHER_DID), did=OTHER_DID),
        "other issuer's key": world.sign(unsigned_list(), did=OTHER_DID),
        "another list": world.sign(unsigned_list(url="https://badges.example/status/2")),
        "no list": world.sign({**unsigned_list(), "type": ["VerifiableCredential"]}),
        "other purpose": world.sign(
            {
                **unsigned_list(),
                "credentialSubject": {**good["credentialSubject"], "statusPurpose": "suspension"},
            }
        ),
        "short": world.sign(
            {**unsigned_list(), "credentialSubject": {**good["credentialSubject"], "encodedList": "uAAAA"}}
        ),
    }
    assert {name: judged_by(world, document) for name, document in forged.items()} == dict.fromkeys(
        forged, "failed"
    )
    assert judged_by(world, good) == "ok"


def test_list_out_of_date_is_unknown(world: World) -> None:
    old = world.sign(unsigned_list(valid_from=NOW - timedelta(days=2), valid_until=NOW - timedelta(days=1)))
    assert judged_by(world, old) == "unknown"


def test_badge_without_status(world: World) -> None:
    document = documents.credential(AWARD)
    del document["credentialStatus"]
    assert outcomes(world.verify(world.sign(document))) == ALL_OK


@pytest.mark.parametrize(
    "source",
    [
        "",
        "nonsense",
        "[]",
        "{}",
        b"\x89PNG\r\n\x1a\n",
        b"GIF89a",
        b"\xff" * 100,
        "eyJhbGciOiJSUzI1NiJ9.e30.c2ln",
        '{"a":' * 100_000,
        '{"a":' * 60 + "1" + "}" * 60,
        json.dumps({"a": "x" * 5_000_000}),
        {"@context": "https://w3id.org/openbadges/v2", "type": "Assertion"},
        {"a": object()},
    ],
)
def test_hostile_and_other_input_is_answered_in_words(world: World, source: Any) -> None:
    started = time.process_time()
    report = world.verify(source)
    assert outcomes(report) == UNREADABLE
    assert report.credential is None
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    "change",
    [
        {"@context": None},
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"type": ["VerifiableCredential"]},
        {"type": None},
        {"id": None},
        {"id": 5},
        {"issuer": None},
        {"issuer": {"name": "nobody"}},
        {"issuer": [DID]},
        {"credentialSubject": None},
        {"credentialSubject": []},
        {"credentialSubject": {"achievement": "text"}},
        {"nickname": "undefined"},
        {"type": ["VerifiableCredential", "OpenBadgeCredential", "Nickname"]},
    ],
)
def test_document_that_is_no_open_badge(world: World, change: dict[str, Any]) -> None:
    assert outcomes(world.verify({**world.signed(), **change})) == UNREADABLE


@pytest.mark.parametrize("length", [9, 40, 100, 300])
def test_truncated_picture(world: World, length: int) -> None:
    assert outcomes(world.verify(baked(world.signed())[:length])) == UNREADABLE


def test_did_documents_are_asked_for_once(world: World) -> None:
    asked = []

    def fetch(url: str) -> Answer:
        asked.append(url)
        return world.fetch(url)

    verification.verify(world.signed(), fetch=fetch, now=NOW)
    assert asked == ["https://badges.example/issuers/lakes/did.json", LIST_URL]
