"""Documents for machines: keys, status lists, achievements."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from badges import answers, checking, issuing, rules
from badges.openbadges import documents
from badges.pictures import badge_png
from catalog.rules import issuers


@require_safe
def platform_did(request: HttpRequest) -> HttpResponseBase:
    """The platform's public keys."""
    document = issuing.platform_did_document()
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@require_safe
def issuer_did(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer's public keys, old ones too."""
    issuer = get_object_or_404(issuers(), slug=slug)
    document = issuing.issuer_did_document(issuer.slug)
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A status list; asked for anew each time, so that a revocation shows at once."""
    row = get_object_or_404(rules.status_lists(), pk=pk)
    document = checking.status_document(row)
    return answers.send_json(request, document, "application/vc+ld+json", caching=answers.FRESH)


@require_safe
def achievement(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What was achieved: one published version with its rubric."""
    document = documents.achievement_document(
        issuing.achievement_data(get_object_or_404(rules.achievements(), pk=pk))
    )
    return answers.send_json(request, document, "application/ld+json", caching=answers.HOUR)


@require_safe
def achievement_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The badge as it is drawn for everybody who earns this version."""
    version = get_object_or_404(rules.achievements(), pk=pk)
    content = badge_png(issuing.picture(version.title, version.micro_credential.issuer))
    return answers.send(request, content, "image/png", caching=answers.HOUR)
