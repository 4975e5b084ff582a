"""The table of bad credentials: each with the step that must fail, and the words it must fail with.

A second issuer signs them, so that nothing is spared for being ours. What is good stands at the top.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import segno
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc.jwk import RSAKey
from PIL import Image

from badges import confined
from badges.openbadges import verification
from badges.openbadges.baking import bake_png
from badges.openbadges.baking_svg import bake_svg
from badges.openbadges.controllers import encoded
from badges.openbadges.keys import SigningKey
from badges.openbadges.outcomes import Report
from tests.badges.elsewhere import DID, DID_URL, EMAIL, LIST_URL, SITE, Elsewhere, achievement
from tests.badges.samples import ALL_OK, NOW, UNREADABLE, outcomes, words

Make = Callable[[Elsewhere], Any]


def check(elsewhere: Elsewhere, source: Any, email: str = "") -> Report:
    return verification.verify(source, fetch=elsewhere.fetch, now=NOW, email=email)


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(out, "PNG")
    return out.getvalue()


def qr(text: str) -> bytes:
    out = io.BytesIO()
    segno.make(text).save(out, kind="png", scale=4)
    return out.getvalue()


def instead(
    e: Elsewhere, url: str, document: Any, purpose: str = "revocation", code: int = 200
) -> dict[str, Any]:
    """A badge in the status list, where something else lies at an address; nothing, if there is no document."""
    signed = e.sign(e.with_status(purpose))
    if document is None:
        del e.site[url]
    else:
        e.put(url, document, code)
    return signed


def published(elsewhere: Elsewhere, document: dict[str, Any]) -> bytes:
    elsewhere.put(f"{SITE}/badges/1", document)
    return qr(f"{SITE}/badges/1")


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'

GOOD: dict[str, Make] = {
    "VC 2.0, eddsa-rdfc-2022": lambda e: e.sign(e.badge()),
    "VC 2.0, eddsa-jcs-2022": lambda e: e.sign_jcs(e.badge()),
    "VC 1.1, Ed25519Signature2020": lambda e: e.sign_2020(e.badge(1)),
    "two proofs": lambda e: {
        **e.badge(),
        "proof": [e.sign(e.badge())["proof"], e.sign_jcs(e.badge())["proof"]],
    },
    "did:key": lambda e: _by_bare_key(e),  # noqa: PLW0108 — it stands below
    "RS256, key by address": lambda e: e.token(e.badge()),
    "RS256, key by DID": lambda e: e.token(e.badge(), kid=f"{DID}#rsa"),
    "RS256, no name of a key": lambda e: e.token(e.badge(), kid=None),
    "ES256": lambda e: e.token(e.badge(), "ES256", kid=f"{DID}#p256"),
    "VC 1.1 in a claim": lambda e: e.token({**e.badge(1), "vc": e.badge(1)}),
    "enveloped": lambda e: {
        "@context": "https://www.w3.org/ns/credentials/v2",
        "type": "EnvelopedVerifiableCredential",
        "id": "data:application/vc+jwt," + e.token(e.badge()),
    },
    "PNG": lambda e: bake_png(picture(), json.dumps(e.sign(e.badge()))),
    "SVG": lambda e: bake_svg(SVG, json.dumps(e.sign(e.badge()))),
    "SVG with a token": lambda e: bake_svg(SVG, e.token(e.badge())),
    "QR picture of an address": lambda e: published(e, e.sign(e.badge())),
    "in the status list": lambda e: e.sign(e.with_status()),
}


def _by_bare_key(elsewhere: Elsewhere) -> dict[str, Any]:
    did = f"did:key:{elsewhere.key.multikey}"
    document = elsewhere.badge(issuer={"id": did, "type": ["Profile"], "name": "Elsewhere"})
    return elsewhere.sign(document, method=f"{did}#{elsewhere.key.multikey}")


@pytest.mark.parametrize("name", GOOD)
def test_what_is_good(name: str) -> None:
    elsewhere = Elsewhere()
    report = check(elsewhere, GOOD[name](elsewhere), EMAIL)
    assert outcomes(report) == {**ALL_OK, "recipient": "ok"}
    assert report.about.title == "Reading Together"


# --- the table ------------------------------------------------------------------------------------------------


def tampered(document: dict[str, Any]) -> dict[str, Any]:
    document["credentialSubject"]["achievement"]["name"] = "Leading Everybody"
    return document


def without(document: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in document.items() if key != name}


def in_purpose(e: Elsewhere) -> dict[str, Any]:
    signed = e.sign(e.badge())
    return {**signed, "proof": {**signed["proof"], "proofPurpose": "authentication"}}


def revoked_key(e: Elsewhere) -> dict[str, Any]:
    e.put(DID_URL, e.did_document(revoked=NOW.isoformat()))
    return e.sign(e.badge())


def resigned(token: str, name: str) -> str:
    head, _payload, signature = token.split(".")
    return f"{head}.{encoded(json.dumps({**Elsewhere().badge(), 'name': name}).encode())}.{signature}"


def with_jwk(e: Elsewhere) -> str:
    """A thief's token, with his own key in its header."""
    thief = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = RSAKey.import_key(thief).as_dict(private=False)
    return e.token(e.badge(), by=thief, kid=None, jwk=public)


