"""How other issuers write keys, lists, signatures and names: each as it is found, and the forgery beside it.

Every issuer here is made in the test, with keys of its own; what is good stands before what is bad.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OKPKey, RSAKey

from badges.openbadges import structure, verification
from badges.openbadges.contexts import OPEN_BADGES_EXTENSIONS
from badges.openbadges.controllers import encoded
from badges.openbadges.fetched import Answer
from badges.openbadges.keys import SigningKey, base58_encode
from badges.openbadges.outcomes import Report
from badges.openbadges.status import encode_list, set_bits
from badges.openbadges.summary import summary
from tests.badges.elsewhere import DID, DID_URL, EMAIL, LIST_URL, RSA, SITE, Elsewhere, achievement
from tests.badges.samples import ALL_OK, NOW, outcomes, words

THIEF = "https://thief.example"
PROFILE = f"{SITE}/issuers/1"
REVOKED = {**ALL_OK, "status": "failed"}


def check(elsewhere: Elsewhere, source: Any, email: str = "") -> Report:
    return verification.verify(source, fetch=elsewhere.fetch, now=NOW, email=email)


# --- keys -----------------------------------------------------------------------------------------------------


def raw(key: SigningKey) -> bytes:
    return key.private.public_key().public_bytes_raw()


def okp(key: SigningKey) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw(key))}


KEYS: dict[str, Callable[[SigningKey], dict[str, Any]]] = {
    "Multikey": lambda key: {"publicKeyMultibase": key.multikey},
    "Ed25519VerificationKey2020": lambda key: {"publicKeyMultibase": key.multikey},
    "Ed25519VerificationKey2018": lambda key: {"publicKeyBase58": base58_encode(raw(key))},
    "JsonWebKey2020": lambda key: {"publicKeyJwk": okp(key)},
    "JsonWebKey": lambda key: {"publicKeyJwk": okp(key)},
}


@pytest.mark.parametrize("kind", KEYS)
def test_keys_however_they_are_written(kind: str) -> None:
    e = Elsewhere()

    def publish(key: SigningKey) -> None:
        method = {"id": f"{DID}#key-1", "type": kind, "controller": DID, **KEYS[kind](key)}
        e.put(DID_URL, {"id": DID, "verificationMethod": [method], "assertionMethod": ["#key-1"]})

    publish(e.key)
    signed = e.sign(e.badge(), method=f"{DID}#key-1")
    assert outcomes(check(e, signed)) == ALL_OK
    publish(SigningKey.generate())
    assert outcomes(check(e, signed)) == {**ALL_OK, "proof": "failed"}


def by_jwk(key: SigningKey, **extra: str) -> str:
    return "did:jwk:" + encoded(json.dumps({**okp(key), **extra}).encode())


def test_an_issuer_that_is_its_key() -> None:
    e = Elsewhere()
    for did, name in ((f"did:key:{e.key.multikey}", e.key.multikey), (by_jwk(e.key), "0")):
        report = check(e, e.sign(e.badge(issuer=did), method=f"{did}#{name}"))
        assert outcomes(report) == ALL_OK
        assert "named by that key alone" in words(report, "issuer")
        thief = SigningKey.generate()
        stolen = check(e, e.sign(e.badge(issuer=did), thief, f"{did}#{name}"))
        assert outcomes(stolen) == {**ALL_OK, "proof": "failed"}
        other = by_jwk(thief)
        assert outcomes(check(e, e.sign(e.badge(issuer=did), thief, f"{other}#0")))["issuer"] == "failed"
    for broken in (by_jwk(e.key, use="enc"), "did:jwk:e30", "did:jwk:x", "did:jwk:"):
        assert outcomes(check(e, e.sign(e.badge(issuer=broken), method=f"{broken}#0")))["proof"] == "failed"
    assert e.asked == []


def test_an_issuer_that_is_the_address_of_its_profile() -> None:
    e = Elsewhere()
    badge = e.badge(issuer={"id": PROFILE, "type": ["Profile"], "name": "Elsewhere"})
    name = f"{PROFILE}#key-1"
    method = {"id": name, "type": "Multikey", "controller": PROFILE, "publicKeyMultibase": e.key.multikey}
    e.put(
        PROFILE,
        {"id": PROFILE, "type": ["Profile"], "verificationMethod": [method], "assertionMethod": [name]},
    )
    assert outcomes(check(e, e.sign(badge, method=name))) == ALL_OK
    stolen = e.sign(badge, SigningKey.generate(), name)
    assert outcomes(check(e, stolen)) == {**ALL_OK, "proof": "failed"}


def test_what_a_redirect_leads_to_on_another_site_speaks_for_nobody() -> None:
    """An open redirect on the issuer's own site would lend its name to anybody."""
    e, thief = Elsewhere(), SigningKey.generate()
    leading = f"{SITE}/go?to={THIEF}"
    stolen = {"id": leading, "type": "Multikey", "controller": DID, "publicKeyMultibase": thief.multikey}
    e.put(leading, stolen)
    badge = e.badge(issuer={"id": PROFILE, "type": ["Profile"], "name": "Elsewhere"})
    signed = e.sign(badge, thief, leading)

    def fetch(url: str) -> Answer:
        answer = e.fetch(url)
        return replace(answer, url=f"{THIEF}/key") if url == leading else answer

    report = verification.verify(signed, fetch=fetch, now=NOW)
    assert outcomes(report) == {**ALL_OK, "proof": "unknown", "issuer": "unknown"}
    assert "leads to another site, which cannot speak for it" in words(report, "proof")


