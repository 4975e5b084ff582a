"""Documents for machines: keys, status lists, achievements."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from badges import answers, checking, endorsing, keyring, pictures, rules
from badges.models import IssuerKey
from badges.openbadges import image


@answers.for_programs()
@require_safe
def platform_did(request: HttpRequest) -> HttpResponseBase:
    """The platform's public keys."""
    document = keyring.did_document_of(None)
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@answers.for_programs()
@require_safe
def issuer_did(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer's public keys, old ones too."""
    issuer = get_object_or_404(rules.signers(), slug=slug)
    document = keyring.did_document_of(issuer)
    return answers.send_json(request, document, "application/did+ld+json", caching=answers.MINUTES)


@answers.for_programs()
@require_safe
def issuer_profile(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer as its badges name it, with who endorses it."""
    document = endorsing.issuer_document(get_object_or_404(rules.signers(), slug=slug))
    return answers.send_json(request, document, "application/ld+json", caching=answers.MINUTES)


@answers.for_programs()
@require_safe
def platform_key(request: HttpRequest, fragment: str) -> HttpResponseBase:
    """One of the platform's keys for tokens."""
    return _key(request, rules.published_keys().filter(issuer=None), fragment)


@answers.for_programs()
@require_safe
def issuer_key(request: HttpRequest, slug: str, fragment: str) -> HttpResponseBase:
    """One of an issuer's keys for tokens: the address that stands in their `kid`."""
    return _key(request, rules.published_keys().filter(issuer__slug=slug), fragment)


def _key(request: HttpRequest, rows: QuerySet[IssuerKey], fragment: str) -> HttpResponseBase:
    row = get_object_or_404(rows, fragment=fragment)
    return answers.send_json(request, keyring.jwk_of(row), "application/jwk+json", caching=answers.HOUR)


@answers.for_programs()
@require_safe
def platform_jwks(request: HttpRequest) -> HttpResponseBase:
    """All the platform's keys for tokens."""
    return answers.send_json(
        request, keyring.jwks_of(None), "application/jwk-set+json", caching=answers.MINUTES
    )


@answers.for_programs()
@require_safe
def issuer_jwks(request: HttpRequest, slug: str) -> HttpResponseBase:
    """All an issuer's keys for tokens, old ones too."""
    issuer = get_object_or_404(rules.signers(), slug=slug)
    document = keyring.jwks_of(issuer)
    return answers.send_json(request, document, "application/jwk-set+json", caching=answers.MINUTES)


@answers.for_programs()
@require_safe
def status(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """A status list; asked for anew each time, so that a revocation shows at once."""
    row = get_object_or_404(rules.status_lists(), pk=pk)
    document = checking.status_document(row)
    return answers.send_json(request, document, "application/vc+ld+json", caching=answers.FRESH)


@answers.for_programs()
@require_safe
def achievement(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """What was achieved: one published version with its rubric."""
    document = endorsing.achievement_document(get_object_or_404(rules.achievements(), pk=pk))
    return answers.send_json(request, document, "application/ld+json", caching=answers.HOUR)


@answers.for_programs()
@require_safe
def achievement_image(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The badge as it is drawn for everybody who earns this version; `small` for pages."""
    version = get_object_or_404(rules.achievements(), pk=pk)
    content = pictures.png_of_version(version, pictures.SMALL if "small" in request.GET else image.SIZE)
    return answers.send(request, content, "image/png", caching=answers.HOUR)
