"""Endorsements: given by an organisation's admins, read by everybody, withdrawn by who gave or who received them."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from badges import answers, endorsing, issuing, queries, rules
from badges.endorsement_forms import EndorseForm
from badges.models import Award
from badges.paging import PAGE, older, place
from badges.queries.endorsements import endorsements_about, endorsements_about_issuer, given_before
from badges.workflow.endorsing import Endorsed, endorse, withdraw_endorsement
from catalog.rules import issuers, visible_to
from journal.workflow import GuardError, TransitionError

FIELDS = {"words", "organization"}


@answers.for_programs()
@require_safe
def endorsement(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The signed document; withdrawn ones stay readable, since their status list says what became of them."""
    row = rules.endorsements_visible_to(request.user).filter(pk=pk).first()
    if row is None:
        return answers.not_shared(request)
    private = row.award is not None and row.award.visibility == Award.Visibility.PRIVATE
    caching = answers.OWN if private else answers.FRESH
    return answers.send_json(request, row.credential, "application/vc+ld+json", caching=caching)


@require_safe
def endorsed_unit(request: HttpRequest, slug: str) -> HttpResponse:
    """Who stands behind a micro-credential and its issuer; its page loads this region."""
    unit = get_object_or_404(visible_to(request.user).select_related("issuer"), slug=slug)
    context = {
        "unit": unit,
        "achievement": issuing.achievement_id(unit.current_id) if unit.current_id else "",
        "endorsements": endorsements_about(unit),
        "may_endorse": rules.endorsers(request.user).exclude(pk=unit.issuer_id).exists(),
    }
    return render(request, "badges/endorsements_of_unit.html", context)


@require_safe
def endorsed_issuer(request: HttpRequest, slug: str) -> HttpResponse:
    """Who stands behind an issuer; its page loads this region."""
    issuer = get_object_or_404(issuers(), slug=slug)
    context = {
        "issuer": issuer,
        "endorsements": endorsements_about_issuer(issuer),
        "may_endorse": rules.endorsers(request.user).exclude(pk=issuer.pk).exists(),
    }
    return render(request, "badges/endorsements_of_issuer.html", context)


@require_safe
@login_required
def endorsements(request: HttpRequest) -> HttpResponse:
    """What one's organisations endorse, newest first."""
    mine = list(rules.endorsers(request.user))
    if not mine:
        raise PermissionDenied
    visible = rules.endorsements_visible_to(request.user).filter(endorser__in=mine)
    rows = list(given_before(visible, *place(request))[: PAGE + 1])
    following = older(rows, "created")
    return render(request, "badges/endorsement_list.html", {"rows": rows[:PAGE], "older": following})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def endorse_unit(request: HttpRequest, slug: str) -> HttpResponse:
    """Endorse a micro-credential."""
    return _endorse(request, get_object_or_404(visible_to(request.user).select_related("issuer"), slug=slug))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def endorse_issuer(request: HttpRequest, slug: str) -> HttpResponse:
    """Endorse an issuer."""
    return _endorse(request, get_object_or_404(issuers(), slug=slug))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def endorse_award(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Endorse somebody's award, where it is shown."""
    rows = queries.for_page(rules.endorsable_awards(request.user))
    return _endorse(request, get_object_or_404(rows, pk=pk))


def _endorse(request: HttpRequest, target: Endorsed) -> HttpResponse:
    user, mine = cast(User, request.user), rules.endorsers(request.user)
    if not mine:
        raise PermissionDenied
    form = EndorseForm(request.POST or None, endorsers=mine)
    if request.method == "POST" and form.is_valid():
        try:
            row = endorse(form.cleaned_data["organization"], target, user, form.cleaned_data["words"])
        except GuardError as error:
            for name, problems in error.errors.items():
                form.add_error(name if name in FIELDS else None, problems)
        except TransitionError as error:
            form.add_error(None, str(error.message))
        else:
            words = _("%(organization)s endorses this now.")
            messages.success(request, words % {"organization": row.endorser})
            return redirect("endorsements")
    kind = "award" if isinstance(target, Award) else "issuer" if not hasattr(target, "issuer") else "unit"
    context = {"form": form, "target": target, "kind": kind}
    return render(request, "badges/endorsement_new.html", context, status=400 if form.is_bound else 200)


@require_POST
@login_required
def endorsement_withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End an endorsement."""
    row = get_object_or_404(rules.endorsements_visible_to(request.user), pk=pk)
    try:
        withdraw_endorsement(row, cast(User, request.user))
    except TransitionError as error:
        return render(request, "409.html", {"message": error.message}, status=409)
    words = _("Withdrawn. Every copy of the endorsement of %(what)s shows it from now on.")
    messages.success(request, words % {"what": endorsing.endorsed_name(row)})
    if row.award is not None and row.award.earner_id == request.user.pk:
        return redirect("badge", pk=row.award_id)
    return redirect("endorsements")
