"""From our rows to the documents that prove them: addresses, keys, and the plain data `openbadges` signs.

The frozen template of a version says everything about its rubric, so an award is signed without a query.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.conf import settings
from django.urls import reverse

from accounts.models import Organisation
from badges import keyring
from badges.keyring import Signer
from badges.keyring import issuer_did as issuer_did
from badges.models import Award, StatusList
from badges.openbadges import documents, jwt, proofs
from badges.openbadges.image import PALETTE, BadgePicture
from badges.openbadges.status import status_list_credential
from badges.queries.evidence import Piece
from catalog.models import Version
from submissions import sealing

# A sentence of the signed document, which is in the language of its micro-credential.
JUDGED = (
    "An assessor who does not know whose work it is judges it against the published rubric. "
    "It is earned when every criterion is at its passing level or above."
)
GRANTED = (
    "The issuer granted this on its own judgement, for what the person had learned or done before. "
    "No work was assessed here against the rubric."
)
_GRANTED = "#granted"
DIGEST_ONLY = "Assessed, and not shown here: its salted digest proves which file it was."
_BIDI_CONTROLS = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})


# --- addresses ----------------------------------------------------------------------------------------------


def absolute(path: str) -> str:
    """The full address of a path of ours, as it stands in signed documents."""
    return f"{settings.BASE_URL}{path}"


def badge_id(award_id: UUID) -> str:
    """The credential's id, which is also where it can be read."""
    return absolute(reverse("badge-id", args=[award_id]))


def status_url(list_id: UUID) -> str:
    """Where a status list is published."""
    return absolute(reverse("status", args=[list_id]))


def achievement_id(version_id: UUID) -> str:
    """The id of what was achieved: one published version."""
    return absolute(reverse("achievement", args=[version_id]))


# --- rows → plain data --------------------------------------------------------------------------------------


def issuer_data(issuer: Organisation) -> documents.IssuerData:
    """An issuer as its badges name it; what makes a demonstration one stands in its name."""
    return documents.IssuerData(
        id=issuer_did(issuer.slug),
        name=line(issuer.name),
        url=absolute(reverse("issuer", args=[issuer.slug])),
        description=prose(issuer.about),
    )


def achievement_data(version: Version) -> documents.AchievementData:
    """A published version as an Achievement. Needs its micro-credential and issuer loaded."""
    row, template = version.micro_credential, version.template
    base = achievement_id(version.pk)
    return documents.AchievementData(
        id=base,
        name=line(version.title),
        description=prose(version.competency) or line(version.summary),
        criteria_narrative=_narrative(version),
        criteria_url=absolute(reverse("micro-credential", args=[row.slug])),
        issuer=issuer_data(row.issuer),
        criteria=tuple(_criterion(base, item) for item in template["criteria"]),
        alignments=tuple(_alignment(item) for item in template["standards"]),
        hours=Decimal(version.hours_high) if version.hours_high else None,
        tags=tuple(line(term["name"]) for term in template["terms"]["topic"]),
        image_url=absolute(reverse("achievement-image", args=[version.pk])),
        image_caption=f"{line(version.title)}, {line(row.issuer.name)}",
        version=str(version.number),
        language="en",
    )


def granted(achievement: documents.AchievementData) -> documents.AchievementData:
    """The same as something that was granted: it has a name of its own, and no rubric that anybody was judged by."""
    return replace(achievement, id=f"{achievement.id}{_GRANTED}", criteria_narrative=GRANTED, criteria=())


def is_granted(document: Mapping[str, Any]) -> bool:
    """Whether a badge that we signed says that it was granted: by the name of what was achieved."""
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    name = achievement.get("id") if isinstance(achievement, dict) else None
    return isinstance(name, str) and name.endswith(_GRANTED)


def picture(title: str, issuer: Organisation) -> BadgePicture:
    """What is drawn on the badge."""
    return BadgePicture(
        title=line(title),
        issuer=line(issuer.name),
        colours=PALETTE.get(issuer.colour, PALETTE["c1"]),
        demonstration=issuer.demo,
    )


