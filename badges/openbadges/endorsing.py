"""An endorsement as a signed document (Open Badges 3.0, EndorsementCredential, section B.1.10)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from badges.openbadges.documents import CONTEXT, IssuerData, StatusData, issuer_profile, status_entry
from badges.openbadges.proofs import timestamp
from badges.openbadges.text import clean_name, clean_text


@dataclass(frozen=True, kw_only=True)
class EndorsementData:
    """Who endorses what, by the thing's own id, and in which words."""

    id: str
    endorser: IssuerData
    endorsed: str
    name: str
    words: str
    status: StatusData
    valid_from: datetime
    awarded: datetime  # when it was given, which signing anew does not change


def endorsement(data: EndorsementData) -> dict[str, Any]:
    """Build the unsigned EndorsementCredential."""
    return {
        "@context": list(CONTEXT),
        "id": data.id,
        "type": ["VerifiableCredential", "EndorsementCredential"],
        "name": clean_name(data.name),
        "issuer": issuer_profile(data.endorser),
        "validFrom": timestamp(data.valid_from),
        "awardedDate": timestamp(data.awarded),
        "credentialSubject": {
            "id": data.endorsed,
            "type": ["EndorsementSubject"],
            "endorsementComment": clean_text(data.words),
        },
        "credentialStatus": status_entry(data.status),
    }
