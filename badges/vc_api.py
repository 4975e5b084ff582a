"""The W3C's VC-API, for conformance suites: off unless `VC_API` asks for it, and never on where people are.

It signs whatever is well-formed with the platform's own key, so it must not be reachable where that key means
anything. What it says about credentials is what the verifier says, by the same code.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from badges import checking, keyring
from badges.fetching import Fetcher
from badges.openbadges import conformity, proofs, verification
from badges.openbadges.contexts import with_examples
from badges.openbadges.fetched import Fetch
from badges.openbadges.outcomes import Failed, Unknown, issuer_id, objects, strings
from badges.openbadges.reading import DocumentError, loose
from badges.openbadges.standing import ENTRY_TYPES

REFUSED = (*verification.FAILURES, Unknown)
LISTS = frozenset(kind for kind, _subject in ENTRY_TYPES.values())


class Surface(APIView):
    """What the three have in common: nobody signs in, and nothing is there unless asked for."""

    authentication_classes = ()
    permission_classes = (AllowAny,)
    throttle_classes = ()
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if not settings.VC_API:
            raise Http404
        super().initial(request, *args, **kwargs)

    def given(self, request: Request, name: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The document and the options of a request."""
        body = request.data if isinstance(request.data, dict) else {}
        document, options = body.get(name), body.get("options")
        if not isinstance(document, dict):
            raise Failed(_("Send the “%(name)s”.") % {"name": name})
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
    by = keyring.signer(None)
    bare = f"did:key:{by.row.fragment}"
    methods = {by.did: by.method, bare: f"{bare}#{by.row.fragment}"}
    method = methods.get(issuer_id(document))
    if method is None:
        raise Failed(_("The issuer must be %(names)s.") % {"names": ", ".join(methods)})
    return proofs.sign(document, by, verification_method=method, created=timezone.now())


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
            name = "presentation" if "presentation" in request.data else "verifiablePresentation"
            document, options = self.given(request, name)
            with with_examples():
                _check_presentation(document, options, _fetcher())
        except REFUSED as refused:
            return _refused(refused)
        return _verified()


def _fetcher() -> Fetch:
    return Fetcher("", checking.own_documents())


def _check(document: dict[str, Any], fetch: Fetch) -> None:
    """Form, proof, issuer, dates and status; the first that fails is raised."""
    source: dict[str, Any] | str = document
    if "EnvelopedVerifiableCredential" in strings(document.get("type")):
        envelope, sign, source = str(document.get("id")).partition(verification.ENVELOPE)
        if envelope or not sign:
            raise Failed(_("The badge is in an envelope that cannot be opened here."))
    elif problem := next(conformity.credential_problems(document), ""):
        raise Failed(problem)
    checker = verification.check_credential(source, fetch=fetch, now=timezone.now())
    checker.proof()
    checker.issuer()
    if "validFrom" in checker.document or "validUntil" in checker.document:
        checker.dates()
    if not LISTS & set(strings(checker.document.get("type"))):
        checker.status()


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
            _check_self_asserted(item, holder, speakers)
        else:
            raise Failed(_("A credential in the presentation carries no proof."))


def _check_self_asserted(item: dict[str, Any], holder: Any, speakers: set[str]) -> None:
    """Who speaks for herself says so (VC Data Model 2.0, section 4.13.4)."""
    if issuer_id(item) in speakers and holder != issuer_id(item):
        raise Failed(_("A credential by the holder herself needs the presentation to name its holder."))


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
    kind = "https://www.w3.org/TR/vc-data-model#"
    code = (
        "MALFORMED_VALUE_ERROR" if isinstance(why, DocumentError | Failed) else "CRYPTOGRAPHIC_SECURITY_ERROR"
    )
    problem = {"type": kind + code, "title": code, "detail": str(why)}
    body = {"verified": False, "errors": [str(why)], "problemDetails": [problem]}
    return Response(body, status=400)


def _verified() -> Response:
    return Response({"verified": True, "errors": [], "warnings": [], "problemDetails": []})
