"""Who may score what, and who may read what was scored."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import User
from accounts.rules import Person, Role, organisations_of, people_apart_from
from review.models import Assignment, Case
from submissions.models import Likeness, Submission

State = Assignment.State
KNOWN = [Assignment.Reason.KNOWS, Assignment.Reason.CONFLICT]


def assessable_by(user: Person) -> QuerySet[Submission]:
    """What `user` may score at all, in any state: her issuers' work, never her own or of people close to her.

    Whoever asked or decided in a case about it stays away from that enrolment. Whoever stepped back once stays away: from that enrolment for any reason, from everything of that person where
    she knows them or has a conflict.
    """
    if not isinstance(user, User):
        return Submission.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR])
    if not issuers:
        return Submission.objects.none()
    recused = Assignment.objects.filter(assessor=user, state=State.RECUSED)
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user))
    return (
        Submission.objects.filter(enrolment__micro_credential__issuer__in=issuers)
        .exclude(enrolment__earner=user.pk)
        .exclude(enrolment__earner__in=people_apart_from(user))
        .exclude(enrolment__in=recused.values("submission__enrolment"))
        .exclude(enrolment__in=cases.values("submission__enrolment"))
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


# --- likenesses and cases ---------------------------------------------------------------------------------


def likenesses_visible_to(user: Person) -> QuerySet[Likeness]:
    """For the approvers of the newer submission's issuer, unless they stand close to either author or assess it.

    What was taken back to be corrected is the educator's alone again.
    """
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Likeness.objects.none()
    close = [user.pk, *people_apart_from(user).values_list("pk", flat=True)]
    mine = Assignment.objects.filter(assessor=user)
    return (
        Likeness.objects.filter(newer__submission__enrolment__micro_credential__issuer__in=issuers)
        .exclude(newer__submission__state=Submission.State.DRAFT)
        .exclude(older__submission__state=Submission.State.DRAFT)
        .exclude(newer__submission__enrolment__earner__in=close)
        .exclude(older__submission__enrolment__earner__in=close)
        .exclude(newer__submission__enrolment__in=mine.values("submission__enrolment"))
    )


def cases_visible_to(user: Person) -> QuerySet[Case]:
    """For the approvers of the issuer, unless they stand close to the educator."""
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Case.objects.none()
    close = [user.pk, *people_apart_from(user).values_list("pk", flat=True)]
    cases = Case.objects.filter(submission__enrolment__micro_credential__issuer__in=issuers)
    return cases.exclude(submission__enrolment__earner__in=close)


def own_cases(user: Person) -> QuerySet[Case]:
    """What was asked of the educator herself."""
    return Case.objects.filter(submission__enrolment__earner=user.pk) if user.pk else Case.objects.none()


def may_decide(user: Person, case: Case) -> bool:
    """Uninvolved: neither opened it nor assessed any attempt of it, and close to nobody whose work is concerned."""
    if not isinstance(user, User) or case.opened_by_id == user.pk:
        return False
    assessed = Assignment.objects.filter(submission__enrolment=case.submission.enrolment_id, assessor=user)
    others = Likeness.objects.filter(newer__submission=case.submission_id, state=Likeness.State.CASE)
    close = others.filter(older__submission__enrolment__earner__in=[user, *people_apart_from(user)])
    visible = cases_visible_to(user).filter(pk=case.pk)
    return visible.exists() and not assessed.exists() and not close.exists()
