"""Evidence used again, and what a team shares: two pages beside the draft, and the invitation to a team."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.models import User
from journal.workflow import GuardError
from submissions import workflow
from submissions.models import Artifact, Submission, TeamMember
from submissions.queries import Whole
from submissions.rules import artifacts_visible_to, library_of, open_places, place_of, shared_with, team_of
from submissions.views.drafting import find, person, to

LISTED = 100


def _draft(request: HttpRequest, pk: UUID) -> Whole:
    """A draft of hers; what was sent is not changed here."""
    whole = find(request, pk)
    if whole.submission.state != Submission.State.DRAFT:
        raise Http404
    return whole


def _requirement(request: HttpRequest, whole: Whole) -> dict[str, Any]:
    """What the piece is wanted for; the first requirement where nothing is said."""
    rows = {row["key"]: row for row in whole.template["requirements"]}
    if not rows:
        raise Http404
    key = request.POST.get("requirement") or request.GET.get("requirement") or next(iter(rows))
    if key not in rows:
        raise Http404
    return dict(rows[key])


def distinct(artifacts: Iterable[Artifact]) -> list[Artifact]:
    """Each piece once, however many attempts hold it."""
    seen: dict[tuple[str, str], Artifact] = {}
    for row in artifacts:
        seen.setdefault((row.kind, row.sha256 or row.url), row)
    return list(seen.values())


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def library(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What she has already, to be used here too, declared."""
    whole = _draft(request, pk)
    submission, wanted = whole.submission, _requirement(request, whole)
    rows = library_of(request.user, submission).select_related("submission__enrolment__version")
    if request.method == "POST":
        artifact = get_object_or_404(rows, pk=_uuid(request.POST.get("artifact", "")))
        try:
            workflow.reuse(submission, person(request), artifact, requirement=wanted["key"])
        except GuardError as error:
            messages.error(request, str(error.message))
        else:
            messages.success(request, _("It is here too now, declared as used again."))
        return to(submission, f"#requirement-{wanted['key']}")
    context = {
        "submission": submission,
        "version": submission.enrolment.version,
        "wanted": wanted,
        "rows": distinct(rows.order_by("-created")[:LISTED]),
    }
    return render(request, "submissions/library.html", context)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise Http404 from error


# --- the team ---------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@never_cache
def team(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Who is in it, what is shared, and how to invite; only where the version is for teams."""
    whole = _draft(request, pk)
    if not whole.submission.enrolment.version.teams:
        raise Http404
    place = place_of(whole.submission.enrolment)
    if request.method != "POST":
        return _team(request, whole, place)
    do = DOING.get(request.POST.get("do", ""))
    if do is None:
        raise Http404
    try:
        words = do(request, whole.submission, place)
    except GuardError as error:
        errors = {name: [str(one) for one in given] for name, given in error.errors.items()}
        return _team(request, whole, place, error=str(error.message), errors=errors, status=400)
    messages.success(request, words)
    return redirect("submission-team", pk)


def _team(
    request: HttpRequest, whole: Whole, place: TeamMember | None, status: int = 200, **extra: Any
) -> HttpResponse:
    submission = whole.submission
    taken = {str(row.reused_from_id) for row in whole.artifacts}
    copied = artifacts_visible_to(request.user).filter(submission=submission, reused_from__team__isnull=False)
    copies = set(copied.filter(team__isnull=False).values_list("pk", flat=True))
    shared = shared_with(place).select_related("submission__enrolment__earner") if place else []
    context = {
        "submission": submission,
        "version": submission.enrolment.version,
        "place": place,
        "members": team_of(place),
        "own": [(row, row.pk in copies) for row in whole.artifacts if row.state == Artifact.State.READY],
        "shared": [(row, str(row.pk) in taken) for row in distinct(shared)],
        "requirements": whole.template["requirements"],
        "typed": request.POST,
        **extra,
    }
    return render(request, "submissions/team.html", context, status=status)


def _joined(place: TeamMember | None) -> TeamMember:
    if place is None:
        raise GuardError(_("Declare your team first."))
    return place


def _own(request: HttpRequest, submission: Submission) -> Artifact:
    mine = (
        artifacts_visible_to(request.user)
        .filter(submission=submission)
        .select_related("submission__enrolment")
    )
    return get_object_or_404(mine, pk=_uuid(request.POST.get("artifact", "")))


def _declare(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    workflow.declare_team(submission, person(request), request.POST.get("name", ""))
    return _("Your team is there. Invite the others.")


def _invite(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    asked = workflow.invite_mate(_joined(place), person(request), request.POST.get("email", ""))
    return _("We wrote to %s.") % asked.email


def _leave(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    workflow.leave_team(_joined(place), person(request))
    return _("You left the team. Your own work stays as it is.")


def _share(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    workflow.share(_own(request, submission), person(request))
    return _("Your team can use it now.")


def _unshare(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    workflow.unshare(_own(request, submission), person(request))
    return _("It is yours alone again.")


def _take(request: HttpRequest, submission: Submission, place: TeamMember | None) -> str:
    artifact = get_object_or_404(shared_with(_joined(place)), pk=_uuid(request.POST.get("artifact", "")))
    requirement = request.POST.get("requirement", "")
    workflow.take_shared(submission, person(request), artifact, requirement=requirement)
    return _("It is part of your evidence now, as a team artifact.")


Doing = Callable[[HttpRequest, Submission, TeamMember | None], str]
DOING: dict[str, Doing] = {
    "declare": _declare,
    "invite": _invite,
    "leave": _leave,
    "share": _share,
    "unshare": _unshare,
    "take": _take,
}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def team_invitation(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Anybody with the address may read who invites to what; answering needs an account with the invited address."""
    place = get_object_or_404(open_places(), pk=pk)
    if request.method != "POST":
        return _invitation(request, place)
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    try:
        if request.POST.get("do") == "decline":
            workflow.decline_place(place, request.user)
            messages.success(request, _("Declined."))
            return redirect("my")
        submission = workflow.accept_place(place, request.user)
    except GuardError as error:
        return _invitation(request, place, problem=error.message, status=400)
    messages.success(request, _("You are in the team. What it shares is here."))
    there = submission.state == Submission.State.DRAFT
    return redirect("submission-team" if there else "submission", submission.pk)


def _invitation(request: HttpRequest, place: TeamMember, status: int = 200, **extra: Any) -> HttpResponse:
    version = place.team.version
    context = {
        "place": place,
        "version": version,
        "unit": version.micro_credential,
        "here": request.path,
        **extra,
    }
    return render(request, "submissions/team_invitation.html", context, status=status)
