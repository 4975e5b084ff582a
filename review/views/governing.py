"""How an issuer assesses, what its approvers give out, and who is away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import Organisation, User
from journal.workflow import GuardError, TransitionError
from review import rules, workflow
from review.models import Assessment
from review.policy_forms import AssignForm, AwayForm, PolicyForm
from review.queries import PAGE, policy_of, to_give_out
from review.views.reviewing import after, person


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def policy(request: HttpRequest, slug: str) -> HttpResponse:
    """Its rules, with what they need in people; approvers read them, admins set them."""
    organisation = get_object_or_404(rules.policies_managed_by(request.user), slug=slug)
    kept = policy_of(organisation.pk)
    if request.method != "POST":
        return _policy(request, organisation, PolicyForm(instance=kept, initial=_suggested(request)))
    form = PolicyForm(request.POST, instance=kept)
    if not form.is_valid():
        return _policy(request, organisation, form, 400)
    try:
        workflow.set_policy(
            organisation, signed_in(request), form.rules(), anyway=form.cleaned_data["anyway"]
        )
    except GuardError as error:
        for name, said in error.errors.items():
            form.add_error(name if name in form.fields else None, said)
        return _policy(request, organisation, form, 400)
    messages.success(request, _("Saved. It counts for what enters the queue from now on."))
    return redirect("organization-assessment", slug)


def signed_in(request: HttpRequest) -> User:
    """Whoever asks; the rules say whether she may."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def _policy(
    request: HttpRequest, organisation: Organisation, form: PolicyForm, status: int = 200
) -> HttpResponse:
    context = {
        "organisation": organisation,
        "form": form,
        "staffing": rules.staffing(organisation, policy_of(organisation.pk)),
        "alternatives": rules.alternatives(organisation),
        "may_set": rules.may_set_policy(request.user, organisation),
    }
    return render(request, "review/policy.html", context, status=status)


def _suggested(request: HttpRequest) -> dict[str, str]:
    """A suggestion that was followed: the fields it sets, still to be saved."""
    names = ("double_first", "double_rate", "returning")
    return {name: request.GET[name] for name in names if name in request.GET}


# --- giving work out --------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def giving(request: HttpRequest) -> HttpResponse:
    """What waits at the approver's issuers, what finds nobody first."""
    return _giving(request)


def _giving(request: HttpRequest, problem: Any = "", status: int = 200) -> HttpResponse:
    if not rules.reads_completed(request.user):
        raise PermissionDenied
    rows = to_give_out(rules.assessments_managed_by(request.user), after(request))
    people = rules.eligible_among(rows[:PAGE])
    context = {
        "rows": [{"assessment": row, "people": people[row.pk]} for row in rows[:PAGE]],
        "next_url": f"?after={rows[PAGE - 1].pk}" if len(rows) > PAGE else "",
        "problem": problem,
    }
    return render(request, "review/giving.html", context, status=status)


@require_POST
@login_required
def assign(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep a reading for somebody."""
    row = find_managed(request, pk)
    form = AssignForm(request.POST, people=list(rules.eligible_for(row)))
    if not form.is_valid():
        return _giving(request, form.errors["assessor"][0], 400)
    try:
        workflow.assign(row, form.cleaned_data["assessor"], person(request))
    except TransitionError as error:
        return _giving(request, error.message, 409)
    messages.success(request, _("Assigned. The assessor has been told."))
    return redirect("review-giving")


@require_POST
@login_required
def one_decides(request: HttpRequest, pk: UUID) -> HttpResponse:
    """A second reading finds nobody: the one that is there decides."""
    try:
        workflow.let_one_decide(find_managed(request, pk), person(request), request.POST.get("reason", ""))
    except GuardError as error:
        return _giving(request, error.message, 400)
    except TransitionError as error:
        return _giving(request, error.message, 409)
    messages.success(request, _("One reading decides here. The reason is in the journal."))
    return redirect("review-giving")


def find_managed(request: HttpRequest, pk: UUID) -> Assessment:
    """A waiting assessment of the approver's issuers."""
    related = ("submission__enrolment__micro_credential", "version", "issuer")
    return get_object_or_404(rules.assessments_managed_by(request.user).select_related(*related), pk=pk)


# --- being away -------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def away(request: HttpRequest) -> HttpResponse:
    """Nothing is offered or assigned meanwhile; what she holds stays hers until it is due."""
    user = person(request)
    form = AwayForm(request.POST if request.method == "POST" and "back" not in request.POST else None)
    if request.method == "POST":
        try:
            if "back" in request.POST:
                workflow.set_away(user, None)
                return redirect("review-away")
            if form.is_valid():
                workflow.set_away(user, form.cleaned_data["until"])
                messages.success(request, _("Noted. Nothing new comes to you until then."))
                return redirect("review-queue")
        except GuardError as error:
            form.add_error("until", error.errors["until"])
    context = {"form": form, "absence": rules.absence_of(user)}
    return render(request, "review/away.html", context, status=400 if form.errors else 200)
