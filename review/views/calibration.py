"""Calibration for assessors, and for approvers how far each of them agrees with the anchors."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import User
from accounts.rules import Role, access_of
from journal.workflow import TransitionError
from review import rules, workflow
from review.models import Assignment, Calibration
from review.queries import policy_of
from review.queries.licences import answers_of, by_version, desks_of, figures, standings

CHECKS = gettext_lazy(
    "Welcome. Some of what you claim is a check: work with known levels that looks like any other and reaches no "
    "educator. Only your issuer’s approvers see how far you agree; “Calibration” says more."
)


def welcome(request: HttpRequest, assignment: Assignment) -> None:
    """At her first claim, once: that checks exist and who sees her figures."""
    if not rules.own_assignments(assignment.assessor).exclude(pk=assignment.pk).exists():
        messages.info(request, CHECKS)


def assessor(request: HttpRequest) -> User:
    """The signed-in person, if she assesses."""
    user = request.user
    if not isinstance(user, User) or not access_of(user).of(Role.ASSESSOR):
        raise PermissionDenied
    return user


@require_safe
@login_required
@never_cache
def calibration(request: HttpRequest) -> HttpResponse:
    """What checks there are and who sees what; and where she stands with each version she scores."""
    return _calibration(request)


def _calibration(request: HttpRequest, problem: object = "", status: int = 200) -> HttpResponse:
    user = assessor(request)
    rows = standings(rules.versions_scored_by(user), rules.own_calibrations(user), user.pk)
    return render(request, "review/calibration.html", {"rows": rows, "problem": problem}, status=status)


@require_POST
@login_required
def start(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Begin to qualify or to practise, or go on with what is open."""
    user = assessor(request)
    version = get_object_or_404(rules.versions_scored_by(user).select_related("micro_credential"), pk=pk)
    kind = Calibration.Kind.PRACTICE if "practice" in request.POST else Calibration.Kind.QUALIFYING
    try:
        run = workflow.start_calibration(version, user, kind)
    except TransitionError as error:
        return _calibration(request, error.message, 409)
    return redirect("calibration-run", run.pk)


def find(request: HttpRequest, pk: UUID) -> Calibration:
    related = rules.own_calibrations(assessor(request)).select_related("version__micro_credential")
    return get_object_or_404(related, pk=pk)


@require_safe
@login_required
@never_cache
def run(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What is left to score; afterwards hers, the true levels and the reasons side by side."""
    row = find(request, pk)
    done = row.state == Calibration.State.COMPLETED
    context = {
        "run": row,
        "version": row.version,
        "desks": desks_of(row),
        "answers": answers_of(row) if done else [],
        "qualify_at": policy_of(row.version.micro_credential.issuer_id).qualify_at,
        "practice": done and bool(rules.practice_set(assessor(request), row.version)),
    }
    return render(request, "review/calibration_run.html", context)


@require_POST
@login_required
def stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop a run without an answer."""
    workflow.stop_calibration(find(request, pk), assessor(request))
    messages.success(request, _("Stopped. Nothing was counted, and you can begin again at any time."))
    return redirect("review-calibration")


# --- for approvers ----------------------------------------------------------------------------------------


def approver(request: HttpRequest) -> User:
    """The signed-in person, if she approves for an issuer."""
    user = request.user
    if not isinstance(user, User) or not rules.figures_read_by(user):
        raise PermissionDenied
    return user


@require_safe
@login_required
@never_cache
def assessors(request: HttpRequest) -> HttpResponse:
    """How far each assessor agrees with the blind anchors, and her licence. No assessor sees another's."""
    user = approver(request)
    issuers = rules.figures_read_by(user)
    rows = figures(rules.checks_of(issuers), rules.licences_kept_by(user))
    return render(request, "review/assessors.html", {"versions": by_version(rows)})


@require_POST
@login_required
def end_licence(request: HttpRequest, pk: UUID) -> HttpResponse:
    """End somebody's licence; she is told and may qualify again."""
    user = approver(request)
    related = rules.licences_kept_by(user).select_related("version__micro_credential")
    licence = related.filter(pk=pk).first()
    if licence is None:
        raise Http404
    workflow.end_licence(licence, user)
    messages.success(request, _("Ended. She is told, and may qualify again."))
    return redirect("review-assessors")
