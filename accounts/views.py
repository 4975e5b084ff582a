"""Pages about one's account and one's organisation's people."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import queries, rules, workflow
from accounts.forms import CloseForm, InvitationForm, ProfileForm
from accounts.models import Invitation, User
from journal.workflow import GuardError

PEOPLE_PER_PAGE = 50


@login_required
def account(request: HttpRequest) -> HttpResponse:
    """The educator's own page: who she is, where she belongs, how she signs in."""
    user = cast(User, request.user)
    profile = queries.profile_of(user)
    form = ProfileForm(request.POST or None, user=user, profile=profile)
    if request.method == "POST" and form.is_valid():
        workflow.update_profile(user, **form.cleaned_data)
        messages.success(request, _("Your profile is saved."))
        return redirect("account")
    context = {
        "form": form,
        "memberships": queries.memberships_of(user),
        "addresses": EmailAddress.objects.filter(user=user).order_by("-primary", "email"),
        "managed": rules.visible_to(user).order_by("name")[:20],
    }
    return render(request, "accounts/account.html", context, status=400 if form.is_bound else 200)


@login_required
def question(request: HttpRequest) -> HttpResponse:
    """The next profile question, one at a time; setting it aside is an answer too."""
    user = cast(User, request.user)
    profile = queries.profile_of(user)
    name = queries.next_question(user, profile)
    if name is None:
        messages.success(request, _("Thank you. That is all we wanted to know."))
        return redirect("my")
    form = ProfileForm(request.POST or None, user=user, profile=profile, only=name)
    if request.method == "POST" and form.is_valid():
        answers = {} if "skip" in request.POST else form.cleaned_data
        workflow.update_profile(user, **answers, first_steps_done=[*profile.first_steps_done, name])
        return redirect("account-question")
    return render(request, "accounts/question.html", {"form": form, "left": _questions_left(user)})


def _questions_left(user: User) -> int:
    profile = queries.profile_of(user)
    done = profile.first_steps_done
    return sum(
        1
        for name in queries.QUESTION_FIELDS
        if name not in done and not (user.name if name == "name" else getattr(profile, name))
    )


@login_required
def organization(request: HttpRequest, slug: str) -> HttpResponse:
    """People and roles of an organisation; its admin invites, gives and ends roles here."""
    user = cast(User, request.user)
    organisation = get_object_or_404(queries.with_schools(rules.visible_to(user)), slug=slug)
    form = InvitationForm(request.POST or None, organisation=organisation)
    if request.method == "POST" and form.is_valid():
        try:
            given = workflow.offer(user, organisation, **form.cleaned_data)
        except GuardError as error:
            for field, words in error.errors.items():
                form.add_error(field, words)
        else:
            invited = isinstance(given, Invitation)
            told = (
                _("The invitation is on its way. It is valid for 30 days.")
                if invited
                else _("The role is given.")
            )
            messages.success(request, told)
            return redirect("organization", slug=slug)
    page = Paginator(queries.people_of(organisation), PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "organisation": organisation,
        "form": form,
        "people": page,
        "invitations": queries.open_invitations(organisation)[:100],
        "schools": organisation.school_rows,  # type: ignore[attr-defined]
    }
    return render(request, "accounts/organization.html", context, status=400 if form.is_bound else 200)


@require_POST
@login_required
def role_end(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End a role: one's own, or one in an organisation one manages."""
    user = cast(User, request.user)
    membership = get_object_or_404(rules.memberships_visible_to(user).select_related("organisation"), pk=pk)
    workflow.end_role(user, membership)
    if membership.user_id == user.pk:
        messages.success(
            request,
            _("You left %(name)s. Your badges and your work stay yours.") % {"name": membership.organisation},
        )
        return redirect("account")
    messages.success(request, _("The role has ended."))
    return redirect("organization", slug=membership.organisation.slug)


@require_POST
@login_required
def invitation_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an invitation back."""
    user = cast(User, request.user)
    found = get_object_or_404(rules.invitations_managed_by(user), pk=pk)
    workflow.withdraw_invitation(user, found)
    messages.success(request, _("The invitation is withdrawn."))
    return redirect("organization", slug=found.organisation.slug)


def invitation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What the invited person opens: says who invites her to what; accepting is her own act."""
    found = get_object_or_404(rules.open_invitations(), pk=pk)
    if request.method == "POST" and request.user.is_authenticated:
        try:
            workflow.accept(found, request.user)
        except GuardError as error:
            messages.error(request, str(error.message))
            return redirect("invitation", pk=pk)
        messages.success(request, _("Welcome to %(name)s.") % {"name": found.organisation})
        return redirect("my")
    here = reverse("invitation", args=[pk])
    return render(request, "accounts/invitation.html", {"invitation": found, "here": here})


# --- one's data -------------------------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def data(request: HttpRequest) -> HttpResponse:
    """A copy of everything, and the way out."""
    return render(request, "accounts/data.html", {"exports": queries.exports_of(cast(User, request.user))})


@require_POST
@login_required
def data_export(request: HttpRequest) -> HttpResponse:
    """Ask for the copy."""
    workflow.ask_for_export(cast(User, request.user))
    messages.success(
        request, _("We are making the copy. You can leave this page; we write when it is ready.")
    )
    return redirect("account-data")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def close(request: HttpRequest) -> HttpResponse:
    """Close the account, after reading what goes and what stays, and with the password."""
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.close(cast(User, request.user), form.cleaned_data["password"])
        except GuardError as refusal:
            form.add_error("password", str(refusal.message))
        else:
            logout(request)
            return render(request, "accounts/closed.html")
    return render(request, "accounts/close.html", {"form": form}, status=400 if form.is_bound else 200)
