"""Documents as they are meant to be, byte for byte, and judges that are not ours: schemas, pyoxigraph, openbadgeslib.

`write()` writes the files anew; what changed is then to be read before it is committed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib.ob3 import ldp

from accounts.texts import control_in
from badges.openbadges import documents, jwt, keys, proofs, status
from badges.openbadges.keys import PublishedKey, SigningKey
from tests.badges import samples
from tests.badges.test_openbadges_documents import schema_errors
from tests.badges.test_openbadges_proofs import oxigraph_canonical, public_pem

GOLDEN = Path(__file__).parent / "golden"
KEY = SigningKey(Ed25519PrivateKey.from_private_bytes(b"\x01" * 32))
DIGEST = documents.multihash(bytes(range(32)))
AWARD = samples.AWARD
HOST = "https://badges.example"
PARTS = ("Seeking Well-being", "学び合い « A » 👩🏽‍🏫")

ASSESSED = replace(
    AWARD,
    valid_until=samples.NOW + timedelta(days=1095),
    source=samples.ISSUER,
    evidence=(
        documents.EvidenceData(name="خطة الدرس", url=f"{AWARD.id}evidence/1/", digest=DIGEST),
        documents.EvidenceData(name='Video "A" ]]> <b> &', description="Assessed, not shown.", digest=DIGEST),
    ),
    related=(
        documents.RelatedData(url=f"{AWARD.id}seal.json", digest=DIGEST, media_type="application/json"),
    ),
)
GRANTED = replace(
    AWARD,
    results=(),
    narrative="Zoë Ærø taught this for nine years.\nשלום עולם",
    evidence=(
        documents.EvidenceData(name="Portfolio", url="https://zoe.example/work", narrative="Nine years."),
    ),
)
CERTIFICATE = replace(
    AWARD,
    results=(),
    hours_earned=None,
    status=documents.StatusData(list_url=samples.LIST_URL, index=7, purpose="suspension"),
    achievement=documents.AchievementData(
        id=f"{HOST}/stacks/care/#certificate",
        name="Caring for Learners",
        description="Two micro-credentials about care.",
        criteria_narrative="Earned with all parts of the stack.\n\n"
        + "\n".join(f"- {part}" for part in PARTS),
        criteria_url=f"{HOST}/stacks/care/",
        issuer=samples.ISSUER,
        language="en",
        kind="Certificate",
    ),
    evidence=tuple(
        documents.EvidenceData(name=part, url=f"{HOST}/badges/{number}", genre="Badge")
        for number, part in enumerate(PARTS)
    ),
)


def sign(document: dict[str, Any]) -> dict[str, Any]:
    return proofs.sign(document, KEY, verification_method=KEY.method_for(samples.DID), created=samples.NOW)


def credential(award: documents.AwardData) -> dict[str, Any]:
    return sign(documents.credential(award))


def status_list() -> dict[str, Any]:
    return sign(
        status.status_list_credential(
            url=samples.LIST_URL, issuer=samples.DID, revoked=(3, 94_567), valid_from=samples.NOW
        )
    )


def did() -> dict[str, Any]:
    jwk = {"kty": "RSA", "n": "sXch", "e": "AQAB", "kid": "one", "alg": "RS256", "use": "sig"}
    old = PublishedKey(fragment="one", public={"publicKeyJwk": jwk}, revoked="2026-11-01T00:00:00Z")
    return keys.did_document(samples.DID, [KEY.multikey, old])


CREDENTIALS = {"assessed": ASSESSED, "granted": GRANTED, "certificate": CERTIFICATE}
MADE: dict[str, Callable[[], dict[str, Any]]] = {
    **{name: partial(credential, award) for name, award in CREDENTIALS.items()},
    "assessed.token": lambda: jwt.payload_of(documents.credential(ASSESSED)),
    "did": did,
    "achievement": lambda: documents.achievement_document(samples.ACHIEVEMENT),
    "issuer": lambda: documents.issuer_document(samples.ISSUER),
}


def written(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def write() -> None:
    """Make the files anew, after a change that is meant."""
    for name, make in MADE.items():
        (GOLDEN / f"{name}.json").write_text(written(make()))


@pytest.mark.parametrize("name", MADE)
def test_the_document_is_the_golden_one(name: str) -> None:
    assert written(MADE[name]()) == (GOLDEN / f"{name}.json").read_text()


@pytest.mark.parametrize("name", CREDENTIALS)
def test_every_credential_fits_the_published_schema(name: str) -> None:
    document = json.loads((GOLDEN / f"{name}.json").read_text())
    assert schema_errors("ob_v3p0_achievementcredential_schema.json", document) == []


@pytest.mark.parametrize("name", CREDENTIALS)
def test_two_judges_agree_on_every_credential(name: str) -> None:
    judge(json.loads((GOLDEN / f"{name}.json").read_text()))


def test_two_judges_agree_on_a_status_list() -> None:
    """Which has no golden file: how well a list is packed is zlib's to say."""
    judge(status_list())


def judge(document: dict[str, Any]) -> None:
    proofs.verify(document, KEY.private.public_key())
    ldp.verify_data_integrity_proof(document, public_pem(KEY))
    unsigned = {part: value for part, value in document.items() if part != "proof"}
    assert oxigraph_canonical(unsigned) == proofs.canonicalise(unsigned)


TEXTS = st.text(min_size=1, max_size=60).filter(lambda text: text.strip() and not control_in(text))


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_any_text_without_controls_signs_and_verifies(text: str) -> None:
    award = replace(
        AWARD, narrative=text, achievement=replace(samples.ACHIEVEMENT, name=text, criteria_narrative=text)
    )
    document = json.loads(json.dumps(sign(documents.credential(award))))
    proofs.verify(document, KEY.private.public_key())
