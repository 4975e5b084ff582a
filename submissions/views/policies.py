"""An issuer's rules for evidence."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms.models import model_to_dict
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rules import visible_to
from submissions import workflow
from submissions.class_forms import PolicyForm
from submissions.rules import policy_of
from submissions.views.drafting import person


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """How long evidence is kept, what is asked before it is sent, and the calendar of promised dates."""
    organisation = get_object_or_404(visible_to(request.user).filter(issues=True), slug=slug)
    sent = request.POST if request.method == "POST" else None
    kept = policy_of(organisation)
    form = PolicyForm(sent, initial={**model_to_dict(kept), "holidays": "\n".join(map(str, kept.holidays))})
    if form.is_bound and form.is_valid():
        workflow.set_policy(organisation, person(request), **form.cleaned_data)
        messages.success(request, _("Saved. It counts for everything that comes from now on."))
        return redirect("organization-evidence", slug)
    context = {"organisation": organisation, "form": form}
    return render(request, "submissions/consent_policy.html", context, status=400 if form.errors else 200)
