"""Her own rating on the rubric, for nobody but her."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from submissions import workflow
from submissions.forms import SelfRatingForm
from submissions.models import Submission
from submissions.queries import Whole
from submissions.views.drafting import find, person, to


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def self_rating(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The rubric to rate oneself with, as long as the attempt is a draft."""
    whole = find(request, pk)
    submission = whole.submission
    if request.method != "POST":
        if submission.state != Submission.State.DRAFT:
            return to(submission)
        return _page(request, whole, _form(whole))
    form = _form(whole, request.POST)
    if not form.is_valid():
        return _page(request, whole, form, status=400)
    workflow.rate_self(submission, person(request), form.levels)
    messages.success(request, _("Kept, for your eyes only."))
    return to(submission, "#submit")


def _form(whole: Whole, data: Any = None) -> SelfRatingForm:
    return SelfRatingForm(
        whole.template["criteria"],
        data,
        initial={key: str(level) for key, level in whole.submission.self_rating.items()},
    )


def _page(request: HttpRequest, whole: Whole, form: SelfRatingForm, status: int = 200) -> HttpResponse:
    context = {
        "submission": whole.submission,
        "version": whole.submission.enrolment.version,
        "form": form,
        "parts": [
            {
                **part,
                "rows": [
                    {
                        "criterion": row,
                        "field": form[row["key"]],
                        "levels": [
                            {**level, "chosen": str(level["order"]) == form[row["key"]].value()}
                            for level in row["levels"]
                        ],
                        "none": not form[row["key"]].value(),
                    }
                    for row in part["criteria"]
                ],
            }
            for part in whole.parts
            if part["criteria"]
        ],
    }
    return render(request, "submissions/self_rating.html", context, status=status)
