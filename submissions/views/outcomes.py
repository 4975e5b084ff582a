"""What she does with an outcome: open the places it cites, and say how useful it was."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from submissions import workflow
from submissions.pages import USEFUL
from submissions.places import places_of, with_text
from submissions.rules import submissions_visible_to
from submissions.views.drafting import find, person


@require_safe
@login_required
@never_cache
def submission_place(request: HttpRequest, pk: UUID, criterion: str, number: int) -> HttpResponse:
    """One cited place in her own evidence: the moment plays, the region is framed, the passage is marked."""
    whole = find(request, pk)
    row = next((one for one in whole.template["criteria"] if one["key"] == criterion), None)
    found = places_of(whole, row) if row and row["id"] in whole.outcomes else []
    if not 1 <= number <= len(found) or found[number - 1].kind == "words":
        raise Http404
    place = found[number - 1]
    with_text(place)
    context = {
        "submission": whole.submission,
        "version": whole.submission.enrolment.version,
        "criterion": row,
        "place": place,
        "before": reverse("submission-place", args=[pk, criterion, number - 1]) if number > 1 else "",
        "after": reverse("submission-place", args=[pk, criterion, number + 1])
        if any(one.kind != "words" for one in found[number:])
        else "",
    }
    return render(request, "submissions/place.html", context)


@require_POST
@login_required
def submission_useful(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How useful the feedback was: one click, to be changed for some time."""
    row = get_object_or_404(
        submissions_visible_to(request.user).select_related("enrolment__micro_credential"), pk=pk
    )
    chosen = request.POST.get("rating", "")
    rating = int(chosen) if chosen in {str(value) for value in USEFUL} else 0
    workflow.rate_feedback(row, person(request), rating)
    messages.success(request, _("Thank you. Your issuer sees only how many answered what."))
    return redirect(reverse("submission", args=[row.pk]) + "#useful")
