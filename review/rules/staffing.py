"""Who is there to assess: for one attempt, and for an issuer's policy as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from accounts.rules import Person, Role, administers, organisations_of
from review.models import Absence, Assessment, AssessmentPolicy, Assignment
from review.rules.reading import barred_from, has_fresh_eyes, may_assess, uninvolved, unqualified_for

State = Assignment.State


def people_with(organisation_id: object, *roles: str) -> QuerySet[User]:
    """Who holds one of these roles there now."""
    held = Membership.objects.filter(
        organisation=organisation_id,  # type: ignore[misc]
        role__in=roles,
        state=Membership.State.ACTIVE,
    )
    return User.objects.filter(pk__in=held.values("user"), is_active=True)


def eligible_for(assessment: Assessment, *, present: bool = False) -> Iterator[User]:
    """The assessors who could take this reading now, the first found first; `present` leaves out who is away."""
    read = Assignment.objects.filter(assessment=assessment, state__in=[State.CLAIMED, State.COMPLETED])
    people = people_with(assessment.issuer_id, Role.ASSESSOR).exclude(pk__in=read.values("assessor"))
    if present:
        people = people.exclude(pk__in=Absence.objects.filter(until__gte=timezone.localdate()).values("user"))
    for user in people.order_by("pk").iterator():
        if may_assess(user, assessment.submission) and has_fresh_eyes(user, assessment):
            yield user


def eligible_among(rows: Collection[Assessment]) -> dict[UUID, list[User]]:
    """The same for a page of them: what keeps an assessor away is looked up once for each, not for each row."""
    found: dict[UUID, list[User]] = {row.pk: [] for row in rows}
    waiting = Assessment.objects.filter(pk__in=list(found))
    held = Membership.objects.filter(
        organisation__in={row.issuer_id for row in rows},
        role=Role.ASSESSOR,
        state=Membership.State.ACTIVE,
        user__is_active=True,
    )
    for user in User.objects.filter(pk__in=held.values("user")).order_by("pk"):
        issuers = organisations_of(user, [Role.ASSESSOR])
        barred, unqualified = set(barred_from(user, waiting)), set(unqualified_for(user))
        for row in rows:
            if row.issuer_id in issuers and row.pk not in barred and row.version_id not in unqualified:
                found[row.pk].append(user)
    return found


def anybody_for(assessment: Assessment) -> bool:
    """Whether at least one person may take this reading."""
    return next(eligible_for(assessment), None) is not None


def absence_of(user: User) -> Absence | None:
    """Her own, while she is away."""
    return Absence.objects.filter(user=user).first()


def assessments_managed_by(user: Person) -> QuerySet[Assessment]:
    """What waits at the issuers whose approver `user` is, blind copies of anchors left out.

    Never her own work nor that of people she is close to: she would learn who reads it, and choose. What she reads herself
    only once nobody is left for the second reading, which she would otherwise learn of here.
    """
    issuers = organisations_of(user, [Role.APPROVER])
    if not isinstance(user, User) or not issuers:
        return Assessment.objects.none()
    waiting = Assessment.objects.filter(issuer__in=issuers, state=Assessment.State.OPEN, anchor=None)
    read = Assignment.objects.filter(
        assessor=user, state__in=[State.CLAIMED, State.COMPLETED], assessment__isnull=False
    )
    return waiting.filter(submission__in=uninvolved(user)).exclude(
        pk__in=read.values("assessment"), nobody_at=None
    )


def policies_managed_by(user: Person) -> QuerySet[Organisation]:
    """Issuers whose assessment policy `user` sets: their admins and approvers."""
    issuers = Organisation.objects.filter(issues=True)
    if getattr(user, "is_superuser", False):
        return issuers
    approves = organisations_of(user, [Role.APPROVER, Role.ADMIN, Role.DISTRICT_ADMIN])
    return issuers.filter(Q(pk__in=approves) | Q(parent__in=approves))


def may_set_policy(user: Person, organisation: Organisation) -> bool:
    """Its admins; approvers read it."""
    return administers(user, organisation)


@dataclass(frozen=True)
class Staffing:
    """What a policy needs and who is there. One person may hold both roles but never both parts in one attempt."""

    readers: int
    approvers: int
    have_readers: int
    have_approvers: int
    have: int

    @property
    def need(self) -> int:
        return self.readers + self.approvers

    @property
    def enough(self) -> bool:
        """Every seat can be filled by a person of its own (Hall's condition for two kinds of seat)."""
        return (
            self.have_readers >= self.readers
            and self.have_approvers >= self.approvers
            and self.have >= self.need
        )

    @property
    def missing(self) -> int:
        """How many people more it takes at least."""
        seats = (self.readers - self.have_readers, self.approvers - self.have_approvers)
        return max(self.need - self.have, *seats, 0)


def staffing(organisation: Organisation, policy: AssessmentPolicy) -> Staffing:
    """Readers for the first attempt and, with fresh eyes, for the next; approvers to adjudicate and to hear an appeal.

    Whoever read does not adjudicate, and whoever did either does not hear the appeal.
    """
    readings = 2 if policy.double_first or policy.double_rate else 1
    fresh = policy.returning == AssessmentPolicy.Returning.FRESH
    readers = set(people_with(organisation.pk, Role.ASSESSOR).values_list("pk", flat=True))
    approvers = set(people_with(organisation.pk, Role.APPROVER).values_list("pk", flat=True))
    return Staffing(
        readers=readings * (2 if fresh else 1),
        approvers=1 + (readings > 1),
        have_readers=len(readers),
        have_approvers=len(approvers),
        have=len(readers | approvers),
    )


def alternatives(organisation: Organisation) -> list[tuple[AssessmentPolicy, Staffing]]:
    """Policies the people there can keep, the strictest first; none where not even one reading and an appeal can be."""
    returning = AssessmentPolicy.Returning
    found = []
    for first, rate, who in (
        (10, 20, returning.FRESH),
        (10, 20, returning.SAME),
        (0, 0, returning.FRESH),
        (0, 0, returning.SAME),
    ):
        policy = AssessmentPolicy(
            organisation=organisation, double_first=first, double_rate=rate, returning=who
        )
        if (check := staffing(organisation, policy)).enough:
            found.append((policy, check))
    return found
