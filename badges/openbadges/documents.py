"""The documents a badge consists of, built from plain data.

Open Badges 3.0: OpenBadgeCredential (section B.1), Achievement (B.1.3), AchievementSubject (B.1.4), Profile
(B.1.24), ResultDescription (B.1.28), RubricCriterionLevel (B.1.29), Result (B.1.27), IdentityObject (B.1.20).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from badges.openbadges.contexts import CREDENTIALS_V2, OPEN_BADGES_EXTENSIONS, OPEN_BADGES_V3
from badges.openbadges.proofs import timestamp
from badges.openbadges.text import clean_name, clean_text

CONTEXT: Final = (CREDENTIALS_V2, OPEN_BADGES_V3)
# Of a credential: the third one defines the type of its schema.
CREDENTIAL_CONTEXT: Final = (*CONTEXT, OPEN_BADGES_EXTENSIONS)
SCHEMA: Final = (
    "https://purl.imsglobal.org/spec/ob/v3p0/schema/json/ob_v3p0_achievementcredential_schema.json"
)


class BadgeDataError(ValueError):
    """The data does not make a valid Open Badges document."""


@dataclass(frozen=True, kw_only=True)
class IssuerData:
    """An organisation as the badge names it; `id` is its `did:web`."""

    id: str
    name: str
    url: str = ""
    description: str = ""
    email: str = ""
    image_url: str = ""


@dataclass(frozen=True, kw_only=True)
class AlignmentData:
    """A standard's item the achievement is aligned to."""

    name: str
    url: str
    code: str = ""
    framework: str = ""
    description: str = ""
    kind: str = "CFItem"


@dataclass(frozen=True, kw_only=True)
class LevelData:
    """One level of a criterion; `id` is an address within the achievement (`…#level-…`)."""

    id: str
    name: str
    description: str = ""
    points: str = ""


@dataclass(frozen=True, kw_only=True)
class CriterionData:
    """One criterion of the rubric with its levels from low to high and the level that passes."""

    id: str
    name: str
    levels: tuple[LevelData, ...]
    required_level: str


@dataclass(frozen=True, kw_only=True)
class AchievementData:
    """One published version of a micro-credential."""

    id: str
    name: str
    description: str
    criteria_narrative: str
    issuer: IssuerData
    criteria_url: str = ""
    criteria: tuple[CriterionData, ...] = ()
    alignments: tuple[AlignmentData, ...] = ()
    hours: Decimal | None = None
    tags: tuple[str, ...] = ()
    image_url: str = ""
    image_caption: str = ""
    version: str = ""
    language: str = ""
    kind: str = "MicroCredential"


@dataclass(frozen=True, kw_only=True)
class ResultData:
    """The level reached on one criterion, both by id."""

    criterion: str
    level: str


@dataclass(frozen=True, kw_only=True)
class EvidenceData:
    """Something the earner chose to show; `url` only if it may be opened by anyone.

    `digest` is the multibase of the salted digest by which the manifest names it.
    """

    name: str
    url: str = ""
    description: str = ""
    narrative: str = ""
    genre: str = ""
    digest: str = ""


@dataclass(frozen=True, kw_only=True)
class RelatedData:
    """A document that belongs to the award, by its address and digest (VC Data Model 2.0, section 5.3)."""

    url: str
    digest: str
    media_type: str = ""


@dataclass(frozen=True, kw_only=True)
class StatusData:
    """Where the award's bit stands: the status list's address, the index in it, and what a set bit says."""

    list_url: str
    index: int
    purpose: str = "revocation"


@dataclass(frozen=True, kw_only=True)
class AwardData:
    """One award. `subject_id` is a name for the earner that tells nothing, such as `urn:uuid:…`."""

    id: str
    subject_id: str
    achievement: AchievementData
    recipient_email: str
    recipient_salt: str
    status: StatusData
    valid_from: datetime
    awarded: datetime
    results: tuple[ResultData, ...] = ()
    evidence: tuple[EvidenceData, ...] = ()
    valid_until: datetime | None = None
    hours_earned: Decimal | None = None
    narrative: str = ""
    source: IssuerData | None = None  # whose assessors judged
    related: tuple[RelatedData, ...] = ()
    endorsements: tuple[dict[str, Any], ...] = ()  # signed documents, carried whole


