"""Looking up who is behind an attempt, and who did so."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules import visible_to
from journal.workflow import GuardError
from review import rules, workflow
from review.appeal_forms import UnblindForm
from review.models import Unblinding
from review.queries import PAGE
from review.views.doubts import approver, signed_in
from submissions.models import Submission


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def unblind(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A warning first; the name only after a reason, and only for whoever gave it."""
    user = approver(request)
    related = ("enrolment__version", "enrolment__micro_credential__issuer")
    submission = get_object_or_404(rules.unblindable_by(user).select_related(*related), pk=pk)
    row = rules.unblinding_of(user, submission)
    form = UnblindForm(request.POST if request.method == "POST" and row is None else None)
    if request.method == "POST" and row is None:
        if not form.is_valid():
            return _page(request, submission, None, form, 400)
        try:
            workflow.unblind(submission, user, form.cleaned_data["reason"])
        except GuardError as error:
            form.refuse(error.errors, error.message)
            return _page(request, submission, None, form, 400)
        return redirect("review-unblind", submission.pk)
    return _page(request, submission, row, form)


def _page(
    request: HttpRequest, submission: Submission, row: Unblinding | None, form: UnblindForm, status: int = 200
) -> HttpResponse:
    """Whose it is stands in the context only for whoever has looked it up."""
    context: dict[str, Any] = {"submission": submission, "unblinding": row, "form": form}
    if row is not None:
        context["earner"] = submission.enrolment.earner
    return render(request, "review/unblind.html", context, status=status)


@require_safe
@login_required
@never_cache
def unblindings(request: HttpRequest, slug: str) -> HttpResponse:
    """For the issuer's admins: who looked up a name, when and why. Not whose."""
    user = signed_in(request)
    organisation = get_object_or_404(visible_to(user).filter(issues=True), slug=slug)
    rows = rules.unblindings_of(user, organisation).select_related("by").order_by("-created", "-pk")
    number = request.GET.get("after", "")
    if number.isascii() and number.isdigit() and len(number) < 18:
        rows = rows.filter(pk__lt=int(number))
    found = list(rows[: PAGE + 1])
    context = {
        "organisation": organisation,
        "rows": found[:PAGE],
        "next_url": f"?after={found[PAGE - 1].pk}" if len(found) > PAGE else "",
    }
    return render(request, "review/unblindings.html", context)
