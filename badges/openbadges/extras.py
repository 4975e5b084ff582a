"""What may be checked beyond the badge itself: whose it is, who endorses it, and whether what it shows is what it was.

The address typed for *whose it is* is compared and forgotten.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from badges.openbadges.fetched import Answer, Fetch, Unreachable
from badges.openbadges.keys import base58_decode
from badges.openbadges.outcomes import Failed, Unknown, objects, strings
from badges.openbadges.summary import belongs_to

MOST_ENDORSEMENTS: Final = 5
MOST_RESOURCES: Final = 5
_SHA256: Final = b"\x12\x20"
_SRI: Final = {"sha256": hashlib.sha256, "sha384": hashlib.sha384, "sha512": hashlib.sha512}


# --- whose it is ----------------------------------------------------------------------------------------------


def check_recipient(document: dict[str, Any], email: str) -> str:
    """Whether the badge was issued to this address."""
    if belongs_to(document, email):
        return _("The badge was issued to this e-mail address.")
    if not _names_somebody(document):
        raise Unknown(_("The badge does not say to which e-mail address it was issued."))
    raise Failed(_("The badge was not issued to this e-mail address. People have several: ask for another."))


def _names_somebody(document: dict[str, Any]) -> bool:
    subject = next(iter(objects(document.get("credentialSubject"))), {})
    plain = subject.get("email") or str(subject.get("id", "")).startswith("mailto:")
    return bool(plain or objects(subject.get("identifier")) or objects(document.get("recipient")))


# --- who endorses it ------------------------------------------------------------------------------------------


def endorsements(document: dict[str, Any]) -> list[dict[str, Any] | str]:
    """Every endorsement inside a badge: of the badge, of what was achieved, and of the issuer; as document or token."""
    subject = next(iter(objects(document.get("credentialSubject"))), {})
    places = [document, *objects(subject.get("achievement")), *objects(document.get("issuer"))]
    found: list[dict[str, Any] | str] = []
    for place in places:
        found += [
            item for item in objects(place.get("endorsement")) if "EndorsementCredential" in _types(item)
        ]
        found += strings(place.get("endorsementJwt"))
    return found


def endorsed(document: dict[str, Any]) -> set[str]:
    """The things that an endorsement inside this badge may be about."""
    subject = next(iter(objects(document.get("credentialSubject"))), {})
    parts = [document, subject, *objects(subject.get("achievement")), *objects(document.get("issuer"))]
    return {str(part["id"]) for part in parts if isinstance(part.get("id"), str)}


def _types(item: dict[str, Any]) -> list[str]:
    return strings(item.get("type"))


def told_endorsements(genuine: list[str], ended: int) -> str:
    """What came of them, in words."""
    said = []
    if genuine:
        names = ", ".join(genuine)
        said.append(
            ngettext("Endorsed by %(names)s.", "Endorsed by %(count)s: %(names)s.", len(genuine))
            % {"names": names, "count": len(genuine)}
        )
    if ended:
        said.append(
            ngettext(
                "%(count)s endorsement is no longer in force.",
                "%(count)s endorsements are no longer in force.",
                ended,
            )
            % {"count": ended}
        )
    return " ".join(said)


# --- what it shows --------------------------------------------------------------------------------------------


def resources(document: dict[str, Any]) -> list[dict[str, Any]]:
    """What the badge names by address and digest (VC Data Model 2.0, section 5.3)."""
    named = objects(document.get("relatedResource"))
    return [
        item
        for item in named
        if isinstance(item.get("digestMultibase"), str) or strings(item.get("digestSRI"))
    ]


def check_resources(named: list[dict[str, Any]], fetch: Fetch) -> str:
    """Compare what lies at each address with the digest that was signed."""
    if len(named) > MOST_RESOURCES:
        raise Unknown(_("The badge names more documents than are compared here."))
    for item in named:
        _compare(item, _asked(fetch, str(item.get("id", ""))))
    return _("The proof of what was assessed is the one that was signed with the badge.")


def stated(item: dict[str, Any]) -> set[bytes]:
    """The digests by which a badge names a document, whatever their algorithms: of a multihash only the hash."""
    found = {_unbase64(sri.partition("-")[2]) for sri in strings(item.get("digestSRI"))}
    if isinstance(item.get("digestMultibase"), str):
        found.add(_multihash(item["digestMultibase"]).removeprefix(_SHA256))
    return found


def _asked(fetch: Fetch, address: str) -> Answer:
    try:
        answer = fetch(address)
    except Unreachable as error:
        raise Unknown(
            _("The proof of what was assessed could not be compared: %(why)s") % {"why": error}
        ) from error
    if answer.status != 200:
        raise Unknown(
            _("The proof of what was assessed is not there (any more), so it could not be compared.")
        )
    return answer


def _compare(item: dict[str, Any], answer: Answer) -> None:
    for sri in strings(item.get("digestSRI")):
        name, _sign, text = sri.partition("-")
        if name not in _SRI or _unbase64(text) != _SRI[name](answer.content).digest():
            raise Failed(_("The proof of what was assessed is not the one that was signed with the badge."))
    multibase = item.get("digestMultibase")
    if (
        isinstance(multibase, str)
        and _multihash(multibase) != _SHA256 + hashlib.sha256(answer.content).digest()
    ):
        raise Failed(_("The proof of what was assessed is not the one that was signed with the badge."))


def _multihash(text: str) -> bytes:
    try:
        return base58_decode(text[1:]) if text.startswith("z") else _unbase64(text.removeprefix("u"))
    except ValueError:
        return b""


def _unbase64(text: str) -> bytes:
    plain = text.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except binascii.Error:
        return b""
