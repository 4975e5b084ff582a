"""Who assessed, without saying who: one name for an assessor at an issuer, the same in every record.

It cannot be turned back without the installation's own key, no page does it, and at another issuer the same person has
another one, so that records of two issuers cannot be laid side by side.
"""

from __future__ import annotations

import hmac
from uuid import UUID

from submissions import vault

LENGTH = 32  # hexadecimal characters: 128 bits


def pseudonym(issuer: UUID, person: UUID) -> str:
    """The name in records of decisions."""
    key = vault.derived("pseudonyms of assessors")
    return hmac.digest(key, issuer.bytes + person.bytes, "sha256").hex()[:LENGTH]
