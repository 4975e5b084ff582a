"""Whether the issuer has taken a badge back, or suspended it: status lists of three kinds.

Bitstring Status List 1.0; its forerunner StatusList2021; 1EdTech Credential Revocation List 1.0. A list is checked as
strictly as the badge, because a forged one could revive a badge.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges import tokens
from badges.openbadges.fetched import Fetch, Unreachable, content_of, object_of
from badges.openbadges.outcomes import (
    REVOKED,
    SUSPENDED,
    Failed,
    NotInForce,
    Unknown,
    issuer_id,
    moment,
    objects,
    strings,
)
from badges.openbadges.reading import DocumentError, read_json
from badges.openbadges.status import bit, decode_list

ENTRY_TYPES: Final = {
    "BitstringStatusListEntry": ("BitstringStatusListCredential", "BitstringStatusList"),
    "StatusList2021Entry": ("StatusList2021Credential", "StatusList2021"),
}
SIMPLE_LIST: Final = "1EdTechRevocationList"
MOST_ENTRIES: Final = 4
_INDEX: Final = re.compile(r"\d{1,10}\Z", re.ASCII)

# Checks a signed document and returns what was signed; raises Failed, Unknown and the readers' refusals.
Believe = Callable[[dict[str, Any] | str, str], dict[str, Any]]


@dataclass(frozen=True)
class Standing:
    """Asks the lists that a badge names."""

    fetch: Fetch
    believe: Believe
    now: datetime

    def check(self, document: dict[str, Any]) -> str:
        """What the issuer says about the badge now, in words; `NotInForce` if it is not to count."""
        entries = objects(document.get("credentialStatus"))
        if document.get("credentialStatus") is None:
            return _("The issuer keeps no revocation list for this badge.")
        if not entries or len(entries) > MOST_ENTRIES:
            raise Unknown(_unreadable())
        for entry in entries:
            self._entry(entry, document)
        return _("The issuer has not revoked this badge.")

    def _entry(self, entry: dict[str, Any], document: dict[str, Any]) -> None:
        kinds = strings(entry.get("type"))
        if SIMPLE_LIST in kinds:
            self._simple(entry, document)
            return
        known = next((kind for kind in kinds if kind in ENTRY_TYPES), "")
        if not known:
            raise Unknown(_unreadable())
        index, url, purpose = _place(entry)
        if bit(self._bits(url, purpose, known, issuer_id(document)), index):
            raise _not_in_force(purpose)

    def _bits(self, url: str, purpose: str, kind: str, issuer: str) -> bytes:
        document = self.believe(self._list(url), issuer)
        subject = next(iter(objects(document.get("credentialSubject"))), {})
        list_type, subject_type = ENTRY_TYPES[kind]
        facts = (document.get("id"), list_type in strings(document.get("type")))
        if facts != (url, True) or purpose not in strings(subject.get("statusPurpose")):
            raise Failed(_("The revocation list is not the one of this badge's issuer."))
        if subject_type not in strings(subject.get("type")):
            raise Failed(_("The revocation list is not the one of this badge's issuer."))
        for name in ("validUntil", "expirationDate"):
            end = moment(document.get(name))
            if end is not None and end < self.now:
                raise Unknown(_("The issuer's revocation list is out of date."))
        return decode_list(str(subject.get("encodedList")), bare=kind == "StatusList2021Entry")

    def _list(self, url: str) -> dict[str, Any] | str:
        try:
            content = content_of(self.fetch, url)
        except Unreachable as error:
            words = _("The issuer's revocation list could not be read: %(why)s")
            raise Unknown(words % {"why": error}) from error
        text = content.decode("utf-8", "replace")
        try:
            return text if tokens.is_token(text) else read_json(content)
        except DocumentError as error:
            words = _("The issuer's revocation list could not be read: %(why)s")
            raise Unknown(words % {"why": error}) from error

    def _simple(self, entry: dict[str, Any], document: dict[str, Any]) -> None:
        """A plain list of revoked ids, believed because it lies where the signed badge says."""
        url = str(entry.get("id"))
        try:
            listed = object_of(self.fetch, url)
        except Unreachable as error:
            words = _("The issuer's revocation list could not be read: %(why)s")
            raise Unknown(words % {"why": error}) from error
        if issuer_id(listed) != issuer_id(document):
            raise Failed(_("The revocation list is not the one of this badge's issuer."))
        if document.get("id") in _revoked_ids(listed):
            raise _not_in_force("revocation")


def _revoked_ids(listed: dict[str, Any]) -> set[str]:
    """Whom a plain list names. Its specification spells the member both ways, and lets an entry say that it counts no more."""
    named = [listed[name] for name in ("revokedCredential", "revokedCredentials") if name in listed]
    if not named:
        raise Unknown(_unreadable())
    ids = {one for value in named for one in strings(value)}
    items = (item for value in named for item in objects(value))
    return ids | {str(item.get("id")) for item in items if item.get("revoked") is not False}


def _place(entry: dict[str, Any]) -> tuple[int, str, str]:
    """Read an entry (Bitstring Status List 1.0, section 2.1)."""
    index, url = entry.get("statusListIndex"), entry.get("statusListCredential")
    purpose = entry.get("statusPurpose")
    whole = isinstance(url, str) and _INDEX.match(str(index)) and purpose in ("revocation", "suspension")
    if not whole or entry.get("statusSize", 1) != 1:
        raise Unknown(_unreadable())
    return int(str(index)), str(url), str(purpose)


def _not_in_force(purpose: str) -> NotInForce:
    if purpose == "suspension":
        return NotInForce(SUSPENDED, _("The issuer has suspended this badge: it does not count for now."))
    return NotInForce(REVOKED, _("The issuer has revoked this badge."))


def _unreadable() -> str:
    return _("The badge's status is of a kind that cannot be checked here.")
