"""Who looks into doubts about the integrity of a submission."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from accounts.rules import Person, Role, organisations_of, people_apart_from
from review.models import Assignment, Case
from submissions.models import Likeness, Submission


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
