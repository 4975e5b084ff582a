"""A person's public page of chosen awards, and where she decides about it."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.models import User
from badges import issuing, rules, workflow
from badges.models import Award
from badges.queries.sharing import for_cards
from badges.sharing_forms import ProfileForm
from journal.workflow import GuardError


@require_safe
def person(request: HttpRequest, slug: str) -> HttpResponse:
    """What somebody chose to show everybody; a hidden page and one that never was answer alike."""
    profile = get_object_or_404(rules.shown_profiles(), slug=slug)
    awards = list(for_cards(rules.on_profile(profile)))
    context = {
        "profile": profile,
        "awards": awards,
        "address": issuing.absolute(reverse("person", args=[slug])),
        "demo": any(row.issuer.demo for row in awards),
    }
    return render(request, "badges/profile.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def profile_edit(request: HttpRequest) -> HttpResponse:
    """Open, fill or hide one's page."""
    user = cast(User, request.user)
    mine = list(for_cards(rules.owned_by(user)))
    public = [row for row in mine if row.visibility == Award.Visibility.PUBLIC]
    profile = rules.own_profile(user).first()
    first = {"name_shown": user.name, "slug": slugify(user.name)[:60]}
    initial = ProfileForm.told(profile, public) if profile else first
    form = ProfileForm(request.POST or None, awards=public, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = {**form.cleaned_data, "awards": [UUID(pk) for pk in form.cleaned_data["awards"]]}
        try:
            profile = workflow.save_profile(user, **data)
        except GuardError as error:
            for field, words in error.errors.items():
                form.add_error(field, words)
        else:
            shown = data["shown"]
            messages.success(
                request, _("Everybody can see your page now.") if shown else _("Saved. Your page is hidden.")
            )
            return redirect("profile-edit")
    context = {
        "form": form,
        "profile": profile,
        "hidden": [row for row in mine if row not in public],
        "address": issuing.absolute(reverse("person", args=[profile.slug])) if profile else "",
    }
    return render(request, "badges/profile_edit.html", context, status=400 if form.is_bound else 200)
