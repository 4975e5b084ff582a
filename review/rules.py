"""Who may score what, and who may read what was scored."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.rules import Person, Role, organisations_of, people_apart_from
from review.models import Assignment
from submissions.models import Submission

State = Assignment.State
KNOWN = [Assignment.Reason.KNOWS, Assignment.Reason.CONFLICT]


def assessable_by(user: Person) -> QuerySet[Submission]:
    """What `user` may score at all, in any state: her issuers' work, never her own or of people close to her.

    Whoever stepped back once stays away: from that enrolment for any reason, from everything of that person where
    she knows them or has a conflict.
    """
    if not isinstance(user, User):
        return Submission.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR])
    if not issuers:
        return Submission.objects.none()
    recused = Assignment.objects.filter(assessor=user, state=State.RECUSED)
    return (
        Submission.objects.filter(enrolment__micro_credential__issuer__in=issuers)
        .exclude(enrolment__earner=user.pk)
        .exclude(enrolment__earner__in=people_apart_from(user))
        .exclude(enrolment__in=recused.values("submission__enrolment"))
        .exclude(
            enrolment__earner__in=recused.filter(reason__in=KNOWN).values("submission__enrolment__earner")
        )
    )


def queue_for(user: Person) -> QuerySet[Submission]:
    """What `user` may claim now."""
    return assessable_by(user).filter(state=Submission.State.SUBMITTED)


def may_assess(user: Person, submission: Submission) -> bool:
    """Whether `user` may score this submission, whatever state it is in."""
    return assessable_by(user).filter(pk=submission.pk).exists()


def assignments_visible_to(user: Person) -> QuerySet[Assignment]:
    """One's own, and for approvers what was completed at their issuers; never about oneself or people close to one."""
    if not isinstance(user, User):
        return Assignment.objects.none()
    visible = Q(assessor=user.pk)
    if issuers := organisations_of(user, [Role.APPROVER]):
        completed = Assignment.objects.filter(
            state=State.COMPLETED, submission__enrolment__micro_credential__issuer__in=issuers
        )
        apart = Q(submission__enrolment__earner=user.pk) | Q(
            submission__enrolment__earner__in=people_apart_from(user)
        )
        visible |= Q(pk__in=completed.exclude(apart).values("pk"))
    return Assignment.objects.filter(visible)


def own_assignments(user: Person) -> QuerySet[Assignment]:
    """What `user` holds and held herself."""
    return Assignment.objects.filter(assessor=user.pk) if user.pk else Assignment.objects.none()


def may_open_evidence(user: Person, assignment: Assignment) -> bool:
    """The assessor while the claim is hers and nothing stands between; later who reads completed reviews for the issuer.

    A role that ended or a relation that came up after the claim closes the evidence at once.
    """
    if assignment.assessor_id == getattr(user, "pk", None):
        return assignment.state == State.CLAIMED and may_assess(user, assignment.submission)
    return assignment.state == State.COMPLETED and reads_completed(user)


def may_write(user: Person, assignment: Assignment) -> bool:
    """Her own claim, with the evidence open to her."""
    return assignment.assessor_id == getattr(user, "pk", None) and may_open_evidence(user, assignment)


def reads_completed(user: Person) -> bool:
    """Approvers read the completed reviews of their issuers."""
    return bool(organisations_of(user, [Role.APPROVER]))