def new_salt() -> str:
    """Return a salt for one award, so that two badges of one person cannot be linked by the hash."""
    return secrets.token_hex(16)


def identity_hash(email: str, salt: str) -> str:
    """Hash an address as IdentityHash says: `sha256$` + hex(sha256(email + salt)) (section B.3)."""
    return "sha256$" + hashlib.sha256(f"{email}{salt}".encode()).hexdigest()


def multihash(digest: bytes) -> str:
    """Write a SHA-256 digest as `digestMultibase`: a multihash in base64url (Controlled Identifiers 1.0, section 2.4)."""
    return "u" + base64.urlsafe_b64encode(b"\x12\x20" + digest).rstrip(b"=").decode()


def issuer_profile(issuer: IssuerData) -> dict[str, Any]:
    """Build the issuer's Profile as it stands inside a credential."""
    return _without_empty(
        {
            "id": issuer.id,
            "type": ["Profile"],
            "name": _name(issuer.name),
            "url": issuer.url,
            "description": clean_text(issuer.description),
            "email": issuer.email,
            "image": _image(issuer.image_url, ""),
        }
    )


def issuer_document(issuer: IssuerData) -> dict[str, Any]:
    """Build the Profile as a document of its own, as an issuer's address answers it."""
    return {"@context": list(CONTEXT), **issuer_profile(issuer)}


def achievement(data: AchievementData) -> dict[str, Any]:
    """Build the Achievement with its rubric as it stands inside a credential."""
    return _without_empty(
        {
            "id": data.id,
            "type": ["Achievement"],
            "achievementType": data.kind,
            "name": _name(data.name),
            "description": _text(data.description),
            "criteria": _without_empty(
                {"id": data.criteria_url, "narrative": _text(data.criteria_narrative)}
            ),
            "creator": _source(data.issuer),
            "image": _image(data.image_url, data.image_caption),
            "resultDescription": [_criterion(criterion) for criterion in data.criteria],
            "alignment": [_alignment(alignment) for alignment in data.alignments],
            "creditsAvailable": _number(data.hours),
            "tag": [_name(tag) for tag in data.tags],
            "version": clean_name(data.version),
            "inLanguage": data.language,
        }
    )


def achievement_document(data: AchievementData) -> dict[str, Any]:
    """Build the Achievement as a document of its own, as its address answers it."""
    return {"@context": list(CONTEXT), **achievement(data)}


def credential(award: AwardData) -> dict[str, Any]:
    """Build the unsigned OpenBadgeCredential of an award."""
    _check_results(award)
    return _without_empty(
        {
            "@context": list(CREDENTIAL_CONTEXT),
            "id": award.id,
            "type": ["VerifiableCredential", "OpenBadgeCredential"],
            "name": _name(award.achievement.name),
            "issuer": issuer_profile(award.achievement.issuer),
            "validFrom": timestamp(award.valid_from),
            "validUntil": timestamp(award.valid_until) if award.valid_until else None,
            "awardedDate": timestamp(award.awarded),
            "credentialSubject": _subject(award),
            "evidence": [_evidence(item) for item in award.evidence],
            "relatedResource": [_related(item) for item in award.related],
            "endorsement": list(award.endorsements),
            "credentialSchema": [{"id": SCHEMA, "type": "1EdTechJsonSchemaValidator2019"}],
            "credentialStatus": status_entry(award.status),
        }
    )


def status_entry(status: StatusData) -> dict[str, Any]:
    """Build the one `credentialStatus` object (Bitstring Status List 1.0, section 2.1)."""
    return {
        "id": f"{status.list_url}#{status.index}",
        "type": "BitstringStatusListEntry",
        "statusPurpose": status.purpose,
        "statusListIndex": str(status.index),
        "statusListCredential": status.list_url,
    }


