"""Checking a badge step by step, each step answered in words.

The verifier asks the world through one callable, and what that does not answer stays *unknown*, never *ok*
(VC Data Model 2.0, section 7; Open Badges 3.0, section 9.1). It takes Open Badges 3.0 on both versions of the data
model, with embedded proofs or as tokens, and hands those of version 2.0 to `hosted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache, partial
from typing import Any, Final, TypeVar

from django.utils.translation import gettext as _

from badges.openbadges import extras, hosted, proofs, structure, tokens
from badges.openbadges.baking import BakingError
from badges.openbadges.controllers import Controllers, Method
from badges.openbadges.fetched import GONE, Fetch, Unreachable, content_of
from badges.openbadges.keys import SigningKeyError
from badges.openbadges.outcomes import (
    STEPS,
    About,
    Failed,
    NotInForce,
    Outcome,
    Report,
    Step,
    Unknown,
    is_bare_key,
    issuer_id,
    moment,
    objects,
    run,
    run_all,
    strings,
    unread,
)
from badges.openbadges.proofs import ProofError, Signed
from badges.openbadges.reading import DocumentError, UnknownVocabulary, bounded
from badges.openbadges.standing import Standing
from badges.openbadges.status import StatusListError
from badges.openbadges.summary import summary
from badges.openbadges.tokens import Token
from badges.openbadges.unpacking import Address, Unpacked, unpack

__all__ = ["STEPS", "About", "Outcome", "Report", "Step", "check_credential", "issuer_id", "verify"]

FAILURES: Final = (Failed, ProofError, DocumentError, SigningKeyError, StatusListError)
ENVELOPE: Final = "data:application/vc+jwt,"
Source = str | bytes | dict[str, Any]
T = TypeVar("T")


def verify(source: Source, *, fetch: Fetch, now: datetime, email: str = "") -> Report:
    """Check what somebody brought; `email` is an address somebody claims the badge was issued to."""
    try:
        unpacked = _found(source, fetch)
        if isinstance(unpacked, Token):
            document = tokens.credential_of(unpacked)
            token: Token | None = unpacked
        else:
            document, token = unpacked, None
    except Unknown as unknown:
        return unread(Outcome.UNKNOWN, str(unknown))
    except (Failed, DocumentError, BakingError) as refused:
        return unread(Outcome.FAILED, str(refused))
    if hosted.is_assertion(document):
        return hosted.Hosted(document, fetch, now, token, email).report()
    return _of_credential(document, token, fetch, now, email)


def _found(source: Source, fetch: Fetch) -> dict[str, Any] | Token:
    """What was brought or, where that is an address, what lies there; never an address behind an address."""
    unpacked: Unpacked = unpack(source)
    if isinstance(unpacked, Address):
        try:
            if (answer := fetch(unpacked.url)).status == GONE:
                raise Failed(_("The issuer has withdrawn what lay at this address."))
            unpacked = unpack(answer.content if answer.status == 200 else content_of(fetch, unpacked.url))
        except Unreachable as error:
            raise Unknown(str(error)) from error
        if isinstance(unpacked, Address):
            raise Failed(_("At this address there is only another address."))
    return _enveloped(unpacked)


def _enveloped(unpacked: dict[str, Any] | Token) -> dict[str, Any] | Token:
    """A token may come in an envelope of JSON (VC Data Model 2.0, section 4.13)."""
    if isinstance(unpacked, dict) and "EnvelopedVerifiableCredential" in strings(unpacked.get("type")):
        kind, sign, text = str(unpacked.get("id")).partition(ENVELOPE)
        if kind or not sign:
            raise Failed(_("The badge is in an envelope that cannot be opened here."))
        return tokens.parse(text)
    return unpacked


def _of_credential(
    document: dict[str, Any], token: Token | None, fetch: Fetch, now: datetime, email: str
) -> Report:
    checker = Checker(document, cache(fetch), now, token)
    try:
        problem = next(structure.problems(document), "")
        if problem:
            raise Failed(problem)
        checker.prepare()
    except UnknownVocabulary as unknown:
        return unread(Outcome.UNKNOWN, str(unknown))
    except (Failed, DocumentError) as refused:
        return unread(Outcome.FAILED, str(refused))
    first = Step("document", Outcome.OK, _("This is a whole Open Badge."))
    steps = (first, *checker.steps(), *checker.further(email))
    return Report(steps, document, _about(document), checker.standing)


def _about(document: dict[str, Any]) -> About:
    found = summary(document)
    dates = (document.get(name) for name in ("awardedDate", "validFrom", "issuanceDate"))
    awarded = next((value for value in dates if isinstance(value, str)), "")
    return About(found.credential_id, found.name, found.issuer_name, found.issuer_id, awarded)


def check_credential(
    document: dict[str, Any] | str, *, fetch: Fetch, now: datetime, purpose: str = proofs.PURPOSE
) -> Checker:
    """A checker for any credential, be it a badge or not: its steps are the caller's to choose."""
    token = tokens.parse(document) if isinstance(document, str) else None
    read = tokens.credential_of(token) if token else document
    checker = Checker(read if isinstance(read, dict) else {}, fetch, now, token, purpose)
    checker.prepare()
    return checker