# --- lists ----------------------------------------------------------------------------------------------------


def list_2021(e: Elsewhere, *revoked: int, by: Any = RSA, form: Callable[[str], str] = str) -> str:
    """A StatusList2021 as a token: so its words need no vocabulary."""
    credential = {
        "@context": ["https://www.w3.org/2018/credentials/v1", "https://w3id.org/vc/status-list/2021/v1"],
        "id": LIST_URL, "type": ["VerifiableCredential", "StatusList2021Credential"], "issuer": DID,
        "issuanceDate": "2026-11-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{LIST_URL}#list", "type": "StatusList2021", "statusPurpose": "revocation",
            "encodedList": form(encode_list(set_bits(revoked)).removeprefix("u")),
        },
    }  # fmt: skip
    return e.token(credential, by=by, kid=f"{DID}#rsa")


def padded(text: str) -> str:
    """As some write base64url: with the letters and the padding of plain base64."""
    return text.replace("-", "+").replace("_", "/") + "=" * (-len(text) % 4)


def test_a_status_list_of_2021() -> None:
    e = Elsewhere()
    entry = {
        "id": f"{LIST_URL}#7", "type": "StatusList2021Entry", "statusPurpose": "revocation",
        "statusListIndex": "7", "statusListCredential": LIST_URL,
    }  # fmt: skip
    badge = e.badge(1, credentialStatus=entry)
    badge["@context"] = [*badge["@context"], "https://w3id.org/vc/status-list/2021/v1"]
    token = e.token({"vc": badge, **badge})
    for form in (str, padded):
        e.put(LIST_URL, list_2021(e, form=form).encode())
        assert outcomes(check(e, token)) == ALL_OK
    e.put(LIST_URL, list_2021(e, 7).encode())
    assert outcomes(check(e, token)) == REVOKED
    e.put(LIST_URL, list_2021(e, by=RSAKey.generate_key(2048).private_key).encode())
    assert "not what the issuer signed" in words(check(e, token), "status")
    # Signed as JSON-LD it would need a vocabulary that is not pinned here: neither good nor bad.
    report = check(e, {**e.sign(e.badge()), "@context": badge["@context"]})
    assert (report.outcome, outcomes(report)["document"]) == ("unknown", "unknown")
    assert "is not known here" in words(report, "document")


PLAIN = f"{SITE}/revoked"


@pytest.mark.parametrize(
    ("listed", "ends"),
    [
        ({"revokedCredential": []}, "ok"),
        ({"revokedCredential": [{"id": f"{SITE}/badges/2"}]}, "ok"),
        ({"revokedCredential": [{"id": f"{SITE}/badges/1", "revoked": False}]}, "ok"),
        ({"revokedCredential": [{"id": f"{SITE}/badges/1", "revocationReason": "Copied."}]}, "failed"),
        ({"revokedCredentials": [{"id": f"{SITE}/badges/1", "revoked": True}]}, "failed"),
        ({"revokedCredential": [f"{SITE}/badges/1"]}, "failed"),
        ({"revokedCredential": [], "issuer": "did:web:thief.example"}, "failed"),
        ({"revoked": []}, "unknown"),
        (None, "unknown"),
    ],
)
def test_a_plain_list_of_what_was_revoked(listed: dict[str, Any] | None, ends: str) -> None:
    e = Elsewhere()
    if listed is not None:
        e.put(PLAIN, {"id": PLAIN, "issuer": DID, **listed})
    badge = e.badge(credentialStatus={"id": PLAIN, "type": "1EdTechRevocationList"})
    badge["@context"] = [*badge["@context"], OPEN_BADGES_EXTENSIONS]
    for source in (e.sign(badge), e.token(badge)):
        assert outcomes(check(e, source)) == {**ALL_OK, "status": ends}


# --- tokens ---------------------------------------------------------------------------------------------------


