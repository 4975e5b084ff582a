"""Proving one file of one's evidence, and checking such a proof: by anybody, without an account."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from badges import answers, checking, presenting, proving, rules, sealed
from badges.hashing import OTHERS, hash_on_arrival
from badges.openbadges import evidence
from badges.openbadges.verification import Outcome
from badges.proof_forms import CheckProofForm, ProveForm
from badges.views.verifying import VerifyThrottle


@answers.for_programs()
@require_safe
def seal(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The seal of a badge that may be read, byte for byte as its digest in the credential says."""
    award = rules.readable_by(request.user).filter(pk=pk).exclude(seal={}).first()
    if award is None:
        return answers.not_shared(request)
    content = sealed.seal_document(award)
    return answers.send(request, content, sealed.MEDIA_TYPE, caching=answers.caching_of(award))


def _large(request: HttpRequest, most: int) -> bool:
    length = request.META.get("CONTENT_LENGTH") or "0"
    return not length.isdecimal() or int(length) > most


@csrf_exempt  # the form is read inside, after the file's bytes were given somewhere to go
def prove(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The earner chooses one file, and gets a proof of it as a file."""
    if _large(request, settings.UPLOAD_MAX_BYTES):
        words = _("This file is larger than any evidence can be, so nothing was read.")
        return render(request, "submissions/too_large.html", {"detail": words}, status=413)
    if request.method == "POST":
        hash_on_arrival(request, "file")
    return _prove(request, pk)


prove.takes_files = True  # type: ignore[attr-defined]


@csrf_protect
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def _prove(request: HttpRequest, pk: UUID) -> HttpResponse:
    owned = rules.owned_by(request.user).select_related("submission", "version", "micro_credential", "stack")
    award = get_object_or_404(owned, pk=pk)
    pieces = proving.pieces(award)
    posted = request.method == "POST"
    form = ProveForm(pieces, request.POST, request.FILES) if posted else ProveForm(pieces)
    context = {"award": award, "form": form, "pieces": pieces, "why": proving.why_unsealed(award)}
    if not posted or not pieces:
        return render(request, "badges/award_prove.html", context, status=409 if posted else 200)
    if not form.is_valid():
        return render(request, "badges/award_prove.html", context, status=400)
    proof = proving.proof_of(award, form.chosen())
    response = HttpResponse(proving.written(proof), content_type="application/json")
    response["Content-Disposition"] = f'attachment; filename="{award.slug}-proof.json"'
    return response


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def verify_evidence(request: HttpRequest) -> HttpResponse:
    """Whether a file is among what a badge was awarded for. It changes nothing, so it needs no token against forgery."""
    if request.method != "POST":
        return _page(request, CheckProofForm())
    too_large = _("This is larger than evidence, a badge and a proof can be, so it was not read.")
    if _large(request, settings.UPLOAD_MAX_BYTES + OTHERS):
        return _page(request, CheckProofForm(), too_large, 413)
    if not VerifyThrottle().allow_request(request, None):  # type: ignore[arg-type]
        words = _("That was a lot of checks. Please wait a minute and try again.")
        return _page(request, CheckProofForm(), words, 429)
    handler = hash_on_arrival(request, "file")
    form = CheckProofForm(request.POST, request.FILES)
    if handler.too_large:
        return _page(request, CheckProofForm(), too_large, 413)
    if not form.is_valid():
        return _page(request, form, status=400)
    return render(request, "badges/verify_evidence.html", {"form": CheckProofForm(), **_checked(form)})


verify_evidence.takes_files = True  # type: ignore[attr-defined]


def _page(request: HttpRequest, form: CheckProofForm, refused: str = "", status: int = 200) -> HttpResponse:
    context = {"form": form, "refused": refused}
    return render(request, "badges/verify_evidence.html", context, status=status)


def _checked(form: CheckProofForm) -> dict[str, Any]:
    """Both checks: the proof against the badge, and the badge itself."""
    proof, given = form.cleaned_data["proof"], form.cleaned_data["file_sha256"]
    report = checking.check(form.cleaned_data["badge"])
    findings = evidence.check(proof, bytes.fromhex(given), report.credential or {})
    proved = all(finding.holds for finding in findings)
    outcome = report.outcome if proved else Outcome.FAILED
    return {
        "verdict": str(outcome),
        "proved": proved,
        "kind": proof.kind,
        "steps": proving.told(findings, proof.kind),
        "checks": presenting.checks(report),
        **{
            name: value
            for name, value in checking.told(report).items()
            if name in ("title", "issuer", "demo")
        },
    }
