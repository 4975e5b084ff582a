"""Another issuer than ours, whose documents are signed by hand and answered from a little world of addresses."""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

from badges.openbadges import proofs, status
from badges.openbadges.contexts import CREDENTIALS_V1, CREDENTIALS_V2, ED25519_2020, OPEN_BADGES_V3
from badges.openbadges.controllers import encoded
from badges.openbadges.fetched import Answer, Unreachable
from badges.openbadges.keys import SigningKey, base58_encode
from tests.badges.samples import NOW

SITE = "https://elsewhere.example"
OPEN_BADGES_V3_1 = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json"
DID = "did:web:elsewhere.example"
DID_URL = f"{SITE}/.well-known/did.json"
LIST_URL = f"{SITE}/status/1"
EMAIL = "maya@example.org"
RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P256 = ec.generate_private_key(ec.SECP256R1())


def achievement() -> dict[str, Any]:
    """What the other issuer awards."""
    return {
        "id": f"{SITE}/achievements/1",
        "type": ["Achievement"],
        "name": "Reading Together",
        "description": "Leads a reading circle.",
        "criteria": {"narrative": "Led four of them."},
    }


@dataclass
class Elsewhere:
    """Its keys, what lies at its addresses, and what was asked of them."""

    key: SigningKey = field(default_factory=SigningKey.generate)
    site: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.put(DID_URL, self.did_document())
        self.put(f"{SITE}/keys/1", {**self.jwk, "kid": f"{SITE}/keys/1"})
        self.put(LIST_URL, self.status_list())

    def put(self, url: str, body: Any, code: int = 200) -> None:
        """Let something lie at an address."""
        self.site[url] = (code, body if isinstance(body, bytes) else json.dumps(body).encode())

    def fetch(self, url: str) -> Answer:
        """Answer, as a site would."""
        self.asked.append(url)
        if url not in self.site:
            raise Unreachable(f"{url} does not answer")
        code, body = self.site[url]
        return Answer(code, body, "application/json", url)

    @property
    def jwk(self) -> dict[str, Any]:
        """The public RSA key."""
        return dict(RSAKey.import_key(RSA).as_dict(private=False))

    def did_document(self, **extra: Any) -> dict[str, Any]:
        """All its keys."""
        ec_key = ECKey.import_key(P256).as_dict(private=False)
        methods: list[dict[str, Any]] = [
            {"id": self.method, "type": "Multikey", "publicKeyMultibase": self.key.multikey},
            {"id": f"{DID}#rsa", "type": "JsonWebKey", "publicKeyJwk": self.jwk},
            {"id": f"{DID}#p256", "type": "JsonWebKey", "publicKeyJwk": ec_key},
        ]
        listed = [{"controller": DID, **method, **extra} for method in methods]
        names = [method["id"] for method in methods]
        return {"id": DID, "verificationMethod": listed, "assertionMethod": names}

    @property
    def method(self) -> str:
        return f"{DID}#{self.key.multikey}"

    def badge(self, version: int = 2, **changes: Any) -> dict[str, Any]:
        """An unsigned badge on either version of the data model."""
        salt, start = "salt", (NOW - timedelta(days=1)).isoformat().replace("+00:00", "Z")
        digest = hashlib.sha256(f"{EMAIL}{salt}".encode()).hexdigest()
        identity = {
            "type": "IdentityObject", "hashed": True, "salt": salt,
            "identityHash": f"sha256${digest}", "identityType": "emailAddress",
        }  # fmt: skip
        subject = {
            "id": "urn:uuid:0b1c7d7e-6f5c-4b0c-9f53-4d6f5b0a9b2f",
            "type": ["AchievementSubject"],
            "identifier": [identity],
            "achievement": achievement(),
        }
        contexts = {2: [CREDENTIALS_V2, OPEN_BADGES_V3], 1: [CREDENTIALS_V1, OPEN_BADGES_V3_1, ED25519_2020]}
        document = {
            "@context": contexts[version],
            "id": f"{SITE}/badges/1",
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": "Reading Together",
            "issuer": {"id": DID, "type": ["Profile"], "name": "Elsewhere"},
            {2: "validFrom", 1: "issuanceDate"}[version]: start,
            "credentialSubject": subject,
        }
        return {**document, **changes}

    def with_status(self, purpose: str = "revocation", **changes: Any) -> dict[str, Any]:
        """A badge with a place in the status list."""
        entry = {
            "id": f"{LIST_URL}#7", "type": "BitstringStatusListEntry", "statusPurpose": purpose,
            "statusListIndex": "7", "statusListCredential": LIST_URL,
        }  # fmt: skip
        return self.badge(credentialStatus=entry, **changes)

    def status_list(self, *ended: int, purpose: str = "revocation") -> dict[str, Any]:
        """The signed status list."""
        unsigned = status.status_list_credential(
            url=LIST_URL, issuer=DID, revoked=ended, valid_from=NOW, purpose=purpose
        )
        return self.sign(unsigned)

    def sign(
        self, document: dict[str, Any], key: SigningKey | None = None, method: str = ""
    ) -> dict[str, Any]:
        """With eddsa-rdfc-2022."""
        return proofs.sign(document, key or self.key, verification_method=method or self.method, created=NOW)

    def sign_jcs(self, document: dict[str, Any]) -> dict[str, Any]:
        """With eddsa-jcs-2022, by the words of its specification."""
        proof = {
            "@context": document["@context"], "type": "DataIntegrityProof", "cryptosuite": "eddsa-jcs-2022",
            "created": "2026-11-22T09:00:00Z", "verificationMethod": self.method, "proofPurpose": "assertionMethod",
        }  # fmt: skip
        data = b"".join(hashlib.sha256(rfc8785.dumps(part)).digest() for part in (proof, document))
        return {**document, "proof": {**proof, "proofValue": "z" + base58_encode(self.key.sign(data))}}

    def sign_2020(self, document: dict[str, Any]) -> dict[str, Any]:
        """With Ed25519Signature2020, as most wallets' issuers did."""
        proof = {
            "type": "Ed25519Signature2020", "created": "2026-11-22T09:00:00Z",
            "verificationMethod": self.method, "proofPurpose": "assertionMethod",
        }  # fmt: skip
        parts = ({**proof, "@context": document["@context"]}, document)
        data = b"".join(hashlib.sha256(proofs.canonicalise(part).encode()).digest() for part in parts)
        return {**document, "proof": {**proof, "proofValue": "z" + base58_encode(self.key.sign(data))}}

    def token(self, document: dict[str, Any], alg: str = "RS256", by: Any = RSA, **header: Any) -> str:
        """As a VC-JWT; `kid=None` leaves the name of the key out."""
        head = {"alg": alg, "typ": "JWT", "kid": f"{SITE}/keys/1", **header}
        head = {name: value for name, value in head.items() if value is not None}
        payload = {**document, "iss": DID, "jti": document["id"], "sub": document["credentialSubject"]["id"]}
        if alg == "none":
            return f"{_part(head)}.{_part(payload)}."
        if alg == "HS256":  # by hand: no library makes a secret of a public key
            data = f"{_part(head)}.{_part(payload)}".encode()
            return f"{data.decode()}.{encoded(hmac.digest(_pem(), data, 'sha256'))}"
        key: Any = ECKey.import_key(P256) if alg == "ES256" else RSAKey.import_key(by)
        registry = jws.JWSRegistry(algorithms=[alg], strict_check_header=False)
        registry.max_payload_length = 1_000_000
        return jws.serialize_compact(head, json.dumps(payload), key, registry=registry)


def _part(value: dict[str, Any]) -> str:
    return encoded(json.dumps(value).encode())


def _pem() -> bytes:
    return RSAKey.import_key(RSA).as_pem(private=False)
