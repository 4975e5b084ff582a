"""What any badge says, whoever issued it: one reading of Open Badges 3.0 (VC 2.0 and 1.1) and hosted 2.0.

The verifier has judged the document before; here nothing is believed, only found, and a wrong type is nothing found.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

_LONGEST: Final = 2_000
_HASHES: Final = {"sha256": hashlib.sha256, "md5": hashlib.md5}


@dataclass(frozen=True, kw_only=True)
class Summary:
    """A badge in a few fields."""

    name: str
    credential_id: str
    issuer_id: str
    issuer_name: str
    achievement_id: str
    description: str
    criteria: str
    criteria_url: str
    issued_at: datetime | None
    expires_at: datetime | None


def summary(document: dict[str, Any]) -> Summary:
    """Find the badge's name, issuer, dates and criteria."""
    achievement = _achievement(document)
    issuer = _object(document.get("issuer") or achievement.get("issuer"))
    criteria = _object(achievement.get("criteria"))
    return Summary(
        name=_text(achievement.get("name")) or _text(document.get("name")),
        credential_id=_text(document.get("id")),
        issuer_id=_text(issuer.get("id")) or _text(issuer.get("url")),
        issuer_name=_text(issuer.get("name")),
        achievement_id=_text(achievement.get("id")),
        description=_text(achievement.get("description")),
        criteria=_text(criteria.get("narrative")),
        criteria_url=_text(criteria.get("id")),
        issued_at=_moment(document, "awardedDate", "validFrom", "issuanceDate", "issuedOn"),
        expires_at=_moment(document, "validUntil", "expirationDate", "expires"),
    )


def is_older(document: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Whether it is an earlier version of the same badge: its day may be the same, what it is valid from is not."""
    said, known = (_moment(one, "validFrom", "issuanceDate") for one in (document, kept))
    return said is not None and known is not None and said < known


def belongs_to(document: dict[str, Any], email: str) -> bool:
    """Whether the badge names this address as its recipient, openly or as a salted hash.

    Open Badges 3.0, sections B.1.20 and B.3; 2.0, IdentityObject. The letters of an address count alike in
    either case, because issuers hash what somebody typed.
    """
    spellings = {email.strip(), email.strip().lower()}
    return any(_names(identity, spelling) for identity in _identities(document) for spelling in spellings)


def _identities(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for subject in _objects(document.get("credentialSubject")):
        yield from _objects(subject.get("identifier"))
        address = _text(subject.get("id"))
        if address.startswith("mailto:"):
            yield {"identityHash": address.removeprefix("mailto:"), "hashed": False}
        if email := _text(subject.get("email")):
            yield {"identityHash": email, "hashed": False}
    for recipient in _objects(document.get("recipient")):
        if _text(recipient.get("type")) in ("email", "emailAddress"):
            yield {**recipient, "identityHash": recipient.get("identity")}


def _names(identity: dict[str, Any], email: str) -> bool:
    value = _text(identity.get("identityHash"))
    if identity.get("hashed") is not True:
        return bool(value) and value.strip().lower() == email.lower()
    method, _sign, digest = value.partition("$")
    if method not in _HASHES or not digest:
        return False
    salted = f"{email}{_text(identity.get('salt'))}".encode()
    return _HASHES[method](salted, usedforsecurity=False).hexdigest() == digest.lower()


def _achievement(document: dict[str, Any]) -> dict[str, Any]:
    for subject in _objects(document.get("credentialSubject")):
        for achievement in _objects(subject.get("achievement")):
            return achievement
    return _object(document.get("badge"))


def _object(value: Any) -> dict[str, Any]:
    """An object, or the address that stands for one."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, str):
        return {"id": value}
    return value if isinstance(value, dict) else {}


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


def _text(value: Any) -> str:
    """Plain text; of several languages the first."""
    if isinstance(value, list):
        value = next(iter(value), "")
    if isinstance(value, dict):
        value = value.get("@value") or next(iter(value.values()), "")
    return value.strip()[:_LONGEST] if isinstance(value, str) else ""


def _moment(document: dict[str, Any], *names: str) -> datetime | None:
    for name in names:
        value = document.get(name)
        if not isinstance(value, str):
            continue
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return None
