"""The surface for the W3C's conformance suites: absent unless asked for, and strict where they are."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from badges import keyring
from badges.openbadges import proofs
from badges.openbadges.contexts import with_examples
from badges.openbadges.keys import SigningKey
from tests.badges.samples import NOW

pytestmark = pytest.mark.django_db

CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://www.w3.org/ns/credentials/examples/v2"]
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
    paths = ("/credentials/issue", "/credentials/verify", "/presentations/verify")
    assert [post(path).status_code for path in paths] == [404, 404, 404]


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
    assert (answers, verified(good, challenge="another")) == ([200, 400, 400, 400, 400], 400)