def _subject(award: AwardData) -> dict[str, Any]:
    return _without_empty(
        {
            "id": award.subject_id,
            "type": ["AchievementSubject"],
            "identifier": [
                {
                    "type": "IdentityObject",
                    "hashed": True,
                    "identityHash": identity_hash(award.recipient_email, award.recipient_salt),
                    "identityType": "emailAddress",
                    "salt": award.recipient_salt,
                }
            ],
            "narrative": clean_text(award.narrative),
            "creditsEarned": _number(award.hours_earned),
            "source": _source(award.source),
            "result": [
                {
                    "type": ["Result"],
                    "resultDescription": result.criterion,
                    "achievedLevel": result.level,
                }
                for result in award.results
            ],
            "achievement": achievement(award.achievement),
        }
    )


def _check_results(award: AwardData) -> None:
    levels = {
        criterion.id: {level.id for level in criterion.levels} for criterion in award.achievement.criteria
    }
    for result in award.results:
        if result.level not in levels.get(result.criterion, set()):
            raise BadgeDataError("A result names a level that the achievement's rubric does not have.")


def _criterion(criterion: CriterionData) -> dict[str, Any]:
    if criterion.required_level not in {level.id for level in criterion.levels}:
        raise BadgeDataError("A criterion's passing level is not one of its levels.")
    return {
        "id": criterion.id,
        "type": ["ResultDescription"],
        "name": _name(criterion.name),
        "resultType": "RubricCriterionLevel",
        "requiredLevel": criterion.required_level,
        "rubricCriterionLevel": [_level(level) for level in criterion.levels],
    }


def _level(level: LevelData) -> dict[str, Any]:
    return _without_empty(
        {
            "id": level.id,
            "type": ["RubricCriterionLevel"],
            "name": _name(level.name),
            "description": clean_text(level.description),
            "points": level.points,
        }
    )


def _alignment(alignment: AlignmentData) -> dict[str, Any]:
    if not alignment.url:
        raise BadgeDataError("An alignment needs the address of its standard.")
    return _without_empty(
        {
            "type": ["Alignment"],
            "targetName": _name(alignment.name),
            "targetUrl": alignment.url,
            "targetCode": clean_name(alignment.code),
            "targetFramework": clean_name(alignment.framework),
            "targetDescription": clean_text(alignment.description),
            "targetType": alignment.kind,
        }
    )


def _evidence(item: EvidenceData) -> dict[str, Any]:
    return _without_empty(
        {
            "id": item.url,
            "type": ["Evidence"],
            "name": _name(item.name),
            "description": clean_text(item.description),
            "narrative": clean_text(item.narrative),
            "genre": clean_name(item.genre),
            "digestMultibase": item.digest,
        }
    )


def _related(item: RelatedData) -> dict[str, Any]:
    return _without_empty({"id": item.url, "mediaType": item.media_type, "digestMultibase": item.digest})


def _source(issuer: IssuerData | None) -> dict[str, Any] | None:
    """An organisation by its DID and name alone."""
    return {"id": issuer.id, "type": ["Profile"], "name": _name(issuer.name)} if issuer else None


def _image(url: str, caption: str) -> dict[str, Any] | None:
    if not url:
        return None
    return _without_empty({"id": url, "type": "Image", "caption": clean_name(caption)})


def _number(value: Decimal | None) -> int | float | None:
    """JSON-LD writes whole numbers differently from fractions: `5`, never `5.0`."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


def _name(value: str) -> str:
    return _required(clean_name(value))


def _text(value: str) -> str:
    return _required(clean_text(value))


def _required(value: str) -> str:
    if not value:
        raise BadgeDataError("A badge needs a name and a text where one is missing.")
    return value


def _without_empty(document: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value not in (None, "", [], {})}
