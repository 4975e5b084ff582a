"""Who hears an appeal, and who looks up a name."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from accounts.models import Organisation, User
from accounts.rules import Person, Role, administers, organisations_of
from review.models import Appeal, Assignment, Case, Unblinding
from review.rules.reading import people_close_to, uninvolved
from submissions.models import Submission


def own_appeals(user: Person) -> QuerySet[Appeal]:
    """What the educator herself appealed against."""
    return Appeal.objects.filter(submission__enrolment__earner=user.pk) if user.pk else Appeal.objects.none()


def appealable_by(user: Person) -> QuerySet[Submission]:
    """Her own decided attempts: whether an appeal is possible is said on the page."""
    decided = [Submission.State.NOT_YET, Submission.State.EARNED]
    if not user.pk:
        return Submission.objects.none()
    return Submission.objects.filter(enrolment__earner=user.pk, state__in=decided)


def appeals_visible_to(user: Person) -> QuerySet[Appeal]:
    """For the approvers of the issuer, unless they stand close to the educator."""
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Appeal.objects.none()
    appeals = Appeal.objects.filter(submission__enrolment__micro_credential__issuer__in=issuers)
    return appeals.exclude(submission__enrolment__earner__in=people_close_to(user))


def may_answer(user: Person, appeal: Appeal) -> bool:
    """Uninvolved: read or adjudicated no attempt of it, opened and decided no case, looked up no name, close to nobody."""
    if not isinstance(user, User):
        return False
    enrolment = appeal.submission.enrolment_id
    read = Assignment.objects.filter(submission__enrolment=enrolment, assessor=user)
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user), submission__enrolment=enrolment)
    return (
        appeals_visible_to(user).filter(pk=appeal.pk).exists()
        and uninvolved(user).filter(pk=appeal.submission_id).exists()
        and not read.exists()
        and not cases.exists()
    )


def unblindable_by(user: Person) -> QuerySet[Submission]:
    """Attempts whose author an approver of the issuer may look up: close to nobody, and holding no claim on it now.

    What she has looked up already is among them, as long as she is an approver.
    """
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Submission.objects.none()
    known = Unblinding.objects.filter(by=user).values("submission")
    held = Assignment.objects.filter(assessor=user, state=Assignment.State.CLAIMED)
    return (
        Submission.objects.filter(enrolment__micro_credential__issuer__in=issuers, anchor=False)
        .exclude(state__in=[Submission.State.DRAFT, Submission.State.WITHDRAWN])
        .filter(Q(pk__in=uninvolved(user).values("pk")) | Q(pk__in=known))
        .exclude(enrolment__in=held.filter(submission__anchor=False).values("submission__enrolment"))
    )


def unblindings_of(user: Person, organisation: Organisation) -> QuerySet[Unblinding]:
    """Who looked up a name at this issuer, for its admins."""
    if not administers(user, organisation):
        return Unblinding.objects.none()
    return Unblinding.objects.filter(submission__enrolment__micro_credential__issuer=organisation)


def unblinding_of(user: User, submission: Submission) -> Unblinding | None:
    """Her own look at a name."""
    return Unblinding.objects.filter(submission=submission, by=user).first()