def ed_token(e: Elsewhere, payload: dict[str, Any], **header: Any) -> str:
    key = OKPKey.import_key(e.key.private)
    registry = jws.JWSRegistry(algorithms=["EdDSA"], strict_check_header=False)
    registry.max_payload_length = 1_000_000
    return jws.serialize_compact(
        {"alg": "EdDSA", "typ": "JWT", **header}, json.dumps(payload), key, registry=registry
    )


def test_a_badge_of_1_1_whose_claims_stand_around_it() -> None:
    """What the claims say need not stand in the badge again (VC Data Model 1.1, section 6.3.1)."""
    e = Elsewhere()
    inner = {
        name: value for name, value in e.badge(1).items() if name not in ("issuer", "id", "issuanceDate")
    }
    claims = {
        "iss": DID,
        "jti": f"{SITE}/badges/1",
        "nbf": int(NOW.timestamp()) - 9,
        "sub": inner["credentialSubject"]["id"],
    }
    token = ed_token(e, {**claims, "vc": inner}, kid=e.method)
    report = check(e, token, EMAIL)
    assert outcomes(report) == {**ALL_OK, "recipient": "ok"}
    assert (report.about.id, report.about.issuer_id) == (f"{SITE}/badges/1", DID)
    late = ed_token(e, {**claims, "vc": inner, "exp": int(NOW.timestamp()) - 1}, kid=e.method)
    assert outcomes(check(e, late)) == {**ALL_OK, "dates": "failed"}
    ours = ed_token(
        e, {**claims, "iss": "did:web:badges.example", "vc": {**inner, "issuer": DID}}, kid=e.method
    )
    assert "different issuers" in words(check(e, ours), "document")


def test_an_endorsement_as_a_token() -> None:
    e = Elsewhere()
    endorsing = {
        "@context": e.badge()["@context"], "id": f"{SITE}/endorsements/1", "name": "Good",
        "type": ["VerifiableCredential", "EndorsementCredential"], "validFrom": "2026-11-01T00:00:00Z",
        "issuer": {"id": DID, "type": ["Profile"], "name": "A friend"},
        "credentialSubject": {"id": f"{SITE}/achievements/1", "type": ["EndorsementSubject"], "endorsementComment": "Good."},
    }  # fmt: skip
    good = e.token(endorsing)
    unsigned = good.rpartition(".")[0]
    about = {
        **endorsing,
        "credentialSubject": {**endorsing["credentialSubject"], "id": f"{SITE}/achievements/2"},
    }
    forged = e.token(endorsing, by=RSAKey.generate_key(2048).private_key)
    table = {
        good: "ok",
        forged: "failed",
        e.token(about): "failed",
        f"{unsigned}.AAAA": "failed",
        "x": "failed",
    }
    for token, ends in table.items():
        subject = {
            **e.badge()["credentialSubject"],
            "achievement": {**achievement(), "endorsementJwt": [token]},
        }
        report = check(e, e.token(e.badge(credentialSubject=subject)))
        assert outcomes(report) == {**ALL_OK, "endorsements": ends}


# --- names in several languages ---------------------------------------------------------------------------------


def in_hebrew(**extra: str) -> dict[str, str]:
    return {"@value": "שלום", "@language": "he", "@direction": "rtl", **extra}


def test_texts_with_language_and_direction() -> None:
    e = Elsewhere()
    badge = e.badge(name=[in_hebrew(), {"@value": "Peace", "@language": "en"}])
    named = {**achievement(), "name": in_hebrew(), "description": in_hebrew()}
    badge["credentialSubject"]["achievement"] = named
    signed = e.sign(badge)
    report = check(e, signed)
    assert outcomes(report) == ALL_OK
    assert report.about.title == "שלום"
    signed["credentialSubject"]["achievement"]["name"] = in_hebrew(**{"@direction": "ltr"})
    assert outcomes(check(e, signed)) == {**ALL_OK, "proof": "failed"}
    signed["credentialSubject"]["achievement"]["name"] = in_hebrew(**{"@direction": "up"})
    assert "not valid JSON-LD" in words(check(e, signed), "document")
    by_language = {
        **badge,
        "credentialSubject": {
            **badge["credentialSubject"],
            "achievement": {**achievement(), "name": {"en": "Peace", "he": "שלום"}},
        },
    }
    assert outcomes(check(e, e.token(by_language))) == ALL_OK
    assert summary(by_language).name == "Peace"


@pytest.mark.parametrize("name", [{}, [], {"en": 5}, [{"@value": 5}], 5, None, ["x"] * 501])
def test_names_that_are_none(name: Any) -> None:
    badge = Elsewhere().badge()
    badge["credentialSubject"]["achievement"] = {**achievement(), "name": name}
    assert next(structure.problems(badge)) == "The badge does not say what was achieved."


