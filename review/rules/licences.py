"""Who builds anchors, whose work may become one, and which of them an assessor is given."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from accounts.models import User
from accounts.rules import Person, Role, organisations_of
from catalog.models import Version
from review.models import Anchor, Assignment, Calibration, Check, Licence, Permission
from review.queries import policy_of
from review.rules.reading import (
    BUILDERS,
    IN_FORCE,
    anchors_apart_from,
    anchors_known_to,
    calibrated_versions,
    people_close_to,
    uninvolved,
)
from review.rules.staffing import people_with
from submissions.models import Submission
from submissions.models.consent import Purpose
from submissions.rules import covered_whole

DECIDED = [Submission.State.EARNED, Submission.State.NOT_YET]
COOLING = timedelta(days=7)  # until a set may be scored again where there is nothing to practise on
ISSUER = "submission__enrolment__micro_credential__issuer"


def builds_anchors(user: Person) -> frozenset[UUID]:
    """The issuers for which `user` builds calibration sets."""
    return organisations_of(user, BUILDERS)


def anchors_kept_by(user: Person) -> QuerySet[Anchor]:
    """Anchors of her issuers, unless she is close to whose work it was."""
    issuers = builds_anchors(user)
    if not isinstance(user, User) or not issuers:
        return Anchor.objects.none()
    kept = Anchor.objects.filter(version__micro_credential__issuer__in=issuers)
    return kept.exclude(source__enrolment__earner__in=people_close_to(user))


def permissions_kept_by(user: Person) -> QuerySet[Permission]:
    """What her issuers asked educators for."""
    issuers = builds_anchors(user)
    if not isinstance(user, User) or not issuers:
        return Permission.objects.none()
    asked = Permission.objects.filter(**{f"{ISSUER}__in": issuers})
    return asked.exclude(submission__enrolment__earner__in=people_close_to(user))


def own_permissions(user: Person) -> QuerySet[Permission]:
    """What she was asked herself."""
    return (
        Permission.objects.filter(submission__enrolment__earner=user.pk)
        if user.pk
        else Permission.objects.none()
    )


def askable(user: Person) -> QuerySet[Submission]:
    """Decided attempts of her issuers that nobody asked about yet, of people who are still here.

    None with a team's evidence: one of them cannot allow it for the others, and a copy without its team would tell.
    """
    issuers = builds_anchors(user)
    if not isinstance(user, User) or not issuers:
        return Submission.objects.none()
    return uninvolved(user).filter(
        anchor=False, state__in=DECIDED, permission=None, enrolment__earner__closed_at=None,
        enrolment__micro_credential__issuer__in=issuers,
    ).exclude(artifacts__team__isnull=False).exclude(contribution__gt="")  # fmt: skip


def own_calibrations(user: Person) -> QuerySet[Calibration]:
    """Her own runs."""
    return Calibration.objects.filter(assessor=user.pk) if user.pk else Calibration.objects.none()


def figures_read_by(user: Person) -> frozenset[UUID]:
    """The issuers whose approver she is: she alone reads how far each assessor agrees with the anchors."""
    return organisations_of(user, [Role.APPROVER])


def licences_kept_by(user: Person) -> QuerySet[Licence]:
    """Licences at her issuers, for approvers."""
    return Licence.objects.filter(version__micro_credential__issuer__in=figures_read_by(user))


def versions_scored_by(user: Person) -> QuerySet[Version]:
    """What an assessor scores: what is open at her issuers now, and what has anchors or a licence of hers."""
    mine = Q(micro_credential__issuer__in=organisations_of(user, [Role.ASSESSOR]))
    now = Q(micro_credential__current=F("pk"))
    anchored = Q(pk__in=Anchor.objects.filter(state=Anchor.State.READY).values("version"))
    licensed = Q(pk__in=Licence.objects.filter(assessor=user.pk).values("version"))
    return Version.objects.filter(mine).filter(now | anchored | licensed)


def usable(anchor: Anchor) -> bool:
    """Whether all of its evidence may be used for calibration now."""
    return covered_whole(anchor.submission, Purpose.CALIBRATION)


def answers_seen_by(user: User) -> QuerySet[Anchor]:
    """Anchors whose true scores were shown to her after a run."""
    runs = Assignment.objects.filter(assessor=user, calibration__state=Calibration.State.COMPLETED)
    return Anchor.objects.filter(submission__in=runs.values("submission"))


def qualifying_set(user: User, version: Version) -> list[Anchor]:
    """The anchors she would be given to qualify, none where she has to practise or to wait first.

    Anchors whose answers she has not seen, those quite unknown to her first. Once there are too few of them the set
    is given again, after she has practised; where there is nothing to practise on, after a week.
    """
    needed = policy_of(version.micro_credential.issuer_id).anchors_needed
    there = _there(user, version, Anchor.Use.CALIBRATION)
    seen = set(answers_seen_by(user).values_list("pk", flat=True))
    fresh = [one for one in there if one.pk not in seen]
    if len(fresh) >= min(needed, len(there)) or _may_repeat(user, version):
        return sorted(there, key=lambda one: one.pk in seen)[:needed]
    return []


def practice_set(user: User, version: Version) -> list[Anchor]:
    """What she may practise on, what she has not seen yet first."""
    seen = set(answers_seen_by(user).values_list("pk", flat=True))
    there = _there(user, version, Anchor.Use.PRACTICE)
    needed = policy_of(version.micro_credential.issuer_id).anchors_needed
    return sorted(there, key=lambda one: one.pk in seen)[:needed]


def _there(user: User, version: Version, use: str) -> list[Anchor]:
    known = set(anchors_known_to(user).filter(version=version).values_list("pk", flat=True))
    ready = Anchor.objects.filter(version=version, state=Anchor.State.READY, use=use)
    rows = ready.exclude(pk__in=anchors_apart_from(user)).select_related("submission")
    return sorted((one for one in rows if usable(one)), key=lambda one: one.pk in known)


def _may_repeat(user: User, version: Version) -> bool:
    runs = Calibration.objects.filter(assessor=user, version=version, state=Calibration.State.COMPLETED)
    last = runs.filter(kind=Calibration.Kind.QUALIFYING).order_by("-completed_at").first()
    if last is None or last.completed_at is None:
        return True
    if runs.filter(kind=Calibration.Kind.PRACTICE, completed_at__gt=last.completed_at).exists():
        return True
    rested = last.completed_at < timezone.now() - COOLING
    return rested and not _there(user, version, Anchor.Use.PRACTICE)


def blind_for(anchor: Anchor) -> bool:
    """Whether an assessor of its issuer could read it in the queue without knowing it: nobody else may be given it."""
    version = anchor.version
    people = people_with(version.micro_credential.issuer_id, Role.ASSESSOR)
    if calibrated_versions().filter(pk=version.pk).exists():
        people = people.filter(licences__version=version, licences__state__in=IN_FORCE)
    held = Assignment.objects.filter(assessment__anchor=anchor).values("assessor")
    return any(not anchors_known_to(one).filter(pk=anchor.pk).exists() for one in people.exclude(pk__in=held))


def checks_of(issuers: frozenset[UUID]) -> QuerySet[Check]:
    """Checks at these issuers."""
    return Check.objects.filter(version__micro_credential__issuer__in=issuers)
