"""Who may see and change enrolments and attempts: the earner, and nobody else in this room."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet

from accounts.models import Membership, Organisation, Relation, User
from accounts.rules import organisations_of
from submissions import coverage
from submissions.models import (
    Artifact,
    Consent,
    Conversation,
    Enrolment,
    SchoolClass,
    Submission,
    TeamMember,
    Upload,
)
from submissions.models.consent import Purpose
from submissions.models.policy import Policy

Person = User | AnonymousUser


def enrolments_visible_to(user: Person) -> QuerySet[Enrolment]:
    """The earner's own."""
    return Enrolment.objects.filter(earner=user.pk) if user.pk else Enrolment.objects.none()


def submissions_visible_to(user: Person) -> QuerySet[Submission]:
    """The earner's own attempts, earlier ones too; assessors come through the review room."""
    return Submission.objects.filter(enrolment__earner=user.pk) if user.pk else Submission.objects.none()


def artifacts_visible_to(user: Person) -> QuerySet[Artifact]:
    """What the earner herself attached."""
    return (
        Artifact.objects.filter(submission__enrolment__earner=user.pk) if user.pk else Artifact.objects.none()
    )


def library_of(user: Person, submission: Submission) -> QuerySet[Artifact]:
    """Her own ready evidence from other micro-credentials, to be used again in this attempt; what a mate made is the team's."""
    mine = artifacts_visible_to(user).filter(state=Artifact.State.READY)
    mine = mine.exclude(~Q(content__owner=user.pk), content__isnull=False)
    mine = mine.exclude(team__isnull=False, reused_from__team__isnull=False)
    return mine.exclude(submission__enrolment=submission.enrolment_id)


def place_of(enrolment: Enrolment) -> TeamMember | None:
    """Her place in a team, where she joined one."""
    rows = TeamMember.objects.filter(enrolment=enrolment, state=TeamMember.State.JOINED)
    return rows.select_related("team__version__micro_credential").first()


def shared_with(place: TeamMember) -> QuerySet[Artifact]:
    """What those who are in the team now share with it; neither what they took themselves nor anything else of theirs."""
    members = TeamMember.objects.filter(team=place.team_id, state=TeamMember.State.JOINED)
    return (
        Artifact.objects.filter(team=place.team_id, state=Artifact.State.READY)
        .filter(submission__enrolment__in=members.exclude(pk=place.pk).values("enrolment"))
        .exclude(reused_from__team=place.team_id)
    )


def team_of(place: TeamMember | None) -> QuerySet[TeamMember]:
    """Who is in her team, or asked to join."""
    there = [TeamMember.State.JOINED, TeamMember.State.INVITED]
    if place is None:
        return TeamMember.objects.none()
    return TeamMember.objects.filter(team=place.team_id, state__in=there).select_related("user")


def open_places() -> QuerySet[TeamMember]:
    """What whoever holds an invitation's unguessable address may read; accepting needs the invited address."""
    invited = TeamMember.objects.filter(state=TeamMember.State.INVITED)
    return invited.select_related("team__version__micro_credential__issuer", "invited_by")


def classes_visible_to(user: Person) -> QuerySet[SchoolClass]:
    """Her own classes: which pupils gave a form is nobody else's business."""
    return SchoolClass.objects.filter(owner=user.pk) if user.pk else SchoolClass.objects.none()


def consents_of(code: str) -> QuerySet[Consent]:
    """What whoever holds the code on a form may read and stop."""
    return Consent.objects.filter(code=code) if code else Consent.objects.none()


def covered(artifact: Artifact, purpose: str = Purpose.ASSESSMENT) -> bool:
    """Whether this may be used for `purpose` now: everybody recognisable in it is covered. Every use asks here first."""
    return bool(covered_among([artifact], purpose))


