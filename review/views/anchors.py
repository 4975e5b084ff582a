"""Building calibration sets, for an issuer's approvers and authors. Blind: whose work it is stays hidden here too."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.models import User
from accounts.rules import access_of
from journal.workflow import GuardError, TransitionError
from review import queries, rules, workflow
from review.anchor_forms import AnchorForm
from review.models import Anchor
from review.queries.licences import rubric_of, shelves
from submissions.serving import hand_over


def builder(request: HttpRequest) -> User:
    """The signed-in person, if she builds anchors for an issuer."""
    user = request.user
    if not isinstance(user, User) or not rules.builds_anchors(user):
        raise PermissionDenied
    return user


@require_safe
@login_required
@never_cache
def anchors(request: HttpRequest) -> HttpResponse:
    """Version by version: what there is, what is needed, and what one could ask for."""
    return _anchors(request)


def _anchors(request: HttpRequest, problem: Any = "", status: int = 200) -> HttpResponse:
    user = builder(request)
    context = {
        "shelves": shelves(rules.anchors_kept_by(user), rules.permissions_kept_by(user), rules.askable(user)),
        "assesses": access_of(user).assesses,
        "reads_figures": bool(rules.figures_read_by(user)),
        "problem": problem,
    }
    return render(request, "review/anchors.html", context, status=status)


@require_POST
@login_required
def ask(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Ask an educator, whoever she is, for her permission."""
    user = builder(request)
    related = rules.askable(user).select_related("enrolment__micro_credential")
    submission = get_object_or_404(related, pk=pk)
    try:
        workflow.ask_permission(submission, user)
    except TransitionError as error:
        return _anchors(request, error.message, 409)
    messages.success(request, _("Asked. You are told when the educator agrees to %s.") % submission.code)
    return redirect("review-anchors")


@require_POST
@login_required
def build(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Make the copy true levels are written on."""
    user = builder(request)
    related = "submission__enrolment__version", "submission__enrolment__micro_credential"
    permission = get_object_or_404(rules.permissions_kept_by(user).select_related(*related), pk=pk)
    try:
        anchor = workflow.build_anchor(permission, user)
    except TransitionError as error:
        return _anchors(request, error.message, 409)
    return redirect("review-anchor", anchor.pk)


def find(request: HttpRequest, pk: UUID) -> Anchor:
    related = "version__micro_credential", "submission__enrolment"
    return get_object_or_404(rules.anchors_kept_by(builder(request)).select_related(*related), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def anchor(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The evidence, and beside it the true level and the reason for each criterion."""
    row = find(request, pk)
    lines = rubric_of(row.version_id)
    if request.method != "POST":
        return _anchor(request, row, AnchorForm(anchor=row, lines=lines))
    form = AnchorForm(request.POST, anchor=row, lines=lines)
    if not form.is_valid():
        return _anchor(request, row, form, 400)
    try:
        words = _keep(row, builder(request), form, request.POST)
    except GuardError as error:
        form.refuse(error.errors, error.message)
        return _anchor(request, row, form, 400)
    messages.success(request, words)
    return redirect("review-anchor", row.pk)


def _keep(row: Anchor, user: User, form: AnchorForm, asked: Any) -> str:
    """What the pressed button says, in words about what was done."""
    if row.state == Anchor.State.READY:
        workflow.set_use(row, user, form.cleaned_data["use"])
        return _("Saved.")
    workflow.write_truth(row, user, form.scores(), form.cleaned_data["use"])
    if "ready" not in asked:
        return _("Draft saved.")
    workflow.make_ready(row, user)
    return _("This anchor is in use from now on.")


def _anchor(request: HttpRequest, row: Anchor, form: AnchorForm, status: int = 200) -> HttpResponse:
    gone = row.state == Anchor.State.RETIRED
    context = {
        "anchor": row,
        "form": form,
        "items": [] if gone else queries.evidence(row.submission),
        "answers": {} if gone else queries.answers(row.submission),
    }
    return render(request, "review/anchor.html", context, status=status)


@require_POST
@login_required
def retire(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Use it no more."""
    workflow.retire_anchor(find(request, pk), builder(request))
    messages.success(request, _("Retired. Nobody is given it any more; what was learned from it stays."))
    return redirect("review-anchors")


@require_safe
@login_required
def artifact(request: HttpRequest, pk: UUID, artifact: UUID) -> HttpResponseBase:
    """A piece of an anchor's evidence, under its neutral name."""
    row = find(request, pk)
    item = next((one for one in queries.evidence(row.submission) if one.artifact.pk == artifact), None)
    if item is None or item.closed or row.state == Anchor.State.RETIRED:
        raise Http404
    return hand_over(request, item.artifact, item.name)
