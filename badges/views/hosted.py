"""Open Badges 2.0 documents, where their hosts have to answer for them."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_safe

from badges import answers, hosting, pictures, rules
from badges.models import Award
from badges.openbadges import image
from badges.queries.sharing import for_showing
from catalog.rules import issuers

JSON_LD = "application/ld+json"


@answers.for_programs()
@require_safe
def ob2_assertion(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """An award its holder shows; 410 once it is taken back, 404 for all that is not shown."""
    rows = for_showing(rules.readable_by(AnonymousUser())).select_related("earner")
    award = rows.filter(pk=pk).first()
    if award is None:
        return answers.not_shared(request)
    if award.state != Award.State.ACTIVE:
        document = hosting.ended(award)
        return answers.send_json(request, document, JSON_LD, caching=answers.FRESH, status=410)
    return answers.send_json(request, hosting.assertion(award), JSON_LD, caching=answers.FRESH)


@answers.for_programs()
@require_safe
def ob2_badge(request: HttpRequest, pk: UUID, granted: bool = False) -> HttpResponseBase:
    """A published version as a badge class."""
    document = hosting.badge_class(get_object_or_404(rules.achievements(), pk=pk), granted=granted)
    return answers.send_json(request, document, JSON_LD, caching=answers.HOUR)


@answers.for_programs()
@require_safe
def ob2_certificate(request: HttpRequest, slug: str) -> HttpResponseBase:
    """A stack's certificate as a badge class."""
    document = hosting.certificate_class(get_object_or_404(rules.certified_stacks(), slug=slug))
    return answers.send_json(request, document, JSON_LD, caching=answers.HOUR)


@answers.for_programs()
@require_safe
def ob2_certificate_image(request: HttpRequest, slug: str) -> HttpResponseBase:
    """What is drawn on everybody's certificate of a stack; `small` for pages."""
    stack = get_object_or_404(rules.certified_stacks(), slug=slug)
    content = pictures.png_of_stack(stack, pictures.SMALL if "small" in request.GET else image.SIZE)
    return answers.send(request, content, "image/png", caching=answers.HOUR)


@answers.for_programs()
@require_safe
def ob2_issuer(request: HttpRequest, slug: str) -> HttpResponseBase:
    """An issuer as version 2.0 names it."""
    document = hosting.issuer(get_object_or_404(issuers(), slug=slug))
    return answers.send_json(request, document, JSON_LD, caching=answers.HOUR)
