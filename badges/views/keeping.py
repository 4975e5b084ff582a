"""What a holder takes away to keep her badge without us."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from badges import answers, queries, rules
from badges.bundling import bundle
from badges.carrying import page_for_all


@require_safe
@login_required
@never_cache
def badge_bundle(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Everything about one's own badge in one file."""
    award = get_object_or_404(
        queries.for_page(rules.owned_by(request.user)).select_related("submission"), pk=pk
    )
    response = HttpResponse(bundle(award, timezone.now()), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="{award.slug}-badge.zip"'
    return response


@require_safe
def offline_verifier(request: HttpRequest) -> HttpResponseBase:
    """The page that checks badges without a server, to keep: it runs from one's own disk, never from this address."""
    content = page_for_all(timezone.now()).encode()
    return answers.send(
        request, content, "text/html; charset=utf-8", caching=answers.HOUR, filename="verifier.html"
    )
