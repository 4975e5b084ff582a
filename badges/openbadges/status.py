"""Revocation as one bit in a long list, so that checking a badge tells nobody which.

Bitstring Status List 1.0.
"""

from __future__ import annotations

import base64
import gzip
import secrets
import zlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges.contexts import CREDENTIALS_V2
from badges.openbadges.proofs import timestamp

# Section 6.1: fewer entries would let an index point at a person.
ENTRIES: Final = 131_072
PURPOSE: Final = "revocation"
_MAX_LIST_BYTES: Final = 2_097_152
_TO_URL: Final = str.maketrans("+/", "-_")


class StatusListError(Exception):
    """A status list cannot be read, or the index is not in it."""


def random_index(entries: int = ENTRIES) -> int:
    """Return a random place in the list; a running number would tell how many badges came before."""
    return secrets.randbelow(entries)


def set_bits(indexes: Iterable[int], entries: int = ENTRIES) -> bytes:
    """Return the bitstring with these bits set; bit 0 is the first byte's highest (section 3.3)."""
    bits = bytearray(entries // 8)
    for index in indexes:
        if not 0 <= index < entries:
            raise StatusListError(_("The index %(index)s is not in the list.") % {"index": index})
        bits[index // 8] |= 0x80 >> (index % 8)
    return bytes(bits)


def bit(bits: bytes, index: int) -> bool:
    """Return whether the bit at this index is set."""
    if not 0 <= index < len(bits) * 8:
        raise StatusListError(_("The index %(index)s is not in the list.") % {"index": index})
    return bool(bits[index // 8] & (0x80 >> (index % 8)))


def encode_list(bits: bytes) -> str:
    """Compress with GZIP and write as multibase base64url without padding (section 3.1)."""
    packed = gzip.compress(bits, mtime=0)
    return "u" + base64.urlsafe_b64encode(packed).rstrip(b"=").decode("ascii")


def decode_list(encoded: str, *, bare: bool = False) -> bytes:
    """Read an encoded list; what would unpack to more than 16 million entries is refused.

    A `bare` one has no letter before it that says how it is written: so it was in StatusList2021, section 3.2.
    """
    body = encoded.removeprefix("u")
    if body == encoded and not bare:
        raise StatusListError(_("The status list is not written in base64url."))
    try:
        body = body.translate(_TO_URL).rstrip("=") if bare else body
        packed = base64.b64decode(body + "=" * (-len(body) % 4), altchars=b"-_", validate=True)
        unpacker = zlib.decompressobj(wbits=31)
        bits = unpacker.decompress(packed, _MAX_LIST_BYTES + 1)
    except (ValueError, zlib.error) as error:
        raise StatusListError(_("The status list cannot be unpacked.")) from error
    if len(bits) > _MAX_LIST_BYTES or not unpacker.eof:
        raise StatusListError(_("The status list is too long or cut off."))
    if len(bits) * 8 < ENTRIES:
        raise StatusListError(_("The status list is shorter than the standard allows."))
    return bits


def status_list_credential(
    *,
    url: str,
    issuer: str,
    revoked: Iterable[int],
    valid_from: datetime,
    valid_until: datetime | None = None,
    entries: int = ENTRIES,
    purpose: str = PURPOSE,
) -> dict[str, Any]:
    """Build the unsigned BitstringStatusListCredential (section 2.2); sign it with `proofs.sign`."""
    document: dict[str, Any] = {
        "@context": [CREDENTIALS_V2],
        "id": url,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer,
        "validFrom": timestamp(valid_from),
        "credentialSubject": {
            "id": f"{url}#list",
            "type": "BitstringStatusList",
            "statusPurpose": purpose,
            "encodedList": encode_list(set_bits(revoked, entries)),
        },
    }
    if valid_until is not None:
        document["validUntil"] = timestamp(valid_until)
    return document
