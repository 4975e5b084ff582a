"""The form of any verifiable credential and presentation, as strictly as the W3C's suites ask.

VC Data Model 2.0, section 4; of 1.1 what the suite for `eddsa-rdfc-2022` still has signed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges.structure import ADDRESS, version_of

_MOMENT: Final = re.compile(r"-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)\Z")
_INDEX: Final = re.compile(r"(0|[1-9]\d{0,9})\Z", re.ASCII)
_NEEDS_TYPE: Final = ("credentialStatus", "termsOfUse", "evidence", "refreshService", "credentialSchema")
_VALUE_OBJECT: Final = frozenset({"@value", "@language", "@direction"})
# By the version of the data model; what names none is refused for that.
_PERIOD: Final = {
    0: ("validFrom", "validUntil"),
    1: ("issuanceDate", "expirationDate"),
    2: ("validFrom", "validUntil"),
}
ENVELOPED: Final = ("EnvelopedVerifiableCredential", "EnvelopedVerifiablePresentation")


def credential_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a credential."""
    yield from _common(document, "VerifiableCredential")
    yield from _named(document.get("issuer"), "issuer", required=True)
    yield from _subject(document.get("credentialSubject"))
    yield from _period(document)
    for name in _NEEDS_TYPE:
        for item in listed(document.get(name)):
            if not isinstance(item, dict) or not item.get("type"):
                yield _("Each “%(name)s” must be an object with a type.") % {"name": name}
            elif "id" in item or name == "credentialSchema":
                yield from _address(item.get("id"), f"{name}.id")
    for item in listed(document.get("credentialStatus")):
        if isinstance(item, dict) and "BitstringStatusListEntry" in listed(item.get("type")):
            yield from _entry(item)
    for holder in (document, document.get("issuer"), *listed(document.get("credentialSubject"))):
        if isinstance(holder, dict):
            yield from _texts(holder)
    yield from _related(document.get("relatedResource"))


def _entry(item: dict[str, Any]) -> Iterator[str]:
    """A place in a status list (Bitstring Status List 1.0, section 2.1)."""
    yield from _address(item.get("statusListCredential"), "statusListCredential")
    index, size, messages = item.get("statusListIndex"), item.get("statusSize", 1), item.get("statusMessage")
    sized = isinstance(size, int) and not isinstance(size, bool) and 0 < size <= 8
    facts = {
        "statusListIndex": isinstance(index, str) and _INDEX.match(index),
        "statusPurpose": isinstance(item.get("statusPurpose"), str),
        "statusSize": sized,
        "statusMessage": sized and (len(listed(messages)) == 2**size if messages else size == 1),
    }
    for name, right in facts.items():
        if not right:
            yield _("“%(name)s” of a place in a status list is not what it must be.") % {"name": name}


def presentation_problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is wrong with a presentation."""
    yield from _common(document, "VerifiablePresentation")
    yield from _named(document.get("holder"), "holder", required=False)
    for item in listed(document.get("verifiableCredential")):
        if not isinstance(item, dict):
            yield _("Each “%(name)s” must be an object with a type.") % {"name": "verifiableCredential"}


def listed(value: Any) -> list[Any]:
    """A value that may stand alone or in a list, as a list."""
    return [] if value is None else value if isinstance(value, list) else [value]


def _common(document: dict[str, Any], kind: str) -> Iterator[str]:
    if not isinstance(document.get("@context"), list) or not version_of(document):
        yield _("“@context” must be a list that begins with the vocabulary of version 2 or 1.")
    types = listed(document.get("type"))
    if kind not in types or not all(isinstance(item, str) for item in types):
        yield _("“type” must name %(kind)s.") % {"kind": kind}
    if "id" in document:
        yield from _address(document["id"], "id")


def _address(value: Any, name: str) -> Iterator[str]:
    if not isinstance(value, str) or not ADDRESS.match(value):
        yield _("“%(name)s” must be one address.") % {"name": name}


def _named(value: Any, name: str, *, required: bool) -> Iterator[str]:
    if value is not None or required:
        yield from _address(value.get("id") if isinstance(value, dict) else value, name)


def _subject(value: Any) -> Iterator[str]:
    subjects = listed(value)
    if not subjects or not all(isinstance(item, dict) and item for item in subjects):
        yield _("“credentialSubject” must say something about somebody.")
    for item in subjects:
        if isinstance(item, dict) and "id" in item:
            yield from _address(item["id"], "credentialSubject.id")


def _period(document: dict[str, Any]) -> Iterator[str]:
    first, last = _PERIOD[version_of(document)]
    moments = {}
    for name in (first, last):
        if name in document or name == "issuanceDate":
            moments[name] = _moment(document.get(name))
            if moments[name] is None:
                yield _("“%(name)s” must be a moment with a time zone.") % {"name": name}
    start, end = moments.get(first), moments.get(last)
    if start and end and end < start:
        yield _("“%(end)s” lies before “%(start)s”.") % {"end": last, "start": first}


def _moment(value: Any) -> datetime | None:
    if not isinstance(value, str) or not _MOMENT.match(value):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _texts(holder: dict[str, Any]) -> Iterator[str]:
    for name in ("name", "description"):
        for item in listed(holder.get(name)):
            whole = isinstance(item, str) or (
                isinstance(item, dict)
                and isinstance(item.get("@value"), str)
                and item.keys() <= _VALUE_OBJECT
            )
            if not whole:
                yield _("“%(name)s” must be a text, or texts with their language.") % {"name": name}


def _related(value: Any) -> Iterator[str]:
    seen = set()
    for item in listed(value):
        if not isinstance(item, dict) or not isinstance(item.get("id"), str) or item["id"] in seen:
            yield _("Each “%(name)s” must have an address of its own.") % {"name": "relatedResource"}
            return
        seen.add(item["id"])
        if not (item.get("digestSRI") or item.get("digestMultibase")):
            yield _("Each “%(name)s” must have a digest.") % {"name": "relatedResource"}
