"""Open Badges 2.0 hosted assertions, badge classes and issuers, for backpacks that know nothing newer.

Source: Open Badges Specification 2.0. The assertion is believed because of where it lies, so it carries no signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from badges.openbadges.documents import AchievementData, IssuerData, identity_hash
from badges.openbadges.proofs import timestamp

CONTEXT: Final = "https://w3id.org/openbadges/v2"


@dataclass(frozen=True, kw_only=True)
class AssertionData:
    """One award as version 2.0 says it; addresses are those of version 2.0's documents."""

    url: str
    badge_url: str
    image_url: str
    email: str
    salt: str
    awarded: datetime
    expires: datetime | None = None
    narrative: str = ""
    evidence: tuple[tuple[str, str], ...] = ()  # (address, name) of what everybody may open


def assertion(data: AssertionData) -> dict[str, Any]:
    """What was awarded to whom, whose address is hashed with the award's own salt."""
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "type": "Assertion",
        "id": data.url,
        "recipient": {
            "type": "email",
            "hashed": True,
            "salt": data.salt,
            "identity": identity_hash(data.email, data.salt),
        },
        "badge": data.badge_url,
        "verification": {"type": "hosted"},
        "issuedOn": timestamp(data.awarded),
        "image": data.image_url,
    }
    if data.expires:
        document["expires"] = timestamp(data.expires)
    if data.narrative:
        document["narrative"] = data.narrative
    if data.evidence:
        document["evidence"] = [{"type": "Evidence", "id": url, "name": name} for url, name in data.evidence]
    return document


def revoked(url: str, reason: str) -> dict[str, Any]:
    """What is left to say of an award that was taken back; goes with the status 410."""
    return {"@context": CONTEXT, "type": "Assertion", "id": url, "revoked": True, "revocationReason": reason}


def badge_class(url: str, achievement: AchievementData, *, image_url: str, issuer_url: str) -> dict[str, Any]:
    """What is awarded."""
    document: dict[str, Any] = {
        "@context": CONTEXT,
        "type": "BadgeClass",
        "id": url,
        "name": achievement.name,
        "description": achievement.description,
        "image": image_url,
        "criteria": {"id": achievement.criteria_url, "narrative": achievement.criteria_narrative},
        "issuer": issuer_url,
    }
    if achievement.tags:
        document["tags"] = list(achievement.tags)
    if achievement.alignments:
        document["alignment"] = [
            {
                "targetName": item.name,
                "targetUrl": item.url,
                "targetCode": item.code,
                "targetFramework": item.framework,
            }
            for item in achievement.alignments
        ]
    return document


def issuer(url: str, data: IssuerData, *, email: str) -> dict[str, Any]:
    """Who awards; version 2.0 demands an address to write to."""
    document = {
        "@context": CONTEXT,
        "type": "Issuer",
        "id": url,
        "name": data.name,
        "url": data.url,
        "email": email,
        "description": data.description,
    }
    return {name: value for name, value in document.items() if value}
