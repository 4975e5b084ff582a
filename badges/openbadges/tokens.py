"""Badges as signed tokens: VC-JWT of both versions of the data model (Open Badges 3.0, section 8.2).

The algorithm is one of a short list of public-key ones, and the key is looked up where the issuer publishes it: what
the token's header says about keys (`jwk`, `x5c`, `jku`) is never read.
"""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.utils.translation import gettext as _
from joserfc import jwk, jws
from joserfc.errors import JoseError

from badges.openbadges.outcomes import issuer_id, objects
from badges.openbadges.proofs import ProofError
from badges.openbadges.reading import MAX_BYTES, DocumentError, read_loose

ALGORITHMS: Final = ("RS256", "PS256", "ES256", "ES384", "EdDSA", "Ed25519")
MAX_HEADER: Final = 20_000
LEAST_RSA: Final = 2048
_COMPACT: Final = re.compile(r"\s*([\w-]+)\.([\w-]+)\.([\w-]*)\s*\Z", re.ASCII)


@dataclass(frozen=True)
class Token:
    """A signed token, read but not yet believed."""

    text: str
    header: dict[str, Any]
    payload: dict[str, Any]

    @property
    def kid(self) -> str:
        """The name of the key, as the token gives it."""
        kid = self.header.get("kid")
        return kid if isinstance(kid, str) else ""

    @property
    def signed_at(self) -> datetime | None:
        """When it says that it was signed."""
        stated = [self.payload.get(name) for name in ("iat", "nbf")]
        return next((at for value in stated if (at := from_number(value))), None)


def is_token(text: str) -> bool:
    """Tell a compact token by its three parts."""
    return text.lstrip()[:3] == "eyJ" and len(text) <= 2 * MAX_BYTES and bool(_COMPACT.match(text))


def parse(text: str) -> Token:
    """Read a compact token within bounds."""
    found = _COMPACT.match(text)
    if not found or len(text) > 2 * MAX_BYTES:
        raise DocumentError(_("This is not a whole signed token (JWT)."))
    header, payload = (read_loose(_decoded(part)) for part in found.groups()[:2])
    return Token(text.strip(), header, payload)


def check(token: Token, key: dict[str, Any]) -> None:
    """Raise `ProofError` unless this key made the signature."""
    try:
        public = jwk.import_key(_usable(key, algorithm_of(token)))
        registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)
        registry.max_header_length = MAX_HEADER
        registry.max_payload_length = registry.max_signature_length = 2 * MAX_BYTES
        jws.deserialize_compact(token.text, public, registry=registry)
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise ProofError(
            _("The signature does not fit the document: something in it was changed.")
        ) from error


def algorithm_of(token: Token) -> str:
    """The algorithm, if it is one that proves who signed."""
    algorithm = token.header.get("alg")
    if algorithm not in ALGORITHMS:
        shown = str(algorithm)[:20]
        raise ProofError(_("The token is signed by “%(name)s”, which proves nothing.") % {"name": shown})
    if "crit" in token.header or token.header.get("b64") is False:
        raise ProofError(_("The token asks for something that is not understood here."))
    return str(algorithm)


def fits(key: dict[str, Any], algorithm: str) -> bool:
    """Whether a key is of the kind the algorithm needs."""
    kinds = {"RS256": "RSA", "PS256": "RSA", "ES256": "P-256", "ES384": "P-384"}
    return kinds.get(algorithm, "Ed25519") in (key.get("kty"), key.get("crv"))


def _usable(key: dict[str, Any], algorithm: str) -> dict[str, Any]:
    if not fits(key, algorithm):
        raise ProofError(_("The key that signed this badge is of another kind than the signature."))
    if key.get("kty") == "RSA" and len(_decoded(str(key.get("n")))) * 8 < LEAST_RSA:
        raise ProofError(_("The issuer's key is too short to be safe."))
    return {name: value for name, value in key.items() if name != "alg"}


def credential_of(token: Token) -> dict[str, Any]:
    """The badge inside, which must not contradict the token's own claims (VC Data Model 1.1, section 6.3.1)."""
    inner = token.payload.get("vc")
    document = dict(inner) if isinstance(inner, dict) else _without_claims(token.payload)
    payload = token.payload
    if "issuer" not in document and isinstance(payload.get("iss"), str):
        document["issuer"] = payload["iss"]
    if "id" not in document and isinstance(payload.get("jti"), str):
        document["id"] = payload["jti"]
    _agree(
        payload.get("iss"), issuer_id(document), _("The token and the badge in it name different issuers.")
    )
    _agree(
        payload.get("jti"), document.get("id"), _("The token and the badge in it have different addresses.")
    )
    subject = next(iter(objects(document.get("credentialSubject"))), {})
    _agree(
        payload.get("sub"), subject.get("id"), _("The token and the badge in it are about different people.")
    )
    return document


def _without_claims(payload: dict[str, Any]) -> dict[str, Any]:
    claims = ("iss", "sub", "jti", "nbf", "exp", "iat", "aud", "cnf")
    return {name: value for name, value in payload.items() if name not in claims}


def _agree(outer: Any, inner: Any, words: str) -> None:
    if outer is not None and inner is not None and outer != inner:
        raise DocumentError(words)


def from_number(value: Any) -> datetime | None:
    """A moment as tokens write it: seconds since 1970."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _decoded(part: str) -> bytes:
    try:
        return base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise DocumentError(_("This is not a whole signed token (JWT).")) from error