def clique() -> dict[str, Any]:
    """Families of nodes that nothing tells apart."""
    family = {"type": ["Alignment"], "targetName": "Same", "targetUrl": f"{SITE}/same"}
    results = [{"type": ["Result"], "alignment": [family] * 9} for _ in range(20)]
    base = Elsewhere().badge()
    return {**base, "credentialSubject": {**base["credentialSubject"], "result": results}}


def two_chunks(e: Elsewhere) -> bytes:
    baked = bake_png(picture(), json.dumps(e.sign(e.badge())))
    start = baked.index(b"iTXt") - 4
    length = int.from_bytes(baked[start : start + 4], "big") + 12
    return baked[: start + length] + baked[start:]


def bomb_list(e: Elsewhere) -> dict[str, Any]:
    unsigned = without(e.status_list(), "proof")
    bomb = "u" + encoded(gzip.compress(bytes(64 * 1024**2)))
    return e.sign({**unsigned, "credentialSubject": {**unsigned["credentialSubject"], "encodedList": bomb}})


def days(number: int) -> str:
    return (NOW + timedelta(days=number)).isoformat()


THIEF = SigningKey.generate()
LEVEL = {"type": ["Result"], "achievedLevel": f"{SITE}/levels/none"}
# name → (how it is made, the step, how it ends, its words)
BAD: dict[str, tuple[Make, str, str, str]] = {
    "tampered": (lambda e: tampered(e.sign(e.badge())), "proof", "failed", "something in it was changed"),
    "wrong key": (lambda e: e.sign(e.badge(), THIEF), "proof", "failed", "something in it was changed"),
    "unknown key of the issuer": (
        lambda e: e.sign(e.badge(), THIEF, f"{DID}#{THIEF.multikey}"), "proof", "failed", "does not publish the key",
    ),
    "attacker's key claiming our issuer": (
        lambda e: e.sign(e.badge(), THIEF, f"did:key:{THIEF.multikey}#{THIEF.multikey}"),
        "issuer", "failed", "signed by somebody other than the issuer",
    ),
    "expired": (lambda e: e.sign(e.badge(validUntil=days(-1))), "dates", "failed", "has expired"),
    "future": (lambda e: e.sign(e.badge(validFrom=days(1))), "dates", "failed", "not valid yet"),
    "revoked": (lambda e: instead(e, LIST_URL, e.status_list(7)), "status", "failed", "has revoked"),
    "suspended": (
        lambda e: instead(e, LIST_URL, e.status_list(7, purpose="suspension"), "suspension"),
        "status", "failed", "has suspended this badge",
    ),
    "list unreachable": (lambda e: instead(e, LIST_URL, None), "status", "unknown", "could not be read"),
    "list answers 500": (lambda e: instead(e, LIST_URL, {}, code=500), "status", "unknown", "(500)"),
    "list forged": (
        lambda e: instead(e, LIST_URL, {**e.status_list(7), "credentialSubject": e.status_list()["credentialSubject"]}),
        "status", "failed", "not what the issuer signed",
    ),
    "list without a proof": (lambda e: instead(e, LIST_URL, without(e.status_list(), "proof")), "status", "failed", "no proof"),
    "list of another purpose": (
        lambda e: instead(e, LIST_URL, e.status_list(7, purpose="suspension")), "status", "failed", "not the one of this badge",
    ),
    "list is a gzip bomb": (lambda e: instead(e, LIST_URL, bomb_list(e)), "status", "failed", "too long or cut off"),
    "wrong purpose": (in_purpose, "proof", "failed", "another purpose"),
    "no proof": (lambda e: e.badge(), "proof", "failed", "no proof"),
    "key revoked before": (revoked_key, "proof", "failed", "was revoked"),
    "issuer unreachable": (lambda e: instead(e, DID_URL, None), "issuer", "unknown", "does not answer"),
    "undefined term": (
        lambda e: {**e.sign(e.badge()), "nickname": "x"}, "document", "failed", "nickname is not defined",
    ),
    "undefined type": (
        lambda e: {**e.sign(e.badge()), "type": ["VerifiableCredential", "OpenBadgeCredential", "Nick"]},
        "document", "failed", "neither a defined type",
    ),
    "unknown vocabulary": (
        lambda e: {**e.sign(e.badge()), "@context": [*e.badge()["@context"], f"{SITE}/context"]},
        "document", "unknown", "vocabulary",
    ),
    "no achievement": (lambda e: {**e.sign(e.badge()), "credentialSubject": {}}, "document", "failed", "was achieved"),
    "schema violation: no criteria": (
        lambda e: e.sign(e.badge(credentialSubject={
            **e.badge()["credentialSubject"], "achievement": without(achievement(), "criteria")})),
        "document", "failed", "how it is earned",
    ),
    "truncated PNG": (lambda e: bake_png(picture(), json.dumps(e.sign(e.badge())))[:-30], "document", "failed", "not a whole PNG"),
    "two chunks": (two_chunks, "document", "failed", "more than one badge"),
    "PNG without a badge": (lambda e: picture(), "document", "failed", "carries no badge"),
    "SVG with entities": (
        lambda e: b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        "document", "failed", "not a whole SVG",
    ),
    "7-node blank clique": (lambda e: {**e.sign(e.badge()), **clique()}, "document", "failed", "look alike"),
    "5 MB of JSON": (lambda e: json.dumps({"a": "x" * 5_000_000}), "document", "failed", "larger than 1 MB"),
    "deep nesting": (lambda e: '{"a":' * 60 + "1" + "}" * 60, "document", "failed", "nested too deeply"),
    "very deep nesting": (lambda e: '{"a":' * 100_000, "document", "failed", ""),
    "token: alg none": (lambda e: e.token(e.badge(), "none"), "proof", "failed", "“none”, which proves nothing"),
    "token: HS256 with the public key": (
        lambda e: e.token(e.badge(), "HS256"), "proof", "failed", "“HS256”, which proves nothing",
    ),
    "token: a key of its own": (with_jwk, "proof", "failed", "A key it brings along proves nothing"),
    "token: tampered": (lambda e: resigned(e.token(e.badge()), "Other"), "proof", "failed", "something in it was changed"),
    "token: another issuer inside": (
        lambda e: e.token(e.badge(issuer="did:web:ours.example")), "document", "failed", "different issuers",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_bad(name: str) -> None:
    make, step, outcome, said = BAD[name]
    elsewhere = Elsewhere()
    source, started = make(elsewhere), time.process_time()
    report = check(elsewhere, source)
    assert (outcomes(report)[step], report.valid) == (outcome, False)
    assert said in words(report, step)
    if step == "document":
        assert outcomes(report) == {**UNREADABLE, "document": outcome}
    assert time.process_time() - started < 4


def test_a_key_on_another_site_speaks_for_nobody() -> None:
    """The thief's own key at the thief's own address, for a badge that names somebody else."""
    elsewhere = Elsewhere()
    site = "https://thief.example/key"
    thief = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elsewhere.put(site, {**RSAKey.import_key(thief).as_dict(private=False), "kid": site})
    report = check(elsewhere, elsewhere.token(elsewhere.badge(), by=thief, kid=site))
    assert outcomes(report) == {**ALL_OK, "issuer": "failed"}


def test_what_was_signed_before_a_key_was_revoked_still_counts() -> None:
    elsewhere = Elsewhere()
    elsewhere.put(DID_URL, elsewhere.did_document(revoked=(NOW + timedelta(seconds=1)).isoformat()))
    assert check(elsewhere, elsewhere.sign(elsewhere.badge())).valid


def test_whose_it_is_is_asked_by_address() -> None:
    elsewhere = Elsewhere()
    signed = elsewhere.sign(elsewhere.badge())
    said = {
        email: outcomes(check(elsewhere, signed, email))["recipient"] for email in (EMAIL, "x@example.org")
    }
    assert said == {EMAIL: "ok", "x@example.org": "failed"}
    assert outcomes(check(elsewhere, signed, f" {EMAIL.upper()} "))["recipient"] == "ok"


def endorsement(e: Elsewhere, about: str, **changes: Any) -> dict[str, Any]:
    unsigned = {
        "@context": e.badge()["@context"],
        "id": f"{SITE}/endorsements/1",
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "issuer": {"id": DID, "type": ["Profile"], "name": "A friend"},
        "validFrom": "2026-11-01T00:00:00Z",
        "credentialSubject": {"id": about, "type": ["EndorsementSubject"], "endorsementComment": "Good."},
        **changes,
    }
    return e.sign(unsigned)


@pytest.mark.parametrize(
    ("about", "changes", "spoiled", "outcome", "said"),
    [
        (f"{SITE}/achievements/1", {}, {}, "ok", "Endorsed by A friend."),
        (f"{SITE}/achievements/1", {"validUntil": "2026-11-02T00:00:00Z"}, {}, "ok", "no longer in force"),
        (f"{SITE}/achievements/2", {}, {}, "failed", "about something else"),
        (
            f"{SITE}/achievements/1",
            {},
            {"id": f"{SITE}/endorsements/2"},
            "failed",
            "something in it was changed",
        ),
    ],
)
def test_endorsements_are_checked_like_badges(
    about: str, changes: dict[str, Any], spoiled: dict[str, Any], outcome: str, said: str
) -> None:
    e = Elsewhere()
    given = {**endorsement(e, about, **changes), **spoiled}
    subject = {**e.badge()["credentialSubject"], "achievement": {**achievement(), "endorsement": [given]}}
    report = check(e, e.sign(e.badge(credentialSubject=subject)))
    assert outcomes(report) == {**ALL_OK, "endorsements": outcome}
    assert said in words(report, "endorsements")


@pytest.mark.parametrize(("body", "outcome"), [(b"the seal", "ok"), (b"another", "failed")])
def test_what_the_badge_names_by_digest_is_compared(body: bytes, outcome: str) -> None:
    e = Elsewhere()
    e.put(f"{SITE}/seal.json", body)
    digest = "u" + encoded(b"\x12\x20" + hashlib.sha256(b"the seal").digest())
    related = {"id": f"{SITE}/seal.json", "digestMultibase": digest}
    assert outcomes(check(e, e.sign(e.badge(relatedResource=[related]))))["evidence"] == outcome


# --- Open Badges 2.0 --------------------------------------------------------------------------------------------


def assertion(e: Elsewhere, **changes: Any) -> dict[str, Any]:
    context = "https://w3id.org/openbadges/v2"
    issuer = {"@context": context, "id": f"{SITE}/issuer", "type": "Issuer", "name": "Elsewhere"}
    badge = {
        "@context": context, "id": f"{SITE}/class", "type": "BadgeClass", "name": "Reading Together",
        "description": "Leads.", "criteria": {"narrative": "Led."}, "issuer": f"{SITE}/issuer",
    }  # fmt: skip
    e.put(f"{SITE}/issuer", issuer)
    e.put(f"{SITE}/class", badge)
    document = {
        "@context": context, "id": f"{SITE}/assertions/1", "type": "Assertion", "badge": f"{SITE}/class",
        "recipient": {"type": "email", "hashed": False, "identity": EMAIL},
        "issuedOn": "2026-11-01T00:00:00Z", "verification": {"type": "hosted"},
    }  # fmt: skip
    e.put(document["id"], document)  # type: ignore[arg-type]
    return {**document, **changes}


def test_hosted_badges_of_version_2_are_believed_where_they_lie() -> None:
    e = Elsewhere()
    document = assertion(e)
    for source in (document, document["id"].encode(), qr(document["id"])):
        assert outcomes(check(e, source, EMAIL)) == {**ALL_OK, "recipient": "ok"}
    changed = {**document, "issuedOn": "2026-01-01T00:00:00Z"}
    assert outcomes(check(e, changed)) == {**ALL_OK, "proof": "failed"}
    e.put(document["id"], {"revoked": True, "id": document["id"]}, 410)
    report = check(e, document)
    assert (outcomes(report)["status"], report.standing) == ("failed", "revoked")
    elsewhere = {**assertion(e), "id": "https://thief.example/1"}
    e.put("https://thief.example/1", elsewhere)
    assert outcomes(check(e, elsewhere))["issuer"] == "failed"


# --- behind the wall ----------------------------------------------------------------------------------------------


def test_the_wall_bounds_time_and_memory_and_asks_through_us(monkeypatch: pytest.MonkeyPatch) -> None:
    e = Elsewhere()
    source = published(e, e.sign(e.with_status()))
    report = confined.check(source, fetch=e.fetch, now=NOW, email=EMAIL)
    assert outcomes(report) == {**ALL_OK, "recipient": "ok"}
    assert e.asked == [f"{SITE}/badges/1", DID_URL, LIST_URL]
    monkeypatch.setattr(confined, "SECONDS", 0.05)
    assert confined.check(source, fetch=e.fetch, now=NOW).valid is False
