"""Checking a badge step by step, each step answered in words.

The verifier fetches nothing: it asks two callables for an issuer's DID document and a status list, and what
they do not know stays *unknown*, never *ok* (VC Data Model 2.0, section 7; Open Badges 3.0, section 9.1).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges import proofs
from badges.openbadges.baking import BakingError, extract_png, is_png
from badges.openbadges.contexts import CREDENTIALS_V2
from badges.openbadges.keys import SigningKeyError, decode_multikey
from badges.openbadges.proofs import ProofError, Signed
from badges.openbadges.reading import DocumentError, bounded, read_json
from badges.openbadges.status import PURPOSE, StatusListError, bit, decode_list

ResolveDid = Callable[[str], dict[str, Any] | None]
FetchStatusList = Callable[[str], dict[str, Any] | None]

_BADGE_TYPES: Final = frozenset({"OpenBadgeCredential", "AchievementCredential"})
_LIST_TYPE: Final = "BitstringStatusListCredential"
_INDEX: Final = re.compile(r"\d{1,10}\Z", re.ASCII)
STEPS: Final = ("document", "proof", "issuer", "dates", "status")


class Outcome(StrEnum):
    """How a step ended; *unknown* is what could not be checked."""

    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Step:
    """One thing that was checked and what came of it."""

    name: str
    outcome: Outcome
    words: str


@dataclass(frozen=True)
class Report:
    """All steps in the order of `STEPS`, and the document if it could be read."""

    steps: tuple[Step, ...]
    credential: dict[str, Any] | None = field(default=None, repr=False)

    @property
    def valid(self) -> bool:
        """True only if every step is ok."""
        return all(step.outcome is Outcome.OK for step in self.steps)

    @property
    def outcome(self) -> Outcome:
        """The worst of the steps: failed, else unknown, else ok."""
        outcomes = {step.outcome for step in self.steps}
        return next(o for o in (Outcome.FAILED, Outcome.UNKNOWN, Outcome.OK) if o in outcomes)


class _FailedError(Exception):
    """A step's check went wrong; the message is for people."""


class _UnknownError(Exception):
    """A step could not be checked; the message is for people."""


def verify(
    source: str | bytes | dict[str, Any],
    *,
    resolve_did: ResolveDid,
    fetch_status_list: FetchStatusList,
    now: datetime,
) -> Report:
    """Check a credential given as JSON text, as a baked PNG, or as a parsed document."""
    try:
        document = _read(source)
        signed = _prepare(document)
    except _FailedError as failure:
        return Report((Step("document", Outcome.FAILED, str(failure)), *_unchecked()))
    checker = _Checker(document, signed, cache(resolve_did), fetch_status_list, now)
    first = Step("document", Outcome.OK, _("This is a whole Open Badge."))
    return Report((first, *checker.steps()), document)


def _unchecked() -> Iterator[Step]:
    words = _("Not checked, because the document could not be read.")
    return (Step(name, Outcome.UNKNOWN, words) for name in STEPS[1:])


def _read(source: str | bytes | dict[str, Any]) -> dict[str, Any]:
    """Step *document*: text or picture → a bounded document with all that an Open Badge must have."""
    try:
        document = _parse(source)
    except (DocumentError, BakingError) as refused:
        raise _FailedError(str(refused)) from refused
    problem = next(_problems(document), "")
    if problem:
        raise _FailedError(problem)
    return document


def _parse(source: str | bytes | dict[str, Any]) -> dict[str, Any]:
    if isinstance(source, dict):
        return bounded(source)
    if isinstance(source, bytes) and is_png(source):
        source = extract_png(source)
    head = source[:64].lstrip()
    if head[:3] in ("eyJ", b"eyJ"):
        raise DocumentError(
            _("This is a signed token (JWT). Only JSON and PNG badges can be checked here so far.")
        )
    return read_json(source)


def _problems(document: dict[str, Any]) -> Iterator[str]:
    """Yield what is missing from an OpenBadgeCredential on VC 2.0 (Open Badges 3.0, section B.1)."""
    context = document.get("@context")
    if not isinstance(context, list) or context[:1] != [CREDENTIALS_V2]:
        yield _("The document is not a verifiable credential of version 2.")
    types = _strings(document.get("type"))
    if "VerifiableCredential" not in types or not _BADGE_TYPES & set(types):
        yield _("The document is a credential, but not an Open Badge.")
    if not isinstance(document.get("id"), str):
        yield _("The badge has no address of its own.")
    if not issuer_id(document):
        yield _("The badge does not name its issuer.")
    subject = document.get("credentialSubject")
    achievement = subject.get("achievement") if isinstance(subject, dict) else None
    if not isinstance(achievement, dict) or not isinstance(achievement.get("name"), str):
        yield _("The badge does not say what was achieved.")


def _prepare(document: dict[str, Any]) -> Signed | ProofError:
    """Canonicalise once; a term nobody defined is the document's fault, a bad proof only the proof's."""
    try:
        return proofs.prepare(document)
    except DocumentError as refused:
        raise _FailedError(str(refused)) from refused
    except ProofError as refused:
        return refused


def issuer_id(document: dict[str, Any]) -> str:
    """Return the issuer's id, whether the document names it alone or with its profile."""
    issuer = document.get("issuer")
    value = issuer.get("id") if isinstance(issuer, dict) else issuer
    return value if isinstance(value, str) else ""


def _strings(value: Any) -> list[str]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, str)]


def _objects(value: Any) -> list[dict[str, Any]]:
    return [item for item in (value if isinstance(value, list) else [value]) if isinstance(item, dict)]


