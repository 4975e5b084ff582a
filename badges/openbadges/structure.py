"""What an Open Badge must be made of: our own check of form, in place of a schema that somebody else could change.

Open Badges 3.0, section B.1; VC Data Model 2.0, section 4, and 1.1, section 4.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges.contexts import CREDENTIALS_V1, CREDENTIALS_V2
from badges.openbadges.outcomes import issuer_id, objects, strings

BADGE_TYPES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential"})
ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+\Z")
MANY: Final = 500  # of anything in a list that we walk
# What these members hold where they are there at all.
_OBJECTS: Final = (
    "credentialStatus",
    "credentialSchema",
    "refreshService",
    "termsOfUse",
    "evidence",
    "endorsement",
)


def version_of(document: dict[str, Any]) -> int:
    """The version of the data model: by its first vocabulary."""
    context = document.get("@context")
    first = context[0] if isinstance(context, list) and context else context
    return {CREDENTIALS_V2: 2, CREDENTIALS_V1: 1}.get(first if isinstance(first, str) else "", 0)


def problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing from, or wrong in, an Open Badge; in words."""
    yield from credential_problems(document)
    if not BADGE_TYPES & set(strings(document.get("type"))):
        yield _("The document is a credential, but not an Open Badge.")
    if not isinstance(document.get("id"), str):
        yield _("The badge has no address of its own.")
    subject = document.get("credentialSubject")
    if not isinstance(subject, dict):
        yield _("The badge does not say what was achieved.")
        return
    yield from _subject_problems(subject)


def credential_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with the credential around the badge."""
    if not version_of(document):
        yield _("The document is not a verifiable credential of version 1.1 or 2.0.")
    if "VerifiableCredential" not in strings(document.get("type")):
        yield _("The document is not a verifiable credential.")
    if not ADDRESS.match(issuer_id(document)):
        yield _("The badge does not name its issuer.")
    if document.get("id") is not None and not ADDRESS.match(str(document["id"])):
        yield _("The badge's address is not an address.")
    for name in _OBJECTS:
        if name in document and not _all_objects(document[name]):
            yield _("The badge's “%(name)s” is not what the standard asks for.") % {"name": name}


def _all_objects(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return len(items) <= MANY and all(isinstance(item, dict) and strings(item.get("type")) for item in items)


def _is_text(value: Any) -> bool:
    """A text, one with its language and direction, or several by language (VC Data Model 2.0, section 11.1)."""
    items = value if isinstance(value, list) else [value]
    if not 0 < len(items) <= MANY:
        return False
    return all(
        isinstance(item, str)
        or (isinstance(item, dict) and bool(item) and all(isinstance(text, str) for text in item.values()))
        for item in items
    )


def _subject_problems(subject: dict[str, Any]) -> Iterator[str]:
    achievement = subject.get("achievement")
    if not isinstance(achievement, dict) or not _is_text(achievement.get("name")):
        yield _("The badge does not say what was achieved.")
        return
    if "AchievementSubject" not in strings(subject.get("type")):
        yield _("The badge does not say what was achieved.")
    if "Achievement" not in strings(achievement.get("type")) or not isinstance(achievement.get("id"), str):
        yield _("What was achieved has no address or no type.")
    if not _is_text(achievement.get("description")):
        yield _("The badge does not describe what was achieved.")
    if not isinstance(achievement.get("criteria"), dict):
        yield _("The badge does not say how it is earned.")
    yield from _detail_problems(subject, achievement)


def _detail_problems(subject: dict[str, Any], achievement: dict[str, Any]) -> Iterator[str]:
    for alignment in objects(achievement.get("alignment")):
        if not isinstance(alignment.get("targetName"), str) or not isinstance(
            alignment.get("targetUrl"), str
        ):
            yield _("An alignment does not name its standard.")
    for identity in objects(subject.get("identifier")):
        if not isinstance(identity.get("identityHash"), str) or not isinstance(identity.get("hashed"), bool):
            yield _("The badge does not say whose it is in a way that can be read.")
    levels = {
        level.get("id")
        for described in objects(achievement.get("resultDescription"))
        for level in objects(described.get("rubricCriterionLevel"))
    }
    for result in objects(subject.get("result")):
        if levels and result.get("achievedLevel") is not None and result["achievedLevel"] not in levels:
            yield _("A result names a level that the rubric does not have.")