# --- Open Badges 2.0 --------------------------------------------------------------------------------------------

V2 = "https://w3id.org/openbadges/v2"
CLASS, ISSUER, KEY = f"{SITE}/class", f"{SITE}/issuer", f"{SITE}/key"


def issuer_2(site: str = SITE, **changes: Any) -> dict[str, Any]:
    return {"@context": V2, "id": f"{site}/issuer", "type": "Issuer", "name": "Elsewhere", **changes}


def class_2(issuer: Any = ISSUER, site: str = SITE) -> dict[str, Any]:
    return {
        "@context": V2, "id": f"{site}/class", "type": "BadgeClass", "name": "Reading Together",
        "description": "Leads.", "criteria": {"narrative": "Led."}, "issuer": issuer,
    }  # fmt: skip


def assertion_2(badge: Any = CLASS, kind: str = "SignedBadge", **verification_of: str) -> dict[str, Any]:
    salted = hashlib.sha256(f"{EMAIL}pepper".encode()).hexdigest()
    return {
        "@context": V2, "id": "urn:uuid:3b4e1f0e-1111-4a0c-9f53-4d6f5b0a9b2f", "type": "Assertion", "badge": badge,
        "recipient": {"type": "email", "hashed": True, "salt": "pepper", "identity": f"sha256${salted}"},
        "issuedOn": "2026-11-01T00:00:00Z", "verification": {"type": kind, **verification_of},
    }  # fmt: skip


def signed_2(document: dict[str, Any], by: Any = RSA) -> str:
    return jws.serialize_compact({"alg": "RS256"}, json.dumps(document), RSAKey.import_key(by))


def published_2(e: Elsewhere, by: Any = RSA, site: str = SITE, owner: str = ISSUER) -> None:
    pem = RSAKey.import_key(by).as_pem(private=False).decode()
    e.put(
        f"{site}/key",
        {
            "@context": V2,
            "id": f"{site}/key",
            "type": "CryptographicKey",
            "owner": owner,
            "publicKeyPem": pem,
        },
    )


def world_2() -> Elsewhere:
    e = Elsewhere()
    e.put(ISSUER, issuer_2(publicKey=KEY, revocationList=f"{SITE}/list"))
    e.put(CLASS, class_2())
    e.put(
        f"{SITE}/list",
        {"@context": V2, "id": f"{SITE}/list", "type": "RevocationList", "revokedAssertions": []},
    )
    published_2(e)
    return e


def test_signed_badges_of_version_2() -> None:
    e = world_2()
    for document in (assertion_2(creator=KEY), assertion_2(kind="signed"), assertion_2(class_2(issuer_2()))):
        assert outcomes(check(e, signed_2(document), EMAIL)) == {**ALL_OK, "recipient": "ok"}
    thief = RSAKey.generate_key(2048).private_key
    document = assertion_2(creator=KEY)
    assert outcomes(check(e, signed_2(document, thief))) == {**ALL_OK, "proof": "failed"}
    assert outcomes(check(e, signed_2(document), "x@example.org"))["recipient"] == "failed"
    revoked = [{"id": document["id"], "revocationReason": "Copied."}]
    e.put(f"{SITE}/list", {"type": "RevocationList", "revokedAssertions": revoked})
    report = check(e, signed_2(document))
    assert (outcomes(report), report.standing) == (REVOKED, "revoked")


def test_a_badge_of_version_2_that_brings_its_issuer_along_proves_nothing() -> None:
    """The thief's words about an issuer: in the badge, or at an address of the thief's."""
    thief = RSAKey.generate_key(2048).private_key
    e = world_2()
    published_2(e, thief, THIEF)
    brought = issuer_2(publicKey=f"{THIEF}/key", verification={"startsWith": f"{THIEF}/"})
    e.put(f"{THIEF}/issuer", brought)
    for issuer in (brought, f"{THIEF}/issuer"):
        badge = class_2(issuer, THIEF)
        token = signed_2(assertion_2(badge, creator=f"{THIEF}/key"), thief)
        assert outcomes(check(e, token)) == {**ALL_OK, "proof": "failed"}
        hosted = {**assertion_2(badge, "HostedBadge"), "id": f"{THIEF}/1"}
        e.put(f"{THIEF}/1", hosted)
        assert outcomes(check(e, hosted)) == {**ALL_OK, "issuer": "failed"}
    for nobody in ({"id": "urn:uuid:1"}, {"name": "x"}, None, 5):
        report = check(e, signed_2(assertion_2(class_2(nobody), creator=KEY)))
        assert not report.valid
