"""The surface for the W3C's conformance suites: absent unless asked for, and strict where they are."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client

from badges import keyring
from badges.openbadges import jwt, proofs
from badges.openbadges.contexts import with_examples
from badges.openbadges.keys import SigningKey, base58_encode
from tests.badges.samples import NOW

pytestmark = pytest.mark.django_db

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
V1 = "https://www.w3.org/2018/credentials/v1"
PLACE = {
    "type": "BitstringStatusListEntry",
    "statusPurpose": "revocation",
    "statusListIndex": "7",
    "statusListCredential": "https://example.org/list",
}
KEY = SigningKey.generate()
HOLDER = f"did:key:{KEY.multikey}"


@pytest.fixture(autouse=True)
def on(settings: Any) -> None:
    settings.VC_API = True


def post(path: str, **body: Any) -> Any:
    return Client().post(path, body, content_type="application/json")


def credential(**changes: Any) -> dict[str, Any]:
    document = {
        "@context": CONTEXT,
        "id": "urn:uuid:86294362-4254-4f36-854f-3952fe42555d",
        "type": ["VerifiableCredential", "ExampleCredential"],
        "issuer": keyring.did_of(None),
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {"id": "did:example:subject", "anything": "at all"},
        **changes,
    }
    return {name: value for name, value in document.items() if value is not None}


def by_holder(document: dict[str, Any]) -> dict[str, Any]:
    return proofs.sign(document, KEY, verification_method=f"{HOLDER}#{KEY.multikey}", created=NOW)


def test_it_is_not_there_unless_asked_for(settings: Any) -> None:
    settings.VC_API = False
    paths = ("/credentials/issue", "/credentials/verify", "/presentations/verify", "/credentials/status")
    assert [post(path).status_code for path in paths] == [404, 404, 404, 404]
    assert Client().get("/credentials/status/platform").status_code == 404


def test_what_it_issues_it_verifies_and_a_change_shows() -> None:
    bare = f"did:key:{keyring.signer(None).row.fragment}"
    for issuer in (keyring.did_of(None), bare, {"id": bare, "name": "The platform"}):
        issued = post("/credentials/issue", credential=credential(issuer=issuer), options={})
        assert issued.status_code == 201
        signed = issued.json()["verifiableCredential"]
        answer = post("/credentials/verify", verifiableCredential=signed, options={"checks": ["proof"]})
        assert (answer.status_code, answer.json()["verified"]) == (200, True)
        changed = {**signed, "validFrom": "2025-01-01T00:00:00Z"}
        assert post("/credentials/verify", verifiableCredential=changed).status_code == 400


@pytest.mark.parametrize(
    "change",
    [
        {"@context": None},
        {"@context": list(reversed(CONTEXT))},
        {"@context": CONTEXT[0]},
        {"type": None},
        {"type": ["ExampleCredential"]},
        {"id": None, "issuer": None},
        {"id": ["urn:a:b", "urn:c:d"]},
        {"id": "not an address"},
        {"issuer": "not an address"},
        {"issuer": {"name": "no id"}},
        {"issuer": "did:example:somebody-else"},
        {"credentialSubject": None},
        {"credentialSubject": {}},
        {"credentialSubject": [{"id": "did:a:b"}, {}]},
        {"validFrom": "2026-01-01"},
        {"validFrom": "2026-01-01T00:00:00Z", "validUntil": "2025-01-01T00:00:00Z"},
        {"credentialStatus": {"id": "urn:a:b"}},
        {"evidence": {"id": "urn:a:b"}},
        {"termsOfUse": [{"id": "urn:a:b"}]},
        {"credentialSchema": {"type": "JsonSchema"}},
        {"name": {"@value": "N", "url": "did:a:b"}},
        {"name": 5},
        {"relatedResource": [{"id": "urn:a:b"}]},
        {"relatedResource": [{"id": "urn:a:b", "digestSRI": "sha256-a"}, {"id": "urn:a:b", "digestSRI": "sha256-b"}]},
        {"relatedResource": {"id": CONTEXT[0], "digestMultibase": "uM4RgWQc3RUDtjJCSgTJtTfvpZ7SPEg_LNO0ESlovQC0"}},
        {"@context": [CONTEXT[0], {"VerifiableCredential": "urn:x:y"}]},
        {"@context": [*CONTEXT, {"@base": "https://example.org/"}]},
        {"@context": [*CONTEXT, {"a": {"@id": "urn:a:b", "@context": {"@import": "https://example.org/"}}}]},
        {"@context": [V1], "validFrom": None},
        {"credentialStatus": {"type": "BitstringStatusListEntry", "statusListIndex": True}},
        {"credentialStatus": {**PLACE, "statusListIndex": "007"}},
        {"credentialStatus": {**PLACE, "statusSize": 2}},
        {"proof": {"type": "DataIntegrityProof"}},
    ],
)  # fmt: skip
def test_what_is_not_well_formed_is_not_issued(change: dict[str, Any]) -> None:
    answer = post("/credentials/issue", credential=credential(**change))
    assert answer.status_code == 400
    assert answer.json()["errors"] != []


def test_proofs_of_another_kind_or_purpose_are_not_verified() -> None:
    with with_examples():
        signed = by_holder(credential(issuer=HOLDER))
    assert post("/credentials/verify", verifiableCredential=signed).status_code == 200
    for change in (
        {"proofPurpose": "authentication"}, {"cryptosuite": "unknown-2022"}, {"type": "UnknownProof"},
        {"verificationMethod": None}, {"proofValue": None}, {"proofValue": "mAAAA"}, {"created": "2020-01-01T00:00:00Z"},
    ):  # fmt: skip
        spoiled = {**signed, "proof": {**signed["proof"], **change}}
        assert post("/credentials/verify", verifiableCredential=spoiled).status_code == 400


def test_presentations_are_verified_with_all_they_hold() -> None:
    issued = post("/credentials/issue", credential=credential()).json()["verifiableCredential"]
    with with_examples():
        own = by_holder(credential(issuer=HOLDER, id="urn:uuid:1-2"))
    unsigned = {
        "@context": CONTEXT[:1],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER,
        "verifiableCredential": [issued, own],
    }

    def verified(document: dict[str, Any], **options: str) -> int:
        answer = post("/presentations/verify", verifiablePresentation=document, options=options)
        return int(answer.status_code)

    with with_examples():
        good = by_holder(unsigned)
        nobodys = by_holder({name: value for name, value in unsigned.items() if name != "holder"})
        anothers = by_holder({**unsigned, "holder": "did:example:acme"})
        spoiled = by_holder(
            {**unsigned, "verifiableCredential": [{**issued, "validFrom": "2020-01-01T00:00:00Z"}]}
        )
    answers = [verified(document) for document in (good, nobodys, anothers, spoiled, unsigned)]
    assert (answers, verified(good, challenge="another")) == ([200, 200, 400, 400, 400], 400)


def test_a_credential_without_a_proof_is_its_holders_word_alone() -> None:
    bare = credential(issuer=HOLDER, id=None)
    said = {
        "@context": CONTEXT[:1],
        "type": ["VerifiablePresentation"],
        "holder": HOLDER,
        "verifiableCredential": bare,
    }
    nobodys = {name: value for name, value in said.items() if name != "holder"}
    anothers = {**said, "verifiableCredential": {**bare, "issuer": "did:example:acme"}}
    with with_examples():
        signed = [by_holder(document) for document in (said, nobodys, anothers)]
    answers = [post("/presentations/verify", verifiablePresentation=document) for document in signed]
    assert [answer.status_code for answer in answers] == [200, 400, 400]


def test_what_it_issues_has_a_place_in_a_list_and_can_be_revoked() -> None:
    for issuer in (keyring.did_of(None), f"did:key:{keyring.signer(None).row.fragment}"):
        document = credential(issuer=issuer, id=f"urn:uuid:{uuid4()}")
        signed = post("/credentials/issue", credential=document).json()["verifiableCredential"]
        entry = signed["credentialStatus"]
        published = Client().get(urlsplit(entry["statusListCredential"]).path)
        listed = published.json()
        assert (published["Content-Type"], listed["id"]) == (
            "application/vc+ld+json",
            entry["statusListCredential"],
        )
        assert (listed["issuer"], post("/credentials/verify", verifiableCredential=listed).status_code) == (
            issuer,
            200,
        )
        change = {"type": "BitstringStatusListEntry", "statusPurpose": "revocation"}
        asked = {"credentialId": document["id"], "credentialStatus": change}
        assert [
            post("/credentials/verify", verifiableCredential=signed).status_code,
            post("/credentials/status", **{**asked, "credentialId": "urn:a:b"}).status_code,
            post("/credentials/status", **asked, status=False).status_code,
            post("/credentials/status", **asked).status_code,
        ] == [200, 404, 400, 200]
        answer = post("/credentials/verify", verifiableCredential=signed).json()
        assert answer["problemDetails"][0]["title"] == "STATUS_VERIFICATION_ERROR"


def test_credentials_of_the_older_data_model_get_the_words_of_their_proof() -> None:
    document = credential(**{"@context": [V1], "type": ["VerifiableCredential"], "validFrom": None})
    document |= {"issuanceDate": "2026-01-01T00:00:00Z", "credentialSubject": {"id": "did:example:subject"}}
    body = {"credential": document}
    answer = Client().post("/credentials/issue", body, content_type="application/ld+json")
    signed = answer.json()["verifiableCredential"]
    assert signed["@context"] == [V1, "https://w3id.org/security/data-integrity/v2"]
    assert "credentialStatus" not in signed
    assert post("/credentials/verify", verifiableCredential=signed).status_code == 200
    late = {**document, "expirationDate": "2025-01-01T00:00:00Z"}
    assert post("/credentials/issue", credential=late).status_code == 400


def test_words_of_its_own_directions_and_digests_are_signed_and_verified() -> None:
    shown = {"@value": "<مرحبا>", "@language": "ar", "@direction": "rtl"}
    document = credential(
        **{
            "@context": [CONTEXT[0], {"Own": "https://example.org/#Own", "word": "https://example.org/#word"}]
        },
        type=["VerifiableCredential", "Own"],
        name=shown,
        credentialSubject={"word": "said"},
        relatedResource={
            "id": CONTEXT[0],
            "digestSRI": "sha384-NSOcNpmdIVUxIJGvGUoe22FjTWrXiaXlsZ8q6912LdnR3KraQO2n75Ica4wK4Qeg",
        },
    )
    signed = post("/credentials/issue", credential=document).json()["verifiableCredential"]
    turned = {**signed, "name": {**shown, "@direction": "ltr"}}
    answers = [post("/credentials/verify", verifiableCredential=one) for one in (signed, turned)]
    assert [answer.status_code for answer in answers] == [200, 400]


def chained(document: dict[str, Any], named: Any, **changes: Any) -> dict[str, Any]:
    """A proof by a witness, and one by the issuer that covers it."""
    witness = SigningKey.generate()
    name = f"did:key:{witness.multikey}#{witness.multikey}"
    first = proofs.sign(document, witness, verification_method=name, created=NOW)["proof"]
    first = {**first, "id": "urn:uuid:1"}
    options = {name: value for name, value in first.items() if name != "proofValue"}
    first["proofValue"] = _value(witness, document, options)
    second = {**options, "verificationMethod": f"{HOLDER}#{KEY.multikey}", "previousProof": named}
    del second["id"]
    second["proofValue"] = _value(KEY, {**document, "proof": [first]}, second)
    return {**document, "proof": [{**first, **changes}, second]}


def _value(key: SigningKey, covered: dict[str, Any], options: dict[str, Any]) -> str:
    context = covered["@context"]
    parts = ({**options, "@context": context}, covered)
    data = b"".join(sha256(proofs.canonicalise(part).encode()).digest() for part in parts)
    return "z" + base58_encode(key.sign(data))


def test_a_chain_of_proofs_holds_with_every_proof_it_names() -> None:
    document = credential(issuer=HOLDER)
    with with_examples():
        good = [chained(document, named) for named in ("urn:uuid:1", ["urn:uuid:1"])]
        bad = [chained(document, named) for named in ("urn:uuid:2", ["urn:uuid:1", "urn:uuid:2"], 5, [])]
        spoiled = chained(document, "urn:uuid:1", created="2026-01-01T00:00:00Z")
        shortened = {**good[0], "proof": good[0]["proof"][1]}
        strangers = {**good[0], "proof": good[0]["proof"][0]}
    answers = [
        post("/credentials/verify", verifiableCredential=one).status_code
        for one in (*good, *bad, spoiled, shortened, strangers)
    ]
    assert answers == [200, 200, *[400] * 7]


def test_a_token_in_an_envelope_is_verified_where_the_envelope_says_what_it_is() -> None:
    by = keyring.signer(None, keyring.RSA)
    token = jwt.encode(credential(), by, keyring.jwk_of(by.row))
    envelope = {
        "@context": CONTEXT[0],
        "type": "EnvelopedVerifiableCredential",
        "id": f"data:application/vc+jwt,{token}",
    }
    changes: list[dict[str, Any]] = [
        {},
        {"@context": []},
        {"id": token},
        {"type": "VerifiableCredential"},
        {"id": f"{envelope['id']}A"},
    ]
    answers = [
        post("/credentials/verify", verifiableCredential={**envelope, **change}).status_code
        for change in changes
    ]
    assert answers == [200, 400, 400, 400, 400]


def test_what_is_no_object_is_answered() -> None:
    bodies: list[Any] = [[], "text", 5, None, {"verifiablePresentation": "text"}]
    for body in bodies:
        for path in ("/credentials/issue", "/presentations/verify", "/credentials/status"):
            answer = Client().post(path, json.dumps(body), content_type="application/json")
            assert answer.status_code == 400
