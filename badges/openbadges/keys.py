"""Issuers' signing keys and the `did:web` documents that publish them.

One directory an issuer, one `0600` file a key. Keys are added, never removed: what was signed with an old key
must verify as long as somebody keeps the badge (DID Core 1.0, section 5.2; Controlled
Identifiers 1.0, section 2.2.2).
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from django.utils.translation import gettext as _

from badges.openbadges.contexts import DID_V1, MULTIKEY_V1

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
_ED25519_PREFIX: Final = b"\xed\x01"
_SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?\Z")
_MAX_BASE58: Final = 256


class SigningKeyError(Exception):
    """A key is missing, unreadable, unsafe on disk, or not an Ed25519 Multikey."""


def base58_encode(data: bytes) -> str:
    """Encode as base58btc (Multibase draft, section 4)."""
    number, digits = int.from_bytes(data, "big"), ""
    while number:
        number, rest = divmod(number, 58)
        digits = _ALPHABET[rest] + digits
    return "1" * (len(data) - len(data.lstrip(b"\0"))) + digits


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


class KeyDirectory:
    """The keys below one directory: `<root>/<issuer-slug>/0001.pem`, `0002.pem`, …; the last one signs."""

    def __init__(self, root: Path | str) -> None:
        """Use the keys below `root`; nothing is made until asked for."""
        self.root = Path(root)

    def ensure(self, slug: str) -> SigningKey:
        """Return the signing key, making the first one; of two callers at once both get the same."""
        if not self._files(slug):
            self._write(slug, 1)
        return self.current(slug)

    def add(self, slug: str) -> SigningKey:
        """Add a newer key that signs from now on; the older ones stay."""
        number = len(self._files(slug)) + 1
        while not self._write(slug, number):
            number += 1
        return self.current(slug)

    def current(self, slug: str) -> SigningKey:
        """Return the newest key."""
        files = self._files(slug)
        if not files:
            raise SigningKeyError(f"The issuer {slug} has no signing key yet.")
        return _load(files[-1])

    def multikeys(self, slug: str) -> tuple[str, ...]:
        """Return every public key the issuer ever had, oldest first."""
        return tuple(_load(path).multikey for path in self._files(slug))

    def _directory(self, slug: str) -> Path:
        if not _SLUG.match(slug):
            raise SigningKeyError("An issuer's key directory is named by its slug.")
        return self.root / slug

    def _files(self, slug: str) -> list[Path]:
        return sorted(self._directory(slug).glob("[0-9][0-9][0-9][0-9].pem"))

    def _write(self, slug: str, number: int) -> bool:
        """Create the numbered file whole or not at all; False if somebody else was first."""
        directory = self._directory(slug)
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        pem = SigningKey.generate().private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        draft = directory / f".{secrets.token_hex(8)}.new"
        try:
            _write_private(draft, pem)
            os.link(draft, directory / f"{number:04d}.pem")
        except FileExistsError:
            return False
        finally:
            draft.unlink(missing_ok=True)
        return True


def _write_private(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


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


def did_document(did: str, multikeys: Iterable[str]) -> dict[str, Any]:
    """Build `did.json` with every key ever used (DID Core 1.0, sections 5.2 and 5.3.2)."""
    methods = [
        {
            "id": f"{did}#{key}",
            "type": "Multikey",
            "controller": did,
            "publicKeyMultibase": key,
        }
        for key in multikeys
    ]
    return {
        "@context": [DID_V1, MULTIKEY_V1],
        "id": did,
        "verificationMethod": methods,
        "assertionMethod": [method["id"] for method in methods],
    }