@dataclass(frozen=True)
class _Checker:
    document: dict[str, Any]
    signed: Signed | ProofError
    resolve_did: ResolveDid
    fetch_status_list: FetchStatusList
    now: datetime

    def steps(self) -> Iterator[Step]:
        """Run each check on its own, so that one failure does not hide another."""
        checks = {
            "proof": self.proof,
            "issuer": self.issuer,
            "dates": self.dates,
            "status": self.status,
        }
        for name, check in checks.items():
            yield _step(name, check)

    def proof(self) -> str:
        """The signature fits the document and a key the named controller publishes."""
        if isinstance(self.signed, ProofError):
            raise _FailedError(str(self.signed))
        _check_signature(self.signed, self.resolve_did)
        return _("The signature is whole: nothing in the badge was changed since it was signed.")

    def issuer(self) -> str:
        """The key's controller is the issuer: a signature by anybody else proves nothing about this badge."""
        if isinstance(self.signed, ProofError):
            raise _UnknownError(_("Without a readable proof nobody stands for this badge."))
        controller = self.signed.method.partition("#")[0]
        if controller != issuer_id(self.document):
            raise _FailedError(_("The badge was signed by somebody other than the issuer it names."))
        if self.resolve_did(controller) is None:
            raise _UnknownError(_unknown_issuer())
        return _("The key belongs to the issuer that the badge names.")

    def dates(self) -> str:
        """The badge is valid now."""
        start, end = _moment(self.document, "validFrom"), _moment(self.document, "validUntil")
        proof_end = [_moment(proof, "expires") for proof in _objects(self.document.get("proof"))]
        if start is None:
            raise _FailedError(_("The badge does not say from when it is valid."))
        if start > self.now:
            raise _FailedError(_("The badge is not valid yet."))
        if any(moment is not None and moment < self.now for moment in (end, *proof_end)):
            raise _FailedError(_("The badge has expired."))
        return _("The badge is valid at this moment.")

    def status(self) -> str:
        """The issuer has not revoked the badge."""
        entry = self.document.get("credentialStatus")
        if entry is None:
            return _("The issuer keeps no revocation list for this badge.")
        index, url = _status_entry(entry)
        document = self.fetch_status_list(url)
        if document is None:
            raise _UnknownError(
                _("We do not know the revocation list, and we do not fetch from elsewhere yet.")
            )
        if bit(self._status_bits(document, url), index):
            raise _FailedError(_("The issuer has revoked this badge."))
        return _("The issuer has not revoked this badge.")

    def _status_bits(self, document: dict[str, Any], url: str) -> bytes:
        """Check the list as strictly as the badge: a forged list could revive a revoked badge."""
        issuer = issuer_id(self.document)
        subject = next(iter(_objects(document.get("credentialSubject"))), {})
        kinds, purpose = _strings(document.get("type")), subject.get("statusPurpose")
        if (document.get("id"), issuer_id(document), purpose) != (
            url,
            issuer,
            PURPOSE,
        ) or _LIST_TYPE not in kinds:
            raise _FailedError(_("The revocation list is not the one of this badge's issuer."))
        signed = proofs.prepare(document)
        if signed.method.partition("#")[0] != issuer:
            raise _FailedError(_("The revocation list was signed by somebody other than the issuer."))
        _check_signature(signed, self.resolve_did)
        end = _moment(document, "validUntil")
        if end is not None and end < self.now:
            raise _UnknownError(_("The issuer's revocation list is out of date."))
        return decode_list(str(subject.get("encodedList")))


_FAILURES: Final = (_FailedError, ProofError, DocumentError, SigningKeyError, StatusListError)


def _step(name: str, check: Callable[[], str]) -> Step:
    try:
        return Step(name, Outcome.OK, check())
    except _UnknownError as unknown:
        return Step(name, Outcome.UNKNOWN, str(unknown))
    except _FAILURES as failure:
        return Step(name, Outcome.FAILED, str(failure))


def _unknown_issuer() -> str:
    return _("We do not know this issuer's keys, and we do not fetch from elsewhere yet.")


def _check_signature(signed: Signed, resolve_did: ResolveDid) -> None:
    did = signed.method.partition("#")[0]
    document = resolve_did(did)
    if document is None:
        raise _UnknownError(_unknown_issuer())
    signed.check(decode_multikey(_published_key(document, did, signed.method)))


def _published_key(document: dict[str, Any], did: str, method: str) -> str:
    """Find the key in the issuer's DID document (Controlled Identifiers 1.0, section 3.3)."""
    expected = {"id": method, "controller": did, "type": "Multikey"}
    if document.get("id") == did and method in _strings(document.get("assertionMethod")):
        for entry in _objects(document.get("verificationMethod")):
            if expected.items() <= entry.items():
                return str(entry.get("publicKeyMultibase"))
    raise _FailedError(_("The issuer does not publish the key that signed this badge."))


def _status_entry(entry: Any) -> tuple[int, str]:
    """Read the one `credentialStatus` object (Bitstring Status List 1.0, section 2.1)."""
    if isinstance(entry, dict) and entry.get("type") == "BitstringStatusListEntry":
        index, url = entry.get("statusListIndex"), entry.get("statusListCredential")
        if entry.get("statusPurpose") == PURPOSE and isinstance(url, str) and _INDEX.match(str(index)):
            return int(str(index)), url
    raise _UnknownError(_("The badge's status is of a kind that cannot be checked here."))


def _moment(document: dict[str, Any], name: str) -> datetime | None:
    value = document.get(name)
    if value is None:
        return None
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise _FailedError(_("A date in the document cannot be read."))
    return moment
