"""The whole task on paper."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from submissions.models import Submission
from submissions.paper import paper
from submissions.views.drafting import find


@require_safe
@login_required
@never_cache
def print_task(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Questions, answers so far, evidence, rubric and statements as one document without navigation."""
    whole = find(request, pk)
    enrolment = whole.submission.enrolment
    context = {
        "submission": whole.submission,
        "enrolment": enrolment,
        "unit": enrolment.micro_credential,
        "version": enrolment.version,
        "draft": whole.submission.state == Submission.State.DRAFT,
        **paper(whole),
    }
    return render(request, "submissions/print.html", context)
