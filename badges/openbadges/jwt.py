"""A credential as a signed token, RS256 (Open Badges 3.0, section 8.2; RFC 7515; Securing VCs using JOSE and COSE).

The payload is the credential itself, with the registered claims beside its own members. RS256 is deterministic: the same
credential and key give the same token, so it is made when asked for and kept nowhere.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any, Final, Protocol

from joserfc import jws
from joserfc.jwk import RSAKey
from joserfc.jws import JWSAlgModel, JWSRegistry  # type: ignore[attr-defined]

ALGORITHM: Final = "RS256"
MEDIA_TYPE: Final = "application/vc+jwt"


class Signs(Protocol):
    """What makes an RS256 signature: a private key, or something that asks a key service."""

    def sign(self, data: bytes, /) -> bytes:
        """Return the signature of `data`."""


def encode(credential: dict[str, Any], by: Signs, public_jwk: dict[str, Any]) -> str:
    """Return the compact token; `public_jwk` is the key as its `kid` address answers it."""
    header = {"alg": ALGORITHM, "kid": public_jwk["kid"], "typ": "JWT"}
    payload = json.dumps(payload_of(credential), ensure_ascii=False, separators=(",", ":"))
    key = RSAKey.import_key({name: public_jwk[name] for name in ("kty", "n", "e")})
    return jws.serialize_compact(header, payload, key, registry=_Registry(by))


def payload_of(credential: dict[str, Any]) -> dict[str, Any]:
    """The credential without its embedded proof, and what a token says about itself."""
    document = {name: value for name, value in credential.items() if name != "proof"}
    claims = {
        "iss": document["issuer"]["id"] if isinstance(document["issuer"], dict) else document["issuer"],
        "jti": document["id"],
        "sub": document["credentialSubject"]["id"],
        "nbf": _numeric(document["validFrom"]),
    }
    if "validUntil" in document:
        claims["exp"] = _numeric(document["validUntil"])
    return {**document, **claims}


def _numeric(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())


class _Elsewhere(JWSAlgModel):
    """RS256 whose private key is not ours to hold: the library writes the token, the signer signs it."""

    name = ALGORITHM
    description = "RSASSA-PKCS1-v1_5 using SHA-256"
    recommended = True
    key_type = "RSA"

    def __init__(self, by: Signs) -> None:
        self.by = by

    def check_key(self, key: Any) -> None:
        """The key at hand is the public half, which tells the algorithm only."""

    def sign(self, msg: bytes, key: Any) -> bytes:
        return self.by.sign(msg)

    def verify(self, msg: bytes, sig: bytes, key: Any) -> bool:
        raise NotImplementedError("Tokens are verified with the library's own algorithms.")


class _Registry(JWSRegistry):
    """Knows the one algorithm we sign with."""

    def __init__(self, by: Signs) -> None:
        super().__init__()
        self.by = by

    def get_alg(self, name: str) -> JWSAlgModel:
        return _Elsewhere(self.by)
