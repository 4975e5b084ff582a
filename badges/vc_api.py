"""The W3C's VC-API, for conformance suites: off unless `VC_API` asks for it, and never on where people are.

It signs whatever is well-formed with the platform's own key, so it must not be reachable where that key means
anything. What it says about credentials is what the verifier says, by the same code.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.parsing import JSONParser
from badges import checking, issuing, vc_status
from badges.fetching import Fetcher
from badges.openbadges import conformity, contexts, extras, proofs, structure, verification
from badges.openbadges.contexts import with_examples
from badges.openbadges.fetched import Answer, Fetch
from badges.openbadges.outcomes import Failed, Unknown, issuer_id, objects, strings
from badges.openbadges.reading import loose, write_json
from badges.openbadges.standing import ENTRY_TYPES
from badges.openbadges.verification import Checker

LISTS = frozenset(kind for kind, _subject in ENTRY_TYPES.values())

# Problems as the specifications name them (VC Data Model 2.0, section 7.2; VC Data Integrity 1.0, section 4.7).
MALFORMED = "https://www.w3.org/TR/vc-data-model#MALFORMED_VALUE_ERROR"
RANGE = "https://www.w3.org/TR/vc-data-model#RANGE_ERROR"
PROOF = "https://w3id.org/security#PROOF_VERIFICATION_ERROR"
STATUS = "https://www.w3.org/ns/credentials/status-list#STATUS_VERIFICATION_ERROR"


class Refused(Failed):
    """A check that failed, with the address of its kind."""

    def __init__(self, kind: str, words: str) -> None:
        super().__init__(words)
        self.kind = kind


REFUSED = (*verification.FAILURES, Unknown)


class LinkedDataParser(JSONParser):
    """The suites send `application/json`, and write `application/ld+json` in their handbook."""

    media_type = "application/*"


class Surface(APIView):
    """What all have in common: nobody signs in, and nothing is there unless asked for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    parser_classes = (LinkedDataParser,)
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.VC_API:
            raise Http404
        super().initial(request, *args, **kwargs)

    def body(self, request: Request) -> dict[str, Any]:
        """What was sent, if it is an object."""
        return request.data if isinstance(request.data, dict) else {}

    def given(self, request: Request, *names: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The document, by whichever of its names, and the options of a request."""
        body = self.body(request)
        document = next((body[name] for name in names if name in body), None)
        options = body.get("options")
        if not isinstance(document, dict):
            raise Failed(_("Send the “%(name)s”.") % {"name": names[0]})
        return loose(document), options if isinstance(options, dict) else {}


class IssueView(Surface):
    """POST /credentials/issue"""

    def post(self, request: Request) -> Response:
        """Sign a well-formed credential with the platform's key."""
        try:
            document, _options = self.given(request, "credential")
            with with_examples():
                signed = _issued(document)
        except REFUSED as refused:
            return _refused(refused)
        return Response({"verifiableCredential": signed}, status=201)


def _issued(document: dict[str, Any]) -> dict[str, Any]:
    problem = next(conformity.credential_problems(document), "")
    if problem or "proof" in document:
        raise Failed(problem or _("The credential is signed already."))
    signers = vc_status.signers()
    by = signers.get(issuer_id(document))
    if by is None:
        raise Failed(_("The issuer must be %(names)s.") % {"names": ", ".join(signers)})
    _check_known(document)
    now, extended = timezone.now(), _extended(document)
    if structure.version_of(document) == 2 and "credentialStatus" not in document:
        extended["credentialStatus"] = vc_status.entry(by, str(document.get("id", "")))
    return issuing.signed(extended, by, now)


def _extended(document: dict[str, Any]) -> dict[str, Any]:
    """A credential of 1.1 needs the words of the proof (VC Data Integrity 1.0, section 2.4.2)."""
    words = document["@context"]
    if structure.version_of(document) == 1 and contexts.DATA_INTEGRITY_V2 not in words:
        return {**document, "@context": [*words, contexts.DATA_INTEGRITY_V2]}
    return dict(document)


def _check_known(document: dict[str, Any]) -> None:
    """What it names by digest, if it is here, must be what it says (VC Data Model 2.0, section 5.3)."""
    for item in extras.resources(document):
        known = contexts.digests(str(item.get("id")))
        if known and not extras.stated(item) <= known:
            raise Failed(_("The digest of %(name)s is another one.") % {"name": item["id"]})


class StatusView(Surface):
    """POST /credentials/status"""

    def post(self, request: Request) -> Response:
        """Revoke a credential that was issued here."""
        body, wanted = self.body(request), {"type": vc_status.ENTRY, "statusPurpose": "revocation"}
        try:
            change, _options = self.given(request, "credentialStatus")
            if not wanted.items() <= change.items() or body.get("status", True) is not True:
                raise Failed(_("Here a credential can be revoked, for good, and nothing else."))
        except REFUSED as refused:
            return _refused(refused)
        if not vc_status.revoke(str(body.get("credentialId"))):
            raise Http404
        return Response(status=200)


class StatusListView(Surface):
    """GET /credentials/status/<name>"""

    def get(self, request: Request, name: str) -> Response:
        """The list in which credentials of the VC-API have their places."""
        document = vc_status.published(issuing.absolute(request.path))
        if document is None:
            raise Http404
        return Response(document, content_type="application/vc+ld+json")


class VerifyCredentialView(Surface):
    """POST /credentials/verify"""

    def post(self, request: Request) -> Response:
        """Verify any credential, be it a badge or not."""
        try:
            document, _options = self.given(request, "verifiableCredential")
            with with_examples():
                _check(document, _fetcher())
        except REFUSED as refused:
            return _refused(refused)
        return _verified()


class VerifyPresentationView(Surface):
    """POST /presentations/verify"""

    def post(self, request: Request) -> Response:
        """Verify a presentation and every credential in it."""
        try:
            document, options = self.given(request, "verifiablePresentation", "presentation")
            with with_examples():
                _check_presentation(document, options, _fetcher())
        except REFUSED as refused:
            return _refused(refused)
        return _verified()


def _fetcher() -> Fetch:
    return Fetcher("", _ours)


def _ours(url: str) -> Answer:
    document = vc_status.published(url)
    if document is None:
        return checking.own_documents()(url)
    return Answer(200, write_json(document).encode(), "application/vc+ld+json", url)


def _check(document: dict[str, Any], fetch: Fetch) -> None:
    """Form, proof, issuer, dates, status and what is named by digest; the first that fails is raised."""
    source: dict[str, Any] | str = document
    if "EnvelopedVerifiableCredential" in strings(document.get("type")):
        envelope, sign, source = str(document.get("id")).partition(verification.ENVELOPE)
        if envelope or not sign or contexts.CREDENTIALS_V2 not in conformity.listed(document.get("@context")):
            raise Failed(_("The badge is in an envelope that cannot be opened here."))
    elif problem := next(conformity.credential_problems(document), ""):
        raise Failed(problem)
    checker = verification.check_credential(source, fetch=fetch, now=timezone.now())
    for kind, check in _checks(checker, fetch):
        try:
            check()
        except REFUSED as refused:
            raise Refused(kind, str(refused)) from refused


def _checks(checker: Checker, fetch: Fetch) -> Iterator[tuple[str, Callable[[], object]]]:
    document = checker.document
    yield PROOF, checker.proof
    yield PROOF, checker.issuer
    if {"validFrom", "validUntil", "issuanceDate", "expirationDate"} & document.keys():
        yield RANGE, checker.dates
    if not LISTS & set(strings(document.get("type"))):
        yield STATUS, checker.status
    yield MALFORMED, lambda: _check_known(document)
    elsewhere = [one for one in extras.resources(document) if not contexts.digests(str(one.get("id")))]
    yield MALFORMED, lambda: extras.check_resources(elsewhere, fetch)


def _check_presentation(document: dict[str, Any], options: dict[str, Any], fetch: Fetch) -> None:
    if problem := next(conformity.presentation_problems(document), ""):
        raise Failed(problem)
    speakers = set(_speakers(document, options, fetch))
    holder = document.get("holder")
    holder = holder.get("id") if isinstance(holder, dict) else holder
    if holder is not None and speakers and holder not in speakers:
        raise Failed(_("The presentation was signed by somebody other than its holder."))
    for item in objects(document.get("verifiableCredential")):
        if "proof" in item or set(conformity.ENVELOPED) & set(strings(item.get("type"))):
            _check(item, fetch)
        else:
            _check_self_asserted(item, holder if holder in speakers else None)


def _check_self_asserted(item: dict[str, Any], holder: Any) -> None:
    """What has no proof but the presentation's is its holder's own word (VC Data Model 2.0, section 4.13.4)."""
    if problem := next(conformity.credential_problems(item), ""):
        raise Failed(problem)
    if holder is None or issuer_id(item) != holder:
        raise Failed(
            _("A credential in the presentation carries no proof, and is not by the holder who signed it.")
        )


def _speakers(document: dict[str, Any], options: dict[str, Any], fetch: Fetch) -> Iterator[str]:
    """Who signed the presentation, once every signature was checked."""
    for proof in objects(document.get("proof")) or [{}]:
        for name in ("challenge", "domain"):
            if options.get(name) is not None and proof.get(name) != options[name]:
                raise Failed(_("The presentation was made for another occasion."))
        purpose = "authentication" if proof.get("proofPurpose") == "authentication" else proofs.PURPOSE
        alone = {**document, "proof": proof}
        checker = verification.check_credential(alone, fetch=fetch, now=timezone.now(), purpose=purpose)
        checker.proof()
        yield from (one.method.partition("#")[0] for one in checker.readable())


def _refused(why: Exception) -> Response:
    kind = why.kind if isinstance(why, Refused) else MALFORMED
    problem = {"type": kind, "title": kind.partition("#")[2], "detail": str(why)}
    body = {"verified": False, "errors": [str(why)], "problemDetails": [problem]}
    return Response(body, status=400)


def _verified() -> Response:
    return Response({"verified": True, "errors": [], "warnings": [], "problemDetails": []})
