"""One key a content, wrapped by the installation's: without the wrapped key in its row, no copy of the bytes opens.

The wrapping is AES key wrap (RFC 3394). The first byte tells by which installation key a secret was wrapped.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import os

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap
from django.conf import settings

from submissions.vault.errors import Damaged, Gone, Unavailable
from submissions.vault.kept import SECRET_BYTES, KeptSecretError, kept_secret

logger = logging.getLogger(__name__)


def new_secret() -> bytes:
    """A fresh data key, wrapped: 41 bytes for the row of the content. Emptying them shreds the content."""
    key = _installation_key(make=True)
    return _key_id(key) + aes_key_wrap(key, os.urandom(SECRET_BYTES))


def unwrap(secret: bytes) -> bytes:
    """The data key inside a secret."""
    if not secret:
        raise Gone
    key = _installation_key(make=False)
    if secret[:1] != _key_id(key):
        logger.error("a file was sealed with another installation's key: is EVIDENCE_KEY the right one?")
        raise Damaged
    try:
        return aes_key_unwrap(key, secret[1:])
    except (InvalidUnwrap, ValueError) as error:
        raise Damaged from error


def derived(purpose: str) -> bytes:
    """A key for something else that is to last as long as the installation; it tells nothing of the one it comes from."""
    return hmac.digest(_installation_key(make=True), f"microcreds {purpose}".encode(), "sha256")


def _key_id(key: bytes) -> bytes:
    return hashlib.sha256(b"microcreds evidence key " + key).digest()[:1]


def _installation_key(*, make: bool) -> bytes:
    if settings.EVIDENCE_KEY:
        return base64.b64decode(settings.EVIDENCE_KEY)
    try:
        return kept_secret(settings.HOME / "evidence-key", make)
    except KeptSecretError as error:
        logger.exception("the evidence key")
        raise Unavailable from error