def _narrative(version: Version) -> str:
    """How it is earned, in the template's own words."""
    evidence = [f"- {line(item['title'])}" for item in version.template["requirements"]]
    return "\n".join([prose(version.key_method), "", "Evidence:", *evidence, "", JUDGED])


def criterion_id(base: str, key: str) -> str:
    """A criterion's address within its achievement."""
    return f"{base}#criterion-{quote(key, safe='')}"


def level_id(base: str, key: str, order: int) -> str:
    """A level's address within its achievement."""
    return f"{base}#level-{quote(key, safe='')}-{order}"


def _criterion(base: str, item: Mapping[str, Any]) -> documents.CriterionData:
    key = item["key"]
    levels = tuple(
        documents.LevelData(
            id=level_id(base, key, level["order"]),
            name=line(level["title"]),
            description=prose(level["descriptor"]),
            points=str(level["order"]),
        )
        for level in item["levels"]
    )
    passing = next(level["order"] for level in item["levels"] if level["passing"])
    return documents.CriterionData(
        id=criterion_id(base, key),
        name=line(item["title"]),
        levels=levels,
        required_level=level_id(base, key, passing),
    )


def _alignment(item: Mapping[str, Any]) -> documents.AlignmentData:
    """A standard's item. Its address is our own list of what is aligned to it: we invent no publisher's."""
    return documents.AlignmentData(
        name=line(item["title"]),
        url=absolute(f"{reverse('explore')}?standard={quote(item['key'], safe='')}"),
        code=line(item["code"]),
        framework=line(item["framework"]),
    )


def _results(version: Version, levels: Mapping[str, int]) -> tuple[documents.ResultData, ...]:
    base = achievement_id(version.pk)
    return tuple(
        documents.ResultData(
            criterion=criterion_id(base, item["key"]), level=level_id(base, item["key"], levels[item["id"]])
        )
        for item in version.template["criteria"]
        if item["id"] in levels
    )


# --- signing ------------------------------------------------------------------------------------------------


def version_of(award: Award) -> Version:
    """The version a badge was earned in; a certificate has none."""
    if award.version is None:
        raise documents.BadgeDataError("A certificate has no version of its own.")
    return award.version


def award_data(
    award: Award,
    levels: Mapping[str, int],
    valid_from: datetime,
    evidence: Iterable[documents.EvidenceData] = (),
) -> documents.AwardData:
    """A badge as plain data: assessed here, with the levels reached, or granted, with what for. Makes no query.

    Needs its issuer, and its version with micro-credential and issuer loaded.
    """
    version = version_of(award)
    achievement = achievement_data(version)
    assessed = award.origin == Award.Origin.ASSESSED
    if award.origin == Award.Origin.GRANTED:
        achievement = granted(achievement)
    return documents.AwardData(
        id=badge_id(award.pk),
        subject_id=f"urn:uuid:{award.pk}",
        achievement=achievement,
        recipient_email=award.earner.email,
        recipient_salt=award.salt,
        status=status_data(award),
        valid_from=valid_from,
        valid_until=award.valid_until,
        awarded=award.awarded_at,
        results=_results(version, levels),
        hours_earned=achievement.hours,
        narrative=prose(award.narrative),
        source=achievement.issuer if assessed else None,
        evidence=(*map(supporting_data, award.supporting), *evidence),
        related=related(award),
    )


def status_data(award: Award) -> documents.StatusData:
    """Where the award's bit stands. Needs its status list loaded, which says what a set bit means."""
    return documents.StatusData(
        list_url=status_url(award.status_list_id),
        index=award.status_index,
        purpose=award.status_list.purpose,
    )


def evidence_url(award_id: UUID, artifact: UUID) -> str:
    """Where anybody may open a piece of evidence, as long as its holder shows it."""
    return absolute(reverse("badge-evidence-file", args=[award_id, artifact]))


