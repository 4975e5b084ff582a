"""Who may score what, and who may read what was scored."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models import User
from accounts.rules import Person, Role, districtmates, organisations_of, people_apart_from
from catalog.models import Version
from review.models import Anchor, Assessment, AssessmentPolicy, Assignment, Case, Check, Licence, Unblinding
from submissions.models import Conversation, Submission, TeamMember

State = Assignment.State
KNOWN = [Assignment.Reason.KNOWS, Assignment.Reason.CONFLICT]
IN_FORCE = [Licence.State.QUALIFIED, Licence.State.PAUSED]


def people_close_to(user: User) -> QuerySet[User]:
    """Whose work `user` never assesses, adjudicates, unblinds or hears an appeal about, whichever organisation issues.

    Relations and schools, and what this program knows itself: a team they share, a conversation as a coach.
    """
    teams = TeamMember.objects.filter(user=user, state=TeamMember.State.JOINED).values("team")
    mates = TeamMember.objects.filter(team__in=teams, state=TeamMember.State.JOINED).values("user")
    coached = Conversation.objects.filter(coach=user).values("enrolment__earner")
    return User.objects.filter(
        Q(pk=user.pk) | Q(pk__in=people_apart_from(user)) | Q(pk__in=mates) | Q(pk__in=coached)
    )


def uninvolved(user: User) -> QuerySet[Submission]:
    """Attempts of people `user` is not close to, and whose author she has not looked up.

    Nobody of the educator's district where the issuer says so, or where she asked for that herself.
    """
    apart = AssessmentPolicy.objects.filter(same_district=True).values("organisation")
    near = Q(enrolment__micro_credential__issuer__in=apart) | Q(outside=True)
    looked_up = Unblinding.objects.filter(by=user).values("submission__enrolment")
    return (
        Submission.objects.exclude(enrolment__earner__in=people_close_to(user))
        .exclude(near, enrolment__earner__in=districtmates(user))
        .exclude(enrolment__in=looked_up)
    )


def calibrated_versions() -> QuerySet[Version]:
    """Versions whose assessors must qualify: the issuer wants it and there are enough anchors. Before that, founding
    assessors score unlicensed."""
    policy = AssessmentPolicy.objects.filter(organisation=OuterRef("version__micro_credential__issuer"))
    needed = (
        Anchor.objects.filter(state=Anchor.State.READY, use=Anchor.Use.CALIBRATION)
        .values("version")
        .annotate(
            there=Count("pk"),
            needed=Coalesce(Subquery(policy.values("anchors_needed")[:1]), 3),
            licensed=Coalesce(Subquery(policy.values("licensed_only")[:1]), True),
        )
        .filter(licensed=True, there__gte=F("needed"))
    )
    return Version.objects.filter(pk__in=needed.values("version"))


def anchors_known_to(user: User) -> QuerySet[Anchor]:
    """Anchors whose true scores, or whose source, `user` may know: they prove nothing about her any more."""
    return Anchor.objects.filter(
        Q(built_by=user)
        | Q(pk__in=Check.objects.filter(assessor=user).values("anchor"))
        | Q(submission__in=Assignment.objects.filter(assessor=user).values("submission"))
        | Q(source__enrolment__in=Assignment.objects.filter(assessor=user).values("submission__enrolment"))
        | Q(source__enrolment__earner__in=people_close_to(user))
    )


def assessable_by(user: Person) -> QuerySet[Submission]:
    """What `user` may score at all, in any state: her issuers' work she is qualified for, nobody's she is close to.

    Whoever asked or decided in a case about it stays away from that enrolment. Whoever stepped back once stays away:
    from that enrolment for any reason, from everything of that person where she knows them or has a conflict.
    """
    if not isinstance(user, User):
        return Submission.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR])
    if not issuers:
        return Submission.objects.none()
    recused = Assignment.objects.filter(assessor=user, state=State.RECUSED)
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user))
    licences = Licence.objects.filter(assessor=user, state__in=IN_FORCE)
    return (
        uninvolved(user)
        .filter(enrolment__micro_credential__issuer__in=issuers)
        .exclude(
            ~Q(enrolment__version__in=licences.values("version")),
            enrolment__version__in=calibrated_versions(),
        )
        .exclude(enrolment__in=recused.values("submission__enrolment"))
        .exclude(enrolment__in=cases.values("submission__enrolment"))
        .exclude(
            enrolment__earner__in=recused.filter(reason__in=KNOWN, submission__anchor=False).values(
                "submission__enrolment__earner"
            )
        )
        .exclude(
            anchor=True,
            pk__in=Assessment.objects.filter(anchor__in=anchors_known_to(user)).values("submission"),
        )
    )


def queue_for(user: Person) -> QuerySet[Assessment]:
    """What `user` may claim now: a reading nobody has taken, not one she gave already, not what is kept for another."""
    if not isinstance(user, User):
        return Assessment.objects.none()
    read = Assignment.objects.filter(assessor=user, state__in=[State.CLAIMED, State.COMPLETED])
    kept = Q(reserved_until__gt=timezone.now()) & ~Q(reserved_for=user)
    return (
        Assessment.objects.filter(state=Assessment.State.OPEN, places__gt=0)
        .filter(issuer__in=organisations_of(user, [Role.ASSESSOR]))
        .filter(submission__in=assessable_by(user))
        .exclude(pk__in=read.filter(assessment__isnull=False).values("assessment"))
        .exclude(kept, reserved_for__isnull=False)
    )


def may_assess(user: Person, submission: Submission) -> bool:
    """Whether `user` may score this submission, whatever state it is in."""
    return assessable_by(user).filter(pk=submission.pk).exists()


def is_paused(user: User, version_id: UUID) -> bool:
    """Whether her reviews of this version always get a second reading now."""
    return Licence.objects.filter(assessor=user, version=version_id, state=Licence.State.PAUSED).exists()


def assignments_visible_to(user: Person) -> QuerySet[Assignment]:
    """One's own, and for approvers what is settled at their issuers; never about oneself or people close to one.

    Before it is settled nobody reads another's reading: whoever still may give the second one, or adjudicate, sees none.
    """
    if not isinstance(user, User):
        return Assignment.objects.none()
    visible = Q(assessor=user.pk)
    if issuers := organisations_of(user, [Role.APPROVER]):
        completed = Assignment.objects.filter(
            state=State.COMPLETED,
            assessment__state=Assessment.State.DECIDED,
            submission__anchor=False,
            submission__enrolment__micro_credential__issuer__in=issuers,
        ).exclude(submission__enrolment__earner__in=people_close_to(user))
        visible |= Q(pk__in=completed.values("pk"))
    return Assignment.objects.filter(visible)


def own_assignments(user: Person) -> QuerySet[Assignment]:
    """What `user` holds and held herself, calibration left out."""
    if not user.pk:
        return Assignment.objects.none()
    return Assignment.objects.filter(assessor=user.pk).exclude(role=Assignment.Role.CALIBRATION)


def may_open_evidence(user: Person, assignment: Assignment) -> bool:
    """The assessor while the claim is hers and nothing stands between; later who reads completed reviews for the issuer.

    A role that ended or a relation that came up after the claim closes the evidence at once.
    """
    if assignment.assessor_id == getattr(user, "pk", None):
        return assignment.state == State.CLAIMED and may_go_on(user, assignment)
    return assignment.state == State.COMPLETED and reads_completed(user)


def may_go_on(user: Person, assignment: Assignment) -> bool:
    """Whether nothing came between her and a claim she holds. An approver adjudicates what she may adjudicate."""
    if assignment.role == Assignment.Role.ADJUDICATION and assignment.assessment_id:
        return adjudicable_by(user).filter(pk=assignment.assessment_id).exists()
    if assignment.role == Assignment.Role.CALIBRATION:
        return assignment.state == State.CLAIMED
    return may_assess(user, assignment.submission)


def adjudicable_by(user: Person) -> QuerySet[Assessment]:
    """Assessments whose two readings differ, for an approver who read no attempt of it and is close to nobody concerned.

    Whoever stepped back stays away: from that enrolment for any reason, from everything of a person she knows.
    """
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Assessment.objects.none()
    recused = Assignment.objects.filter(assessor=user, state=State.RECUSED)
    read = Assignment.objects.filter(assessor=user).exclude(role=Assignment.Role.ADJUDICATION) | recused
    known = recused.filter(reason__in=KNOWN, submission__anchor=False)
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user))
    return (
        Assessment.objects.filter(
            state=Assessment.State.ADJUDICATION, issuer__in=issuers, submission__in=uninvolved(user)
        )
        .exclude(submission__enrolment__in=read.values("submission__enrolment"))
        .exclude(submission__enrolment__earner__in=known.values("submission__enrolment__earner"))
        .exclude(submission__enrolment__in=cases.values("submission__enrolment"))
    )


def may_write(user: Person, assignment: Assignment) -> bool:
    """Her own claim, with the evidence open to her."""
    return assignment.assessor_id == getattr(user, "pk", None) and may_open_evidence(user, assignment)


def reads_completed(user: Person) -> bool:
    """Approvers read the completed reviews of their issuers."""
    return bool(organisations_of(user, [Role.APPROVER]))
