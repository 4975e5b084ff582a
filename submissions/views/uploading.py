"""Beside a draft: how its files stand, what one can do about each, and the way to another device."""

from __future__ import annotations

import io
from collections.abc import Callable
from uuid import UUID

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from journal.workflow import GuardError
from submissions import pages, workflow
from submissions.models import Artifact
from submissions.rules import artifacts_visible_to, submissions_visible_to
from submissions.views import drafting

LEVEL = "m"  # a quarter of the sign may be dirty or in the shade


@require_safe
@login_required
@never_cache
def submission_evidence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The lists of evidence as they are now, for the page that shows them to take over what changed."""
    return _lists(request, pk)


@drafting.measured
@require_POST
@login_required
def artifact_delete(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take a piece of evidence out of a draft."""
    return _do(request, pk, workflow.remove_artifact, _("Removed: %s"))


@drafting.measured
@require_POST
@login_required
def artifact_retry(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Check a file once more, where the check itself had failed."""
    return _do(request, pk, workflow.retry, _("It is checked once more: %s"))


@drafting.measured
@require_POST
@login_required
def artifact_captions(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Captions for a video or a recording."""
    file = request.FILES.get(f"captions-{pk}") or request.FILES.get("captions")
    return _do(
        request,
        pk,
        lambda artifact, user: workflow.add_captions(artifact, user, file),
        _("Captions are kept: %s"),
    )


def _do(request: HttpRequest, pk: UUID, verb: Callable[..., object], done: str) -> HttpResponse:
    """A verb on one artifact. The plain form also saves what else is on the page; a script gets the lists alone."""
    related = artifacts_visible_to(request.user).select_related("content", "submission__enrolment__version")
    artifact: Artifact = get_object_or_404(related, pk=pk)
    whole = drafting.find(request, artifact.submission_id)
    if "revision" in request.POST and (refused := drafting.keep(request, whole)):
        return refused
    scripted = request.headers.get("X-Requested-With") == "fetch"
    try:
        verb(artifact, drafting.person(request))
    except GuardError as error:
        troubles = {str(artifact.pk): str(error.message)}
        if scripted:
            return _lists(request, artifact.submission_id, troubles, 400)
        fresh = drafting.find(request, artifact.submission_id)
        return drafting.page(request, fresh, problem=error.message, troubles=troubles, status=400)
    if scripted:
        return _lists(request, artifact.submission_id)
    messages.success(request, done % artifact.title)
    return drafting.to(whole.submission, f"#{pages.place_of(artifact)}")


def _lists(
    request: HttpRequest, pk: UUID, troubles: dict[str, str] | None = None, status: int = 200
) -> HttpResponse:
    whole = drafting.find(request, pk)
    context = {"rows": pages.holdings(whole, troubles), "removable": pages.is_draft(whole)}
    return render(request, "submissions/_lists.html", context, status=status)


@require_safe
@login_required
def submission_qr(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The draft's address as a sign that a phone's camera reads; whoever opens it signs in as its owner."""
    submission = get_object_or_404(submissions_visible_to(request.user), pk=pk)
    address = request.build_absolute_uri(reverse("submission", args=[submission.pk]))
    drawn = io.BytesIO()
    segno.make(address, error=LEVEL, micro=False).save(
        drawn, kind="svg", scale=4, border=4, light="#fff", dark="#000", xmldecl=False, title=_("QR code")
    )
    answer = HttpResponse(drawn.getvalue(), content_type="image/svg+xml")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer
