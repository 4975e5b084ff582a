"""Who holds the private halves of issuers' keys: this installation, or a key service (KMS) that never gives them out.

A provider makes a key pair and signs with it. The local one keeps the private half in the key's row, encrypted with
AES-GCM under the installation's signing secret and bound to the public half, so that neither the database alone nor
a secret moved to another row opens anything.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import os
from typing import Any, Final, Protocol

import rfc8785
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_der_private_key,
)
from django.conf import settings
from django.utils.module_loading import import_string

from badges.models import IssuerKey
from badges.openbadges.keys import SigningKeyError, encode_multikey
from submissions.vault.kept import KeptSecretError, kept_secret

LOCAL: Final = "local"
RSA_BITS: Final = 2048
_REMEMBERED: Final = 1024
_NONCE: Final = 12

Private = ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class Provider(Protocol):
    """What a key service must do to stand here. `name` is kept in each row, so that old keys go on being asked of it."""

    name: str

    def make(self, algorithm: str) -> tuple[dict[str, Any], bytes]:
        """Make a key pair: its public half as `did.json` names it, and what is needed to sign with it later."""

    def sign(self, row: IssuerKey, data: bytes) -> bytes:
        """Sign with Ed25519 (RFC 8032), or with RSASSA-PKCS1-v1_5 and SHA-256 (RS256)."""


class LocalProvider:
    """Keys in the database, sealed. An opened key is remembered in this process by its row's id."""

    name = LOCAL

    def __init__(self) -> None:
        """Start with nothing opened."""
        self._opened: dict[object, Private] = {}

    def make(self, algorithm: str) -> tuple[dict[str, Any], bytes]:
        """Make a key from the operating system's randomness."""
        if algorithm == IssuerKey.Algorithm.RSA:
            return self.keep(rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS))
        return self.keep(ed25519.Ed25519PrivateKey.generate())

    def keep(self, private: Private) -> tuple[dict[str, Any], bytes]:
        """Seal a key there is already."""
        public = public_of(private)
        return public, _seal(private, public)

    def sign(self, row: IssuerKey, data: bytes) -> bytes:
        """Sign with the row's private half."""
        private = self._opened.get(row.pk) or self._open(row)
        if isinstance(private, rsa.RSAPrivateKey):
            return private.sign(data, padding.PKCS1v15(), SHA256())
        return private.sign(data)

    def _open(self, row: IssuerKey) -> Private:
        if len(self._opened) >= _REMEMBERED:
            self._opened.clear()
        private = self._opened[row.pk] = _unseal(bytes(row.secret), row.public)
        return private


_LOCAL: Final = LocalProvider()


def provider(name: str = "") -> Provider:
    """The provider that makes new keys, or the one that made a row's."""
    chosen = _provider(settings.KEY_PROVIDER)
    if name in ("", chosen.name):
        return chosen
    if name == LOCAL:
        return local()
    raise SigningKeyError(f"No provider of the name {name} is set: see KEY_PROVIDER.")


@functools.cache
def _provider(path: str) -> Provider:
    found: Provider = import_string(path)()
    return found


def local() -> LocalProvider:
    """The one that keeps keys in the database."""
    return _LOCAL


# --- the public half ------------------------------------------------------------------------------------------


def public_of(private: Private) -> dict[str, Any]:
    """The public half as `did.json` names it: Ed25519 as Multikey, RSA as JSON Web Key (RFC 7517)."""
    if isinstance(private, ed25519.Ed25519PrivateKey):
        return {"publicKeyMultibase": encode_multikey(private.public_key())}
    numbers = private.public_key().public_numbers()
    jwk = {"kty": "RSA", "n": _number(numbers.n), "e": _number(numbers.e)}
    return {"publicKeyJwk": {**jwk, "kid": thumbprint(jwk), "alg": "RS256", "use": "sig"}}


def thumbprint(jwk: dict[str, Any]) -> str:
    """The name of a JSON Web Key by its content (RFC 7638)."""
    required = {name: jwk[name] for name in ("e", "kty", "n")}
    return _base64url(hashlib.sha256(rfc8785.dumps(required)).digest())


def _number(value: int) -> str:
    return _base64url(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


# --- the private half -----------------------------------------------------------------------------------------


def _seal(private: Private, public: dict[str, Any]) -> bytes:
    content = private.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    secret, nonce = _signing_secret(make=True), os.urandom(_NONCE)
    return _secret_id(secret) + nonce + AESGCM(secret).encrypt(nonce, content, rfc8785.dumps(public))


def _unseal(sealed: bytes, public: dict[str, Any]) -> Private:
    secret = _signing_secret(make=False)
    if sealed[:1] != _secret_id(secret):
        raise SigningKeyError(
            "A signing key was sealed with another secret: is SIGNING_SECRET the right one?"
        )
    nonce, content = sealed[1 : 1 + _NONCE], sealed[1 + _NONCE :]
    try:
        private = load_der_private_key(
            AESGCM(secret).decrypt(nonce, content, rfc8785.dumps(public)), password=None
        )
    except (InvalidTag, ValueError, TypeError) as error:
        raise SigningKeyError("A signing key's row is damaged, or belongs to another public key.") from error
    if not isinstance(private, ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey):
        raise SigningKeyError("A signing key's row holds a key of another kind.")
    return private


def _secret_id(secret: bytes) -> bytes:
    return hashlib.sha256(b"microcreds signing secret " + secret).digest()[:1]


def _signing_secret(*, make: bool) -> bytes:
    if settings.SIGNING_SECRET:
        return base64.b64decode(settings.SIGNING_SECRET)
    try:
        return kept_secret(settings.HOME / "signing-secret", make)
    except KeptSecretError as error:
        raise SigningKeyError(f"The signing secret: {error}") from error