def shown_evidence(award_id: UUID, piece: Piece) -> documents.EvidenceData:
    """A piece the earner shows: by its address where anybody may open it, and always by its salted digest."""
    return documents.EvidenceData(
        name=line(piece.name) or line(piece.requirement),
        url=evidence_url(award_id, piece.artifact) if piece.open else "",
        description="" if piece.open else DIGEST_ONLY,
        digest=documents.multihash(bytes.fromhex(piece.digest)),
    )


def seal_url(award_id: UUID) -> str:
    """Where the seal of an award is published: what proves which evidence was assessed."""
    return absolute(f"{reverse('badge-id', args=[award_id])}/seal.json")


def related(award: Award) -> tuple[documents.RelatedData, ...]:
    """The award's seal by address and digest, which binds the evidence that was assessed to the credential."""
    if not award.seal:
        return ()
    digest = documents.multihash(hashlib.sha256(sealing.canonical(award.seal)).digest())
    return (documents.RelatedData(url=seal_url(award.pk), digest=digest, media_type="application/json"),)


def supporting_data(item: Mapping[str, str]) -> documents.EvidenceData:
    """What a granted award rests on, as its issuer named it."""
    return documents.EvidenceData(
        name=line(item.get("name", "")) or line(item.get("url", "")),
        url=item.get("url", ""),
        narrative=prose(item.get("narrative", "")),
    )


def sign_award(
    award: Award,
    levels: Mapping[str, int],
    now: datetime,
    by: Signer | None = None,
    evidence: Iterable[documents.EvidenceData] = (),
    recipient: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The signed credential of an award, whose `key` and `issued_at` are set; `levels` maps criterion id → level reached.

    It is valid from now on: the day it was earned stands in `awardedDate`. With a signer given, signing makes no query.
    `recipient` is how an earlier document named a person whose address is not known any more.
    """
    return sign_data(award, award_data(award, levels, now, evidence), now, by, recipient)


def sign_data(
    award: Award,
    data: documents.AwardData,
    now: datetime,
    by: Signer | None = None,
    recipient: list[dict[str, Any]] | None = None,
) -> dict[str, Any]:
    """The same from plain data, for badges and certificates alike."""
    by = by or keyring.signer(award.issuer)
    unsigned = documents.credential(data)
    if recipient is not None:
        unsigned["credentialSubject"]["identifier"] = recipient
    award.key, award.issued_at = by.row, now
    return signed(unsigned, by, now)


def jwt_of(award: Award) -> str:
    """The award's credential as a signed token (RS256), whose `kid` is an address of ours. Needs its issuer loaded."""
    by = keyring.signer(award.issuer, keyring.RSA)
    return jwt.encode(award.credential, by, keyring.jwk_of(by.row))


def sign_status_list(row: StatusList, revoked: Iterable[int], now: datetime) -> dict[str, Any]:
    """The signed status list with these bits set."""
    unsigned = status_list_credential(
        url=status_url(row.pk),
        issuer=issuer_did(row.issuer.slug),
        revoked=revoked,
        valid_from=now,
        entries=row.size,
        purpose=row.purpose,
    )
    return signed(unsigned, keyring.signer(row.issuer), now)


def signed(unsigned: dict[str, Any], by: Signer, now: datetime) -> dict[str, Any]:
    """The document with its proof."""
    return proofs.sign(unsigned, by, verification_method=by.method, created=now)


# --- texts --------------------------------------------------------------------------------------------------


def line(text: str) -> str:
    """One line without the characters a signature refuses: a stray one must not hold up a person's badge."""
    return " ".join("".join(filter(_printable, text)).split())


def prose(text: str) -> str:
    return "\n".join("".join(filter(_printable, line)).rstrip() for line in text.splitlines()).strip()


def _printable(character: str) -> bool:
    if character in "\t\n\u2028\u2029":
        return True
    refused = unicodedata.category(character) in {"Cc", "Cs"}
    return not refused and unicodedata.bidirectional(character) not in _BIDI_CONTROLS
