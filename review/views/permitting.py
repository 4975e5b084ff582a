"""An educator is asked whether her work may train assessors: what would be shown, and her answer, which she may end."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from journal.workflow import TransitionError
from review import queries, rules, workflow
from review.views.doubts import signed_in

SAID = {
    "give": gettext_lazy("Thank you. You can take this back here at any time."),
    "decline": gettext_lazy("That is fine, and nothing depends on it."),
    "end": gettext_lazy("Taken back. Copies of your work are not used any more, from this moment on."),
}
TRUNK = "submission__enrolment__version", "submission__enrolment__micro_credential__issuer"


@require_safe
@login_required
@never_cache
def permissions(request: HttpRequest) -> HttpResponse:
    """What she was asked, and what she said."""
    rows = rules.own_permissions(signed_in(request)).select_related(*TRUNK).order_by("-asked_at")
    return render(request, "review/permissions.html", {"rows": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def permission(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One question, with everything that would be seen."""
    row = get_object_or_404(rules.own_permissions(signed_in(request)).select_related(*TRUNK), pk=pk)
    problem = ""
    if request.method == "POST":
        verb = request.POST.get("answer", "")
        try:
            workflow.answer_permission(row, signed_in(request), verb)
        except TransitionError as error:
            problem = error.message
        else:
            messages.success(request, SAID[verb])
            return redirect("anchor-permission", row.pk)
    context = {
        "permission": row,
        "submission": row.submission,
        "version": row.submission.enrolment.version,
        "issuer": row.submission.enrolment.micro_credential.issuer,
        "items": queries.evidence(row.submission),
        "answers": queries.answers(row.submission),
        "problem": problem,
    }
    return render(request, "review/permission.html", context, status=400 if problem else 200)