def covered_among(artifacts: Collection[Artifact], purpose: str = Purpose.ASSESSMENT) -> set[UUID]:
    """The ids of those that may be used for `purpose`, with one look at the classes they name."""
    said = [one for one in artifacts if one.coverage == Artifact.Coverage.COVERED]
    ids = {name for one in said for name in one.classes}
    known = coverage.registers(SchoolClass.objects.filter(pk__in=ids)) if ids else {}
    return {
        one.pk
        for one in artifacts
        if one.state not in coverage.CLOSED and not coverage.gap(one, purpose, known)
    }


def covered_whole(submission: Submission, purpose: str) -> bool:
    """Whether all that was handed in with an attempt is still there and may be used for `purpose` now."""
    rows = list(Artifact.objects.filter(submission=submission).exclude(state=Artifact.State.REJECTED))
    return all(row.state == Artifact.State.READY for row in rows) and len(
        covered_among(rows, purpose)
    ) == len(rows)


def uploads_visible_to(user: Person) -> QuerySet[Upload]:
    """What she herself is sending."""
    return Upload.objects.filter(owner=user.pk) if user.pk else Upload.objects.none()


def policy_of(organisation: Organisation) -> Policy:
    """What an issuer decided about evidence; the defaults, not stored, where it decided nothing."""
    return Policy.objects.filter(organisation=organisation).first() or Policy(organisation=organisation)


def is_earner(user: Person, submission: Submission) -> bool:
    """Whether this attempt is hers."""
    return user.pk is not None and submission.enrolment.earner_id == user.pk


def coaches_of(enrolment: Enrolment) -> QuerySet[User]:
    """Who may coach this educator: coaches of the issuer and of her own organisations, and whoever is related to her so.

    Nobody who assesses or approves for the issuer: she would learn whose work it is. A coach by relation stays apart anyway.
    """
    active = Membership.objects.filter(state=Membership.State.ACTIVE)
    hers = active.filter(user=enrolment.earner_id)
    places = (
        Q(organisation=enrolment.micro_credential.issuer_id)
        | Q(organisation__in=hers.values("organisation"))
        | Q(organisation__in=hers.values("organisation__parent"))
    )
    reads = active.filter(
        organisation=enrolment.micro_credential.issuer_id,
        role__in=[Membership.Role.ASSESSOR, Membership.Role.APPROVER],
    )
    related = Relation.objects.filter(of=enrolment.earner_id, kind=Relation.Kind.COACHES).values("person")
    named = active.filter(places, role=Membership.Role.COACH).exclude(user__in=reads.values("user"))
    people = User.objects.filter(Q(pk__in=named.values("user")) | Q(pk__in=related))
    return people.filter(is_active=True, closed_at=None).exclude(pk=enrolment.earner_id)


def conversations_visible_to(user: Person) -> QuerySet[Conversation]:
    """The two who hold it; while nobody has taken it, every coach who could (as `coaches_of` says)."""
    if not isinstance(user, User):
        return Conversation.objects.none()
    at = organisations_of(user, [Membership.Role.COACH])
    reads = organisations_of(user, [Membership.Role.ASSESSOR, Membership.Role.APPROVER])
    near = Membership.objects.filter(
        Q(organisation__in=at) | Q(organisation__parent__in=at), state=Membership.State.ACTIVE
    )
    named = Q(enrolment__micro_credential__issuer__in=at) | Q(enrolment__earner__in=near.values("user"))
    related = Relation.objects.filter(person=user, kind=Relation.Kind.COACHES).values("of")
    may = (named & ~Q(enrolment__micro_credential__issuer__in=reads)) | Q(enrolment__earner__in=related)
    asked = Q(state=Conversation.State.ASKED) & may
    return Conversation.objects.filter(Q(enrolment__earner=user) | Q(coach=user) | asked)


def coaches(user: Person) -> bool:
    """Whether this person coaches anybody at all."""
    if not isinstance(user, User):
        return False
    related = Relation.objects.filter(person=user, kind=Relation.Kind.COACHES)
    return bool(organisations_of(user, [Membership.Role.COACH])) or related.exists()