@dataclass
class Checker:
    """The checks of one credential; each stands for itself, so that one failure does not hide another."""

    document: dict[str, Any]
    fetch: Fetch
    now: datetime
    token: Token | None = None
    purpose: str = proofs.PURPOSE
    signed: list[Signed] | ProofError = field(default_factory=list)
    standing: str = ""

    def prepare(self) -> None:
        """Canonicalise once; a term nobody defined is the document's fault, a bad proof only the proof's."""
        if self.token is not None:
            return
        try:
            self.signed = proofs.prepare_all(self.document, self.purpose)
        except ProofError as refused:
            self.signed = refused
            if "proof" not in self.document:
                bounded(self.document)

    @property
    def controllers(self) -> Controllers:
        """Where keys are looked up."""
        return Controllers(self.fetch, self.purpose)

    def steps(self) -> Iterator[Step]:
        """The checks that every badge has after its document."""
        checks = {"proof": self.proof, "issuer": self.issuer, "dates": self.dates, "status": self.status}
        yield from run_all(checks, FAILURES)

    def further(self, email: str) -> Iterator[Step]:
        """The checks there is something for."""
        if email:
            yield run("recipient", lambda: extras.check_recipient(self.document, email), FAILURES)
        if endorsements := extras.endorsements(self.document):
            yield run("endorsements", lambda: self.endorsements(endorsements), FAILURES)
        if named := extras.resources(self.document):
            yield run("evidence", lambda: extras.check_resources(named, self.fetch), FAILURES)

    def proof(self) -> str:
        """The signature fits the document and a key that its controller publishes."""
        if self.token is not None:
            self._check_token(self.token)
        for one in self.readable():
            self._check_proof(one)
        return _("The signature is whole: nothing in the badge was changed since it was signed.")

    def readable(self) -> list[Signed]:
        """The proofs of a document that is no token; `Failed` where they cannot be read."""
        if isinstance(self.signed, ProofError):
            raise Failed(str(self.signed))
        return self.signed

    def _check_proof(self, signed: Signed) -> None:
        method = self._method(signed.method)
        signed.check(method.ed25519)
        method.check_time(moment(signed.options.get("created")))

    def _check_token(self, token: Token) -> None:
        algorithm = tokens.algorithm_of(token)
        method = self._token_method(token, algorithm)
        tokens.check(token, method.jwk)
        twin = _looked_up(lambda: self.controllers.listed_twin(method, issuer_id(self.document)))
        twin.check_time(token.signed_at or moment(self.document.get("validFrom")))

    def _method(self, name: str) -> Method:
        return _looked_up(partial(self.controllers.method, name))

    def _token_method(self, token: Token, algorithm: str) -> Method:
        """The key by the name the token gives it; without one, a key that its issuer publishes and that fits."""
        issuer = issuer_id(self.document)
        if token.kid:
            name = token.kid
            if name.startswith("#") or ":" not in name:
                name = f"{issuer}#{name.removeprefix('#')}"
            return self._method(name)
        if issuer.startswith("did:"):
            for method in _looked_up(lambda: self.controllers.methods(issuer))[:8]:
                if tokens.fits(method.jwk, algorithm) and _signs(token, method):
                    return method
        raise Failed(
            _(
                "The token does not name a key that its issuer publishes. A key it brings along proves nothing."
            )
        )

    def issuer(self) -> str:
        """The key's controller is the issuer: a signature by anybody else proves nothing about this badge.

        Somebody else may have signed it too, as a witness in a set or chain of proofs: each has to hold, none speaks for the issuer.
        """
        issuer = issuer_id(self.document)
        if isinstance(self.signed, ProofError):
            raise Unknown(_("Without a readable proof nobody stands for this badge."))
        if self.token is not None:
            algorithm = tokens.algorithm_of(self.token)
            methods = [self._token_method(self.token, algorithm)]
        else:
            own = [one for one in self.signed if _did_of(one.method) in ("", issuer)]
            if not own:
                raise Failed(_("The badge was signed by somebody other than the issuer it names."))
            methods = [self._method(one.method) for one in own]
        for method in methods:
            _looked_up(partial(self.controllers.check_binding, method, issuer))
        if is_bare_key(issuer):
            return _(
                "The key belongs to the issuer. The issuer is named by that key alone: nobody confirms its name."
            )
        return _("The key belongs to the issuer that the badge names.")

    def dates(self) -> str:
        """The badge is valid now."""
        claims = self.token.payload if self.token else {}
        starts = [moment(self.document.get(name)) for name in ("validFrom", "issuanceDate")]
        starts.append(tokens.from_number(claims.get("nbf")))
        known = [start for start in starts if start is not None]
        if not known:
            raise Failed(_("The badge does not say from when it is valid."))
        if max(known) > self.now:
            raise Failed(_("The badge is not valid yet."))
        ends = [moment(self.document.get(name)) for name in ("validUntil", "expirationDate")]
        ends += [moment(proof.get("expires")) for proof in objects(self.document.get("proof"))]
        ends.append(tokens.from_number(claims.get("exp")))
        if any(end is not None and end < self.now for end in ends):
            raise Failed(_("The badge has expired."))
        return _("The badge is valid at this moment.")

    def status(self) -> str:
        """The issuer has neither revoked nor suspended the badge."""
        try:
            return Standing(self.fetch, self._believe, self.now).check(self.document)
        except NotInForce as ended:
            self.standing = ended.standing
            raise

    def _believe(self, document: dict[str, Any] | str, issuer: str) -> dict[str, Any]:
        """A status list, checked as the badge is: signed, and by the same issuer."""
        checker = check_credential(document, fetch=self.fetch, now=self.now)
        if issuer_id(checker.document) != issuer:
            raise Failed(_("The revocation list is not the one of this badge's issuer."))
        try:
            checker.readable()
            checker.issuer()
            checker.proof()
        except (Failed, ProofError) as error:
            words = _("The revocation list is not what the issuer signed: %(why)s")
            raise Failed(words % {"why": error}) from error
        return checker.document

    def endorsements(self, found: list[dict[str, Any] | str]) -> str:
        """Each endorsement is a credential of its own, about this badge, what was achieved, or the issuer."""
        if len(found) > extras.MOST_ENDORSEMENTS:
            raise Unknown(_("The badge carries more endorsements than are checked here."))
        genuine, ended = [], 0
        about = extras.endorsed(self.document)
        for one in found:
            checker = check_credential(one, fetch=self.fetch, now=self.now)
            subject = next(iter(objects(checker.document.get("credentialSubject"))), {})
            if str(subject.get("id")) not in about:
                raise Failed(_("An endorsement in the badge is about something else."))
            if checker.in_force():
                genuine.append(_name_of(checker.document))
            else:
                ended += 1
        return extras.told_endorsements(genuine, ended)

    def in_force(self) -> bool:
        """Whether a genuine credential counts now; `Failed` if it is not genuine."""
        self.proof()
        self.issuer()
        try:
            self.dates()
            self.status()
        except Failed:
            return False
        return True


def _signs(token: Token, method: Method) -> bool:
    try:
        tokens.check(token, method.jwk)
    except ProofError:
        return False
    return True


def _did_of(name: str) -> str:
    return name.partition("#")[0] if name.startswith("did:") else ""


def _name_of(document: dict[str, Any]) -> str:
    issuer = document.get("issuer")
    name = issuer.get("name") if isinstance(issuer, dict) else None
    return name[:100] if isinstance(name, str) else issuer_id(document)[:100]


def _looked_up(ask: Callable[[], T]) -> T:
    """What could not be fetched stays unknown."""
    try:
        return ask()
    except Unreachable as error:
        raise Unknown(_("The issuer's keys could not be read: %(why)s") % {"why": error}) from error
