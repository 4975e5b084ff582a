"""How keys are written, and the `did:web` documents that publish them.

Keys are added, never removed: what was signed with an old key must verify as long as somebody keeps the badge
(DID Core 1.0, section 5.2; Controlled Identifiers 1.0, section 2.2.2). A key in other hands stays too, with the
moment from which nothing it signed counts (`revoked`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key
from django.utils.translation import gettext as _

from badges.openbadges.contexts import DID_V1, MULTIKEY_V1

# For DID documents only: nothing is signed under it, so it is not pinned.
JWK_V1: Final = "https://w3id.org/security/jwk/v1"
_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_PAIRS: Final = tuple(first + second for first in _ALPHABET for second in _ALPHABET)
_ED25519_PREFIX: Final = b"\xed\x01"
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\Z")
_MAX_BASE58: Final = 256


class SigningKeyError(Exception):
    """A key is missing, unreadable, unsafe on disk, or not an Ed25519 Multikey."""


def base58_encode(data: bytes) -> str:
    """Encode as base58btc (Multibase draft, section 4); ten digits at a time, as dividing a long number is what it costs."""
    number = int.from_bytes(data, "big")
    groups: list[int] = []
    while number:
        groups.append(number % 58**10)
        number //= 58**10
    digits = "".join(
        [
            _PAIRS[group // 58**8]
            + _PAIRS[group // 58**6 % 58**2]
            + _PAIRS[group // 58**4 % 58**2]
            + _PAIRS[group // 58**2 % 58**2]
            + _PAIRS[group % 58**2]
            for group in reversed(groups)
        ]
    )
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits.lstrip("1")


def base58_decode(text: str) -> bytes:
    """Decode base58btc; the length is bounded because the work is quadratic."""
    if len(text) > _MAX_BASE58:
        raise ValueError("too long for base58")
    number = 0
    for character in text:
        number = number * 58 + _ALPHABET.index(character)
    zeros = len(text) - len(text.lstrip("1"))
    return b"\0" * zeros + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode_multikey(public: Ed25519PublicKey) -> str:
    """Return the `publicKeyMultibase` of an Ed25519 key (`z6Mk…`)."""
    return "z" + base58_encode(_ED25519_PREFIX + public.public_bytes(Encoding.Raw, PublicFormat.Raw))


def decode_multikey(text: str) -> Ed25519PublicKey:
    """Read a `publicKeyMultibase`; anything but an Ed25519 key is refused."""
    try:
        if not text.startswith("z"):
            raise ValueError("not base58btc")
        raw = base58_decode(text[1:])
        if len(raw) != 34 or not raw.startswith(_ED25519_PREFIX):
            raise ValueError("not an Ed25519 key")
        return Ed25519PublicKey.from_public_bytes(raw[2:])
    except ValueError as error:
        raise SigningKeyError(_("The key is not an Ed25519 Multikey.")) from error


@dataclass(frozen=True)
class SigningKey:
    """A private key that can be told apart by its public Multikey and never prints itself."""

    private: Ed25519PrivateKey

    @classmethod
    def generate(cls) -> SigningKey:
        """Make a new key from the operating system's randomness."""
        return cls(Ed25519PrivateKey.generate())

    @property
    def multikey(self) -> str:
        """Return the public half, as it stands in `did.json`."""
        return encode_multikey(self.private.public_key())

    def method_for(self, did: str) -> str:
        """Return the verification method's id under the issuer's DID."""
        return f"{did}#{self.multikey}"

    def sign(self, data: bytes) -> bytes:
        """Sign with Ed25519 (RFC 8032)."""
        return self.private.sign(data)

    def __repr__(self) -> str:
        """Show the public half only."""
        return f"<SigningKey {self.multikey}>"


def kept_keys(root: Path, slug: str) -> tuple[SigningKey, ...]:
    """The keys that an installation of before keeps as `<root>/<slug>/0001.pem`, …; the last one signed."""
    if not _SLUG.match(slug):
        raise SigningKeyError("An issuer's key directory is named by its slug.")
    return tuple(_load(path) for path in sorted((root / slug).glob("[0-9][0-9][0-9][0-9].pem")))


def _load(path: Path) -> SigningKey:
    if path.stat().st_mode & 0o077:
        raise SigningKeyError(f"{path} can be read by others; make it 0600.")
    try:
        private = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise SigningKeyError(f"{path} is not a private key.") from error
    if not isinstance(private, Ed25519PrivateKey):
        raise SigningKeyError(f"{path} is not an Ed25519 key.")
    return SigningKey(private)


def did_web(base_url: str, *path: str) -> str:
    """Return an address as a DID: `https://a.org:8443`, issuers, x → `did:web:a.org%3A8443:issuers:x`."""
    parts = urlsplit(base_url)
    prefix = [part for part in parts.path.split("/") if part]
    return ":".join(
        [
            "did:web",
            quote(parts.netloc, safe=""),
            *(quote(p, safe="") for p in (*prefix, *path)),
        ]
    )


def did_web_location(did: str) -> str:
    """Return where a `did:web` publishes its document (did:web method, section 2.5.2)."""
    method, _, rest = did.partition("did:web:")
    if method or not rest:
        raise SigningKeyError("Only did:web identifiers have an address.")
    host, *path = rest.split(":")
    return "/".join(["https:/", unquote(host), *(path or [".well-known"]), "did.json"])


@dataclass(frozen=True, kw_only=True)
class PublishedKey:
    """The public half of a key as `did.json` names it: `publicKeyMultibase` or `publicKeyJwk`."""

    fragment: str
    public: dict[str, Any]
    revoked: str = ""

    @property
    def jwk(self) -> dict[str, Any] | None:
        """The key as a JSON Web Key, if it is published as one."""
        return self.public.get("publicKeyJwk")


def did_document(did: str, keys: Iterable[str | PublishedKey]) -> dict[str, Any]:
    """Build `did.json` with every key ever used; a text is an Ed25519 Multikey (DID Core 1.0, sections 5.2 and 5.3.2)."""
    methods = [_method(did, _published(key)) for key in keys]
    kinds = {method["type"] for method in methods}
    return {
        "@context": [DID_V1, MULTIKEY_V1, *([JWK_V1] if "JsonWebKey" in kinds else [])],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }


def _published(key: str | PublishedKey) -> PublishedKey:
    if isinstance(key, PublishedKey):
        return key
    return PublishedKey(fragment=key, public={"publicKeyMultibase": key})


def _method(did: str, key: PublishedKey) -> dict[str, Any]:
    method = {
        "id": f"{did}#{key.fragment}",
        "type": "JsonWebKey" if key.jwk else "Multikey",
        "controller": did,
        **key.public,
    }
    return {**method, "revoked": key.revoked} if key.revoked else method
