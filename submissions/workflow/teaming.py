"""Teams: declared where the version allows them, joined by invitation. Everybody keeps her own submission.

A team sees what its members share with it and nothing else of theirs; what was shared and taken stays what it was.
"""

from __future__ import annotations

from typing import Any

from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError, Transitions, change, record
from submissions.checklist import text_problem
from submissions.models import Artifact, Submission, Team, TeamMember
from submissions.rules import place_of, shared_with
from submissions.workflow.joining import current_attempt, enrol
from submissions.workflow.placing import check_place
from submissions.workflow.reusing import place_again
from submissions.workflow.table import Joined, check_earner, lock_draft

Place = TeamMember.State
PLACES: Transitions = {
    "accept": (frozenset({Place.INVITED}), Place.JOINED, "submissions.team_joined"),
    "decline": (frozenset({Place.INVITED}), Place.DECLINED, "submissions.team_declined"),
    "leave": (frozenset({Place.JOINED}), Place.LEFT, "submissions.team_left"),
}
NAME_MAX = 80
MOST = 12  # people of a team
MOST_ASKED = 40  # invitations of a team, those that were declined too


def declare_team(submission: Submission, user: User, name: str) -> TeamMember:
    """Say that she works on this with others."""
    check_earner(submission, user)
    if not submission.enrolment.version.teams:
        raise GuardError(_("This micro-credential is earned by each person alone."))
    if submission.enrolment.state != Joined.ACTIVE:
        raise GuardError(_("You do not work on this micro-credential any more."))
    problem = text_problem(name, NAME_MAX) or ("" if name.strip() else _("Give your team a name."))
    if problem:
        raise GuardError(problem, {"name": [problem]})
    try:
        with transaction.atomic():
            team = Team.objects.create(version=submission.enrolment.version, name=name.strip())
            place = TeamMember.objects.create(
                team=team,
                user=user,
                email=user.email.lower(),
                enrolment=submission.enrolment,
                state=Place.JOINED,
            )
            _record("submissions.team_declared", place, user)
    except IntegrityError:
        raise GuardError(_("You are in a team for this already.")) from None
    return place


def invite_mate(place: TeamMember, user: User, email: str) -> TeamMember:
    """Ask somebody by mail. She decides herself, and joins with a submission of her own."""
    _check_member(place, user)
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        words = _("Enter a whole e-mail address.")
        raise GuardError(words, {"email": [words]}) from None
    with transaction.atomic():
        team = Team.objects.select_for_update().get(pk=place.team_id)
        rows = TeamMember.objects.filter(team=team)
        problem = ""
        if rows.filter(email=address, state__in=[Place.INVITED, Place.JOINED]).exists():
            problem = _("This address is invited or in the team already.")
        elif (
            rows.filter(state__in=[Place.INVITED, Place.JOINED]).count() >= MOST or rows.count() >= MOST_ASKED
        ):
            problem = _("A team has at most %d people.") % MOST
        if problem:
            raise GuardError(problem, {"email": [problem]})
        asked = TeamMember.objects.create(team=team, email=address, invited_by=user)
        _record("submissions.team_invited", asked, user)
    return asked


def accept_place(place: TeamMember, user: User) -> Submission:
    """Join, and enrol in the same version where she has not yet: one click. Only whoever holds the invited address."""
    _check_addressee(place, user)
    version = place.team.version
    unit = version.micro_credential
    existing = current_attempt(user, unit)
    pinned = existing.enrolment.version_id if existing else unit.current_id
    if pinned != version.pk:
        raise GuardError(
            _("This team works on another version of the micro-credential than you can join with.")
        )
    if existing and existing.enrolment.state != Joined.ACTIVE:
        raise GuardError(_("You have earned this micro-credential already."))
    try:
        with transaction.atomic():
            submission = existing or enrol(user, unit)
            _change(place, "accept", user, user=user, enrolment=submission.enrolment)
    except IntegrityError:
        raise GuardError(_("You are in a team for this already.")) from None
    return submission


def decline_place(place: TeamMember, user: User) -> None:
    """No, thank you."""
    _check_addressee(place, user)
    _change(place, "decline", user)


def leave_team(place: TeamMember, user: User) -> None:
    """Go on alone. What others took stays with them, and what she took stays with her, as what it is."""
    _check_member(place, user)
    _change(place, "leave", user)


def share(artifact: Artifact, user: User) -> None:
    """Let the team use a piece of hers."""
    check_earner(artifact.submission, user)
    place = place_of(artifact.submission.enrolment)
    if place is None:
        raise GuardError(_("Declare your team first."))
    with transaction.atomic():
        lock_draft(artifact.submission)
        ready = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.READY, team=None)
        if not ready.update(team=place.team_id):
            raise GuardError(_("This piece is shared already, or not ready to be shared."))
        _record("submissions.artifact_shared", place, user, artifact=str(artifact.pk))


def unshare(artifact: Artifact, user: User) -> None:
    """Take it back from the team, as long as nobody has taken it."""
    check_earner(artifact.submission, user)
    place = place_of(artifact.submission.enrolment)
    with transaction.atomic():
        lock_draft(artifact.submission)
        taken = Artifact.objects.filter(reused_from=artifact, team=artifact.team_id).exists()
        foreign = artifact.reused_from is not None and artifact.reused_from.team_id == artifact.team_id
        if taken or foreign or place is None:
            raise GuardError(_("A team mate uses this piece, so it stays the team's."))
        Artifact.objects.filter(pk=artifact.pk).update(team=None)
        _record("submissions.artifact_unshared", place, user, artifact=str(artifact.pk))


def take_shared(submission: Submission, user: User, artifact: Artifact, *, requirement: str) -> Artifact:
    """Use what a team mate shared: the same content, and everybody is told that it is the team's."""
    check_place(submission, user, requirement, (), "")
    place = place_of(submission.enrolment)
    if place is None or not shared_with(place).filter(pk=artifact.pk).exists():
        raise GuardError(_("Nobody shares this piece with you."))
    with transaction.atomic():
        new = place_again(submission, artifact, requirement, team_id=place.team_id)
        _record("submissions.artifact_taken", place, user, artifact=str(new.pk))
    return new


def _check_member(place: TeamMember, user: User) -> None:
    if place.user_id != user.pk or place.state != Place.JOINED:
        raise PermissionDenied


def _check_addressee(place: TeamMember, user: User) -> None:
    mine = EmailAddress.objects.filter(user=user, email__iexact=place.email, verified=True)
    if not mine.exists():
        raise GuardError(
            _(
                "This invitation was sent to another address. Add and verify that address in your account first."
            )
        )


def _change(place: TeamMember, verb: str, actor: User, **fields: Any) -> None:
    frm, to, kind = PLACES[verb]
    issuer = place.team.version.micro_credential.issuer_id
    try:
        change(place, kind, frm=frm, to=to, actor=actor, organisation_id=issuer, **fields)
    except TransitionError as error:
        raise TransitionError(_("This invitation was answered already."), state=error.state) from error


def _record(kind: str, place: TeamMember, user: User, **data: str) -> None:
    issuer = place.team.version.micro_credential.issuer_id
    record(kind, place, actor=user, organisation_id=issuer, data={"team": str(place.team_id), **data})
