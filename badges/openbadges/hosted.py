"""Open Badges 2.0: an assertion is believed because it lies where its issuer says, or is signed by the issuer's key.

What counts is what the address answers now: the assertion, the badge class and the issuer are each fetched, and the
text somebody brought only says where to look (Open Badges 2.0, section "Verification").
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.utils.translation import gettext as _

from badges.openbadges import extras, tokens
from badges.openbadges.controllers import encoded, same_origin
from badges.openbadges.fetched import GONE, MISSING, Fetch, Unreachable, at_home, object_of, spoken_by
from badges.openbadges.outcomes import (
    REVOKED,
    About,
    Failed,
    NotInForce,
    Outcome,
    Report,
    Step,
    Unknown,
    moment,
    objects,
    run,
    run_all,
    strings,
    unread,
)
from badges.openbadges.proofs import ProofError
from badges.openbadges.reading import DocumentError, read_loose
from badges.openbadges.summary import summary
from badges.openbadges.tokens import Token

CONTEXT: Final = "https://w3id.org/openbadges/v2"
FAILURES: Final = (Failed, ProofError, DocumentError)
_HOSTED: Final = frozenset({"hosted", "HostedBadge"})
_SIGNED: Final = frozenset({"signed", "SignedBadge"})


def is_assertion(document: dict[str, Any]) -> bool:
    """Tell an assertion of version 2.0 by its vocabulary and type."""
    return CONTEXT in strings(document.get("@context")) and "Assertion" in strings(document.get("type"))


@dataclass
class Hosted:
    """One assertion with its badge class and issuer, as they are found."""

    given: dict[str, Any]
    fetch: Fetch
    now: datetime
    token: Token | None = None
    email: str = ""
    assertion: dict[str, Any] = field(default_factory=dict)
    badge: dict[str, Any] = field(default_factory=dict)
    issuer: dict[str, Any] = field(default_factory=dict)
    gone: str = ""

    def report(self) -> Report:
        """All steps; the document comes first, because all others read it."""
        first = run("document", self.document, FAILURES)
        if first.outcome is Outcome.FAILED:
            return unread(Outcome.FAILED, first.words)
        steps = (first, *self._others())
        found = summary(self._whole())
        about = About(
            str(self.assertion.get("id") or self.given.get("id") or ""),
            found.name,
            found.issuer_name,
            str(self.issuer.get("id") or ""),
            str(self.assertion.get("issuedOn") or ""),
        )
        return Report(steps, self.assertion or self.given, about, self._standing)

    def _whole(self) -> dict[str, Any]:
        return {**(self.assertion or self.given), "badge": self.badge, "issuer": self.issuer}

    @property
    def _standing(self) -> str:
        return REVOKED if self.gone == REVOKED else ""

    def _others(self) -> Iterator[Step]:
        checks = {
            "proof": self.proof,
            "issuer": self.issuer_binding,
            "dates": self.dates,
            "status": self.status,
        }
        yield from run_all(checks, FAILURES)
        if self.email:
            recipient = {"recipient": self.assertion.get("recipient", self.given.get("recipient"))}
            yield run("recipient", lambda: extras.check_recipient(recipient, self.email), FAILURES)

    def document(self) -> str:
        """Fetch the parts and see that they belong together."""
        if self.token is None:
            self._fetch_assertion()
        else:
            self.assertion = self.given
        source = self.assertion or self.given
        if self.gone and not source.get("badge"):
            return _("The issuer's server answers for this badge, and says no more about it.")
        self.badge = self._part(source.get("badge"), "BadgeClass")
        self.issuer = self._own_word(self.badge.get("issuer"))
        if not isinstance(self.badge.get("name"), str):
            raise Failed(_("The badge does not say what was achieved, or who issued it."))
        return _("This is a whole Open Badge of version 2.0.")

    def _fetch_assertion(self) -> None:
        address = str(self.given.get("id") or "")
        if not address.startswith(("https://", "http://")):
            raise Failed(_("The badge has no address of its own."))
        try:
            answer = at_home(self.fetch(address), address)
        except Unreachable as error:
            raise Unknown(
                _("The issuer's copy of the badge could not be read: %(why)s") % {"why": error}
            ) from error
        if answer.status in (GONE, MISSING):
            self.gone = REVOKED if answer.status == GONE else "missing"
            return
        if answer.status != 200:
            raise Unknown(_("The issuer's copy of the badge could not be read."))
        found = read_loose(answer.content)
        if found.get("revoked") is True:
            self.gone = REVOKED
        elif found.get("id") != address:
            raise Failed(_("The issuer's copy is another badge than this one."))
        self.assertion = found if found.get("badge") else self.given

    def _part(self, value: Any, kind: str) -> dict[str, Any]:
        """A part that stands in the document, or at the address it names."""
        if isinstance(value, str):
            try:
                value = object_of(self.fetch, value)
            except Unreachable as error:
                raise Unknown(_("A part of the badge could not be read: %(why)s") % {"why": error}) from error
        if not isinstance(value, dict) or (kind and kind not in strings(value.get("type"))):
            raise Failed(_("The badge does not say what was achieved, or who issued it."))
        return value

    def _own_word(self, named: Any) -> dict[str, Any]:
        """What the issuer says of itself at its own address: what a badge carries or links to could say anything."""
        for _try in range(2):  # an older address of the issuer's may name the one that counts
            address = named.get("id") if isinstance(named, dict) else named
            if not isinstance(address, str):
                break
            try:
                named = spoken_by(self.fetch, address)
            except Unreachable as error:
                raise Unknown(_("A part of the badge could not be read: %(why)s") % {"why": error}) from error
            if named.get("id") == address:
                return dict(named)
        raise Failed(_("The badge does not say what was achieved, or who issued it."))

    def proof(self) -> str:
        """Hosted: the issuer's server says the same as the file. Signed: the signature is by the issuer's key."""
        kinds = {
            kind for item in objects(self.given.get("verification")) for kind in strings(item.get("type"))
        }
        if self.token is not None:
            return self._signature()
        if not kinds & _HOSTED:
            raise Failed(_("A signed badge of version 2.0 is brought as its signed token."))
        if self.gone == "missing":
            raise Failed(_("The issuer's server does not know this badge."))
        if not self.assertion and not self.gone:
            raise Unknown(_("The issuer's copy of the badge could not be read."))
        self._compare()
        return _("The issuer's own server confirms the badge.")

    def _compare(self) -> None:
        for name in ("badge", "recipient", "issuedOn", "expires"):
            mine, theirs = self.given.get(name), self.assertion.get(name)
            if mine is not None and theirs is not None and mine != theirs and not _embeds(mine, theirs):
                raise Failed(_("The issuer's copy of the badge says something else than this file."))

    def _signature(self) -> str:
        if self.token is None:
            raise Unknown(_("The badge carries no signature."))
        published = strings(self.issuer.get("publicKey"))
        stated = [str(i["creator"]) for i in objects(self.given.get("verification")) if i.get("creator")]
        creator = next(iter(stated or published), "")
        try:
            key = spoken_by(self.fetch, creator)
        except Unreachable as error:
            raise Unknown(_("The issuer's key could not be read: %(why)s") % {"why": error}) from error
        if key.get("owner") != self.issuer.get("id") or creator not in published:
            raise Failed(_("The issuer does not publish the key that signed this badge."))
        tokens.check(self.token, _rsa_jwk(str(key.get("publicKeyPem"))))
        return _("The signature is whole: nothing in the badge was changed since it was signed.")

    def issuer_binding(self) -> str:
        """The assertion lies with the issuer, or where the issuer says its assertions lie."""
        identity = str(self.issuer.get("id") or "")
        if not identity:
            raise Unknown(_("The issuer could not be read."))
        address = str(self.given.get("id") or "")
        if self.token is not None or same_origin(address, identity) or self._allowed(address):
            return _("The badge belongs to the issuer that it names.")
        raise Failed(
            _("The badge does not lie with the issuer it names, so nothing shows that it is theirs.")
        )

    def _allowed(self, address: str) -> bool:
        rules = next(iter(objects(self.issuer.get("verification"))), {})
        hosts, starts = strings(rules.get("allowedOrigins")), strings(rules.get("startsWith"))
        return urlsplit(address).netloc in hosts or any(address.startswith(start) for start in starts)

    def dates(self) -> str:
        """The badge is valid now."""
        source = self.assertion or self.given
        start, end = moment(source.get("issuedOn")), moment(source.get("expires"))
        if start is None:
            raise Failed(_("The badge does not say from when it is valid."))
        if start > self.now:
            raise Failed(_("The badge is not valid yet."))
        if end is not None and end < self.now:
            raise Failed(_("The badge has expired."))
        return _("The badge is valid at this moment.")

    def status(self) -> str:
        """The issuer has not revoked the badge: its address answers, or its list does not name it."""
        if self.gone == REVOKED:
            raise NotInForce(REVOKED, _("The issuer has revoked this badge."))
        if self.token is None:
            if not self.assertion:
                raise Unknown(_("The issuer's copy of the badge could not be read."))
            return _("The issuer has not revoked this badge.")
        return self._listed()

    def _listed(self) -> str:
        address = self.issuer.get("revocationList")
        if not isinstance(address, str):
            return _("The issuer keeps no revocation list for this badge.")
        try:
            listed = object_of(self.fetch, address).get("revokedAssertions")
        except Unreachable as error:
            words = _("The issuer's revocation list could not be read: %(why)s")
            raise Unknown(words % {"why": error}) from error
        ids = {*strings(listed), *(str(item.get("id")) for item in objects(listed))}
        if self.given.get("id") in ids:
            self.gone = REVOKED
            raise NotInForce(REVOKED, _("The issuer has revoked this badge."))
        return _("The issuer has not revoked this badge.")


def _embeds(mine: Any, theirs: Any) -> bool:
    """Whether one writes out what the other names by address."""
    pair = (mine, theirs)
    whole = next((value for value in pair if isinstance(value, dict)), {})
    return whole.get("id") in pair


def _rsa_jwk(pem: str) -> dict[str, Any]:
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Failed(_("The issuer's key cannot be read.")) from error
    if not isinstance(key, RSAPublicKey):
        raise Failed(_("The key that signed this badge is of another kind than the signature."))
    numbers = key.public_numbers()
    n, e = (
        encoded(number.to_bytes((number.bit_length() + 7) // 8, "big")) for number in (numbers.n, numbers.e)
    )
    return {"kty": "RSA", "n": n, "e": e}
