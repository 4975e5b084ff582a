"""Whose key made a signature: from the name of a key to the key, and to who speaks with it.

Controlled Identifiers 1.0, section 3.3. A key that comes with the signature itself authenticates nobody, so every
key is looked up where its controller publishes it.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urldefrag, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.utils.translation import gettext as _

from badges.openbadges.fetched import Fetch, spoken_by
from badges.openbadges.keys import SigningKeyError, base58_decode, decode_multikey, did_web_location
from badges.openbadges.outcomes import Failed, Unknown, moment, objects, strings
from badges.openbadges.reading import read_loose

_P256: Final = b"\x80\x24"
_SAME: Final = ("kty", "crv", "n", "e", "x", "y")


@dataclass(frozen=True)
class Method:
    """A public key as somebody publishes it; `controller` is who may speak with it, empty where nobody is named."""

    id: str
    controller: str
    jwk: dict[str, Any]
    revoked: datetime | None = None
    expires: datetime | None = None

    @property
    def ed25519(self) -> Ed25519PublicKey:
        """The key for an EdDSA proof."""
        if self.jwk.get("crv") != "Ed25519":
            raise Failed(_("The key that signed this badge is of another kind than the signature."))
        try:
            return Ed25519PublicKey.from_public_bytes(_bytes(str(self.jwk.get("x"))))
        except ValueError as error:
            raise Failed(_("The issuer's key cannot be read.")) from error

    def check_time(self, signed: datetime | None) -> None:
        """A key in other hands, or past its end, signs nothing that counts from then on."""
        if self.revoked and (signed is None or signed >= self.revoked):
            raise Failed(
                _("The key that signed this badge was revoked, and the badge was not signed before that.")
            )
        if self.expires and (signed is None or signed >= self.expires):
            raise Failed(_("The key that signed this badge had already expired."))


@dataclass(frozen=True)
class Controllers:
    """Finds keys; asks for each document through `fetch`."""

    fetch: Fetch
    relation: str = "assertionMethod"

    def document(self, identifier: str) -> dict[str, Any]:
        """The document in which a controller publishes its keys."""
        if identifier.startswith("did:key:"):
            return _did_key_document(identifier)
        if identifier.startswith("did:jwk:"):
            return _did_jwk_document(identifier)
        if identifier.startswith("did:web:"):
            return self._read(did_web_location(identifier), identifier)
        if identifier.startswith(("https://", "http://")):
            return self._read(identifier, identifier)
        raise Unknown(
            _("The issuer is named in a way that cannot be looked up here: %(name)s")
            % {"name": identifier[:100]}
        )

    def _read(self, url: str, identifier: str) -> dict[str, Any]:
        document = spoken_by(self.fetch, url)
        if document.get("id") != identifier:
            raise Failed(_("What is published as the issuer's keys is somebody else's."))
        return document

    def methods(self, identifier: str) -> list[Method]:
        """Every key with which a controller states things, or shows that it is the one."""
        document = self.document(identifier)
        allowed = [_whole(name, identifier) for name in strings(document.get(self.relation))]
        listed = [
            entry
            for entry in objects(document.get("verificationMethod"))
            if _whole(str(entry.get("id")), identifier) in allowed
        ]
        entries = [*listed, *objects(document.get(self.relation))]
        return [
            _method(entry, identifier)
            for entry in entries
            if entry.get("controller", identifier) == identifier
        ]

    def method(self, name: str) -> Method:
        """The key of this name, as its controller publishes it for stating things."""
        identifier = urldefrag(name).url
        if name.startswith("did:"):
            return self._listed(name, identifier)
        found = spoken_by(self.fetch, identifier)
        if "verificationMethod" in found or "assertionMethod" in found:
            return self._listed(name, identifier)
        return self._alone(name, found)

    def _listed(self, name: str, identifier: str) -> Method:
        for method in self.methods(identifier):
            if method.id == name:
                return method
        raise Failed(_("The issuer does not publish the key that signed this badge."))

    def _alone(self, name: str, found: dict[str, Any]) -> Method:
        """A key at an address of its own: a Multikey, a JWK, or a set of them (RFC 7517)."""
        for key in objects(found.get("keys")) or [found]:
            named = key.get("kid") or key.get("id")
            if named in (None, name, urlsplit(name).fragment) or named == urldefrag(name).url:
                return _method({"id": name, **_as_entry(key)}, str(key.get("controller") or ""))
        raise Failed(_("The issuer does not publish the key that signed this badge."))

    def check_binding(self, method: Method, issuer: str) -> None:
        """The key belongs to the issuer: it says so itself, lies with it, or the issuer lists it."""
        if method.controller == issuer:
            if not method.id.startswith("http") or _origin(method.id) == _origin(issuer):
                return
        elif method.controller:
            raise Failed(_("The badge was signed by somebody other than the issuer it names."))
        if issuer.startswith("http") and _origin(method.id) == _origin(issuer):
            return
        if issuer.startswith("did:") and self._lists(issuer, method):
            return
        raise Failed(_("The badge was signed by somebody other than the issuer it names."))

    def _lists(self, issuer: str, method: Method) -> bool:
        return any(_same(method.jwk, known.jwk) for known in self.methods(issuer))

    def listed_twin(self, method: Method, issuer: str) -> Method:
        """The same key as the issuer's own document lists it, where it says more, such as a revocation."""
        if not issuer.startswith("did:") or method.id.startswith("did:"):
            return method
        return next((known for known in self.methods(issuer) if _same(method.jwk, known.jwk)), method)


