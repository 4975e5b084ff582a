"""The receipt for what was sent: a page, a PDF, the manifest itself, and a check of one file against it."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.formats import date_format
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from submissions import sealing
from submissions.queries import Whole
from submissions.receipts import receipt_pdf
from submissions.views.drafting import find, measured

HASH = re.compile(r"[0-9a-f]{64}")


def _sealed(request: HttpRequest, pk: UUID) -> Whole:
    """An attempt that was handed in; a draft has no receipt."""
    whole = find(request, pk)
    if not whole.submission.manifest:
        raise Http404
    return whole


@measured
@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def receipt(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What was sent, when, and what was promised; and whether a file one holds is part of it."""
    whole = _sealed(request, pk)
    asked, problem = _asked(request)
    context = {
        "whole": whole,
        "submission": whole.submission,
        "unit": whole.submission.enrolment.micro_credential,
        "document": document(whole),
        "asked": asked,
        "problem": problem,
        "found": sealing.matches(sealing.manifest_held(whole.submission), asked) if asked else [],
    }
    return render(request, "submissions/receipt.html", context, status=400 if problem else 200)


def _asked(request: HttpRequest) -> tuple[str, str]:
    """The SHA-256 that is asked about, and what is wrong with the question."""
    upload = request.FILES.get("file")
    if upload is not None:
        return hashlib.file_digest(upload.open(), "sha256").hexdigest(), ""
    given = request.GET.get("sha256", "").strip().lower()
    if given and not HASH.fullmatch(given):
        return "", _("A SHA-256 has 64 characters, digits and the letters a to f.")
    if request.method == "POST":
        return "", _("Choose the file to look for.")
    return given, ""


@require_safe
@login_required
@never_cache
def receipt_file(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The receipt as a PDF."""
    whole = _sealed(request, pk)
    response = HttpResponse(receipt_pdf(document(whole)), content_type="application/pdf")
    name = f"receipt-{slugify(whole.submission.code)}.pdf"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@require_safe
@login_required
@never_cache
def manifest(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The manifest byte for byte as it was sealed (RFC 8785): its SHA-256 is the seal."""
    whole = _sealed(request, pk)
    body = sealing.canonical(sealing.manifest_held(whole.submission))
    response = HttpResponse(body, content_type="application/json")
    name = f"manifest-{slugify(whole.submission.code)}.json"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def document(whole: Whole) -> dict[str, Any]:
    """The receipt in words, for the page and the PDF alike."""
    submission = whole.submission
    facts = [
        (_("Micro-credential"), submission.enrolment.version.title),
        (_("Submission"), f"{submission.code} · {_('attempt %d') % submission.attempt}"),
        (_("Submitted"), _moment(submission.submitted_at)),
    ]
    if submission.promised_on:
        facts.append((_("Outcome promised by"), _day(submission.promised_on)))
    return {
        "title": _("Receipt for %s") % submission.code,
        "lead": _(
            "This is what you sent. It stays exactly so: nobody, you included, can change it afterwards."
        ),
        "facts": facts,
        "files_title": _("Evidence"),
        "files": [_file(row) for row in sealing.manifest_held(submission).get("artifacts", [])],
        "seal_title": _("Seal"),
        "seal_text": _(
            "The SHA-256 of the manifest in canonical JSON (RFC 8785). It fixes everything listed here, and your texts."
        ),
        "seal": submission.seal,
        "root_title": _("Root"),
        "root_text": _(
            "The hash at the top of the tree over each piece of your work. A badge carries it, so that you can prove one file without showing the others."
        ),
        "root": sealing.root_of(sealing.manifest_held(submission)),
    }


def _file(row: dict[str, Any]) -> dict[str, Any]:
    meta = [filesizeformat(row["size"])] if row.get("size") else []
    meta += [str(ORIGINS[row["origin"]])] if row.get("origin") in ORIGINS else []
    if not row.get("sealed", True):
        meta.append(_("not sealed, may show names"))
    hashes = [(_("SHA-256 of what is assessed"), row.get("sha256", ""))]
    received = row.get("received_sha256", "")
    if received and received != row.get("sha256"):
        hashes.insert(0, (_("SHA-256 of what you sent"), received))
    return {
        "name": row.get("name") or row.get("url") or row.get("title") or _("Text"),
        "meta": " · ".join(meta),
        "hashes": [one for one in hashes if one[1]],
    }


ORIGINS = {
    "unchanged": gettext_lazy("unchanged"),
    "replaced": gettext_lazy("replaced"),
    "new": gettext_lazy("new"),
}


def _moment(when: datetime | None) -> str:
    return date_format(when, "DATETIME_FORMAT") if when else ""


def _day(day: date) -> str:
    return date_format(day, "DATE_FORMAT")