def same_origin(one: str, other: str) -> bool:
    """Whether two addresses lie on one server."""
    return bool(one) and _origin(one) == _origin(other)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


def _whole(name: str, identifier: str) -> str:
    return f"{identifier}{name}" if name.startswith("#") else name


def _as_entry(key: dict[str, Any]) -> dict[str, Any]:
    if "kty" in key:
        return {"publicKeyJwk": key, "revoked": key.get("revoked")}
    return {name: value for name, value in key.items() if name != "id"}


def _method(entry: dict[str, Any], controller: str) -> Method:
    return Method(
        id=_whole(str(entry.get("id")), controller),
        controller=controller,
        jwk=_jwk(entry),
        revoked=moment(entry.get("revoked")),
        expires=moment(entry.get("expires")),
    )


def _jwk(entry: dict[str, Any]) -> dict[str, Any]:
    """The public key in whichever of the usual ways it is written."""
    jwk, multibase = entry.get("publicKeyJwk"), entry.get("publicKeyMultibase")
    if isinstance(jwk, dict):
        return {name: value for name, value in jwk.items() if name in (*_SAME, "alg")}
    try:
        if isinstance(multibase, str):
            return multikey_jwk(multibase)
        return _ed25519_jwk(base58_decode(str(entry.get("publicKeyBase58"))))
    except (SigningKeyError, ValueError):
        return {}  # a key of a kind not read here may stand beside the one that is asked for


def multikey_jwk(text: str) -> dict[str, Any]:
    """A Multikey as JSON Web Key: Ed25519, or P-256 in its short form."""
    if text.startswith("zDn"):
        raw = base58_decode(text[1:])
        if raw.startswith(_P256):
            numbers = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), raw[2:]).public_numbers()
            x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
            return {"kty": "EC", "crv": "P-256", "x": x, "y": y}
    return _ed25519_jwk(decode_multikey(text).public_bytes(Encoding.Raw, PublicFormat.Raw))


def _ed25519_jwk(raw: bytes) -> dict[str, Any]:
    return {"kty": "OKP", "crv": "Ed25519", "x": encoded(raw)}


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error


def _same(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two JSON Web Keys are one key, whatever else is written beside it."""
    return bool(one) and all(one.get(name) == other.get(name) for name in _SAME)


def _did_key_document(did: str) -> dict[str, Any]:
    """A `did:key` is its own document (did:key method, section 3.1)."""
    key = did.removeprefix("did:key:")
    name = f"{did}#{key}"
    method = {"id": name, "type": "Multikey", "controller": did, "publicKeyMultibase": key}
    return {"id": did, "verificationMethod": [method], "assertionMethod": [name], "authentication": [name]}


def _did_jwk_document(did: str) -> dict[str, Any]:
    """A `did:jwk` is its own document too, and the key in it is called “0” (did:jwk method)."""
    try:
        jwk = read_loose(_bytes(did.removeprefix("did:jwk:")))
    except ValueError as error:
        raise Failed(_("The issuer's key cannot be read.")) from error
    name = f"{did}#0"
    method = {"id": name, "type": "JsonWebKey", "controller": did, "publicKeyJwk": jwk}
    relations = {} if jwk.get("use") == "enc" else {"assertionMethod": [name], "authentication": [name]}
    return {"id": did, "verificationMethod": [method], **relations}
