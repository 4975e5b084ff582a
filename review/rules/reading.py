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
from review.queries import policy_of
from review.queries.agreeing import rolling
from submissions.models import Conversation, Submission, TeamMember

State = Assignment.State
KNOWN = [Assignment.Reason.KNOWS, Assignment.Reason.CONFLICT]
BUILDERS = [Role.APPROVER, Role.AUTHOR]  # of anchors
IN_FORCE = [Licence.State.QUALIFIED, Licence.State.PAUSED]


def people_close_to(user: User) -> QuerySet[User]:
    """Whose work `user` never assesses, adjudicates, unblinds or hears an appeal about, whichever organisation issues.

    Relations and schools, and what this program knows itself: a team they share, a conversation as a coach. One union of
    short lists: as alternatives of one condition the database would look at every account.
    """
    teams = TeamMember.objects.filter(user=user, state=TeamMember.State.JOINED).values("team")
    mates = TeamMember.objects.filter(team__in=teams, state=TeamMember.State.JOINED, user__isnull=False)
    coached = Conversation.objects.filter(coach=user)
    close = people_apart_from(user).values_list("pk").order_by()
    return User.objects.filter(
        Q(
            pk__in=close.union(
                User.objects.filter(pk=user.pk).values_list("pk").order_by(),
                mates.values_list("user").order_by(),
                coached.values_list("enrolment__earner").order_by(),
            )
        )
    )


def involvements(user: User) -> list[Q]:
    """What keeps `user` from an attempt for whatever purpose: its author is close to her, or she looked her up.

    Or is of her district where the issuer says so, or where the educator asked for that herself.
    """
    apart = AssessmentPolicy.objects.filter(same_district=True).values("organisation")
    near = Q(enrolment__micro_credential__issuer__in=apart) | Q(outside=True)
    looked_up = Unblinding.objects.filter(by=user).values("submission__enrolment")
    return [
        Q(enrolment__earner__in=people_close_to(user)),
        near & Q(enrolment__earner__in=districtmates(user)),
        Q(enrolment__in=looked_up),
    ]


def uninvolved(user: User) -> QuerySet[Submission]:
    """Attempts that nothing keeps `user` from."""
    return _without(involvements(user))


def _without(conditions: list[Q]) -> QuerySet[Submission]:
    rows = Submission.objects.all()
    for condition in conditions:
        rows = rows.exclude(condition)
    return rows


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


def anchors_apart_from(user: User) -> QuerySet[Anchor]:
    """Anchors she must not read at all: what they were made from is work that `involvements` keeps from her."""
    apart = AssessmentPolicy.objects.filter(same_district=True).values("organisation")
    near = Q(version__micro_credential__issuer__in=apart) | Q(source__outside=True)
    looked_up = Unblinding.objects.filter(by=user).values("submission__enrolment")
    return Anchor.objects.filter(
        Q(source__enrolment__earner__in=people_close_to(user))
        | Q(source__enrolment__in=looked_up)
        | (near & Q(source__enrolment__earner__in=districtmates(user)))
    )


def anchors_known_to(user: User) -> QuerySet[Anchor]:
    """Anchors whose true scores, or whose source, `user` may know: they prove nothing about her any more.

    Whoever may build anchors for an issuer may know all of its anchors.
    """
    return Anchor.objects.filter(
        Q(built_by=user)
        | Q(version__micro_credential__issuer__in=organisations_of(user, BUILDERS))
        | Q(pk__in=Check.objects.filter(assessor=user).values("anchor"))
        | Q(submission__in=Assignment.objects.filter(assessor=user).values("submission"))
        | Q(source__enrolment__in=Assignment.objects.filter(assessor=user).values("submission__enrolment"))
        | Q(pk__in=anchors_apart_from(user))
    )


def _reasons(user: User, *, copies: bool = True) -> list[Q]:
    """What keeps an assessor from an attempt, besides qualification: each is true of few attempts. `copies`: of anchors, too.

    Whoever asked or decided in a case about it stays away from that enrolment. Whoever stepped back once stays away:
    from that enrolment for any reason, from everything of that person where she knows them or has a conflict.
    """
    recused = Assignment.objects.filter(assessor=user, state=State.RECUSED)
    knows = recused.filter(reason__in=KNOWN, submission__anchor=False)
    cases = Case.objects.filter(Q(opened_by=user) | Q(decided_by=user))
    reasons = [
        *involvements(user),
        Q(enrolment__in=recused.values("submission__enrolment")),
        Q(enrolment__in=cases.values("submission__enrolment")),
        Q(enrolment__earner__in=knows.values("submission__enrolment__earner")),
    ]
    if copies:
        seen = Assessment.objects.filter(anchor__in=anchors_known_to(user))
        reasons.append(Q(anchor=True, pk__in=seen.values("submission")))
    return reasons


def _unqualified_for(user: User) -> QuerySet[Version]:
    """Versions whose assessors must qualify, and she has not."""
    licences = Licence.objects.filter(assessor=user, state__in=IN_FORCE)
    return calibrated_versions().exclude(pk__in=licences.values("version"))


def unqualified_for(user: User) -> list[UUID]:
    """Ids of the versions she has to qualify for first."""
    return list(_unqualified_for(user).values_list("pk", flat=True))


def assessable_by(user: Person, *, founding: bool = False, copies: bool = True) -> QuerySet[Submission]:
    """What `user` may score at all, in any state: her issuers' work she is qualified for, nobody's she is close to.

    `founding`: whether she has qualified or not. Without `copies` it holds for real attempts only, and is found sooner.
    """
    if not isinstance(user, User):
        return Submission.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR])
    if not issuers:
        return Submission.objects.none()
    readable = _without(_reasons(user, copies=copies)).filter(enrolment__micro_credential__issuer__in=issuers)
    return readable if founding else readable.exclude(enrolment__version__in=_unqualified_for(user))


def issuers_assessed(user: Person) -> frozenset[UUID]:
    """Whose queues `user` takes from."""
    return organisations_of(user, [Role.ASSESSOR])


def queue_for(user: Person) -> QuerySet[Assessment]:
    """What `user` may claim now: a reading nobody has taken, not one she gave already, not what is kept for another.

    The same rule as `assessable_by`, asked the other way round: what she is kept from is looked up once, from the few
    people concerned, so that the queue is walked along its index however long it is and whatever stands at its head.
    """
    if not isinstance(user, User):
        return Assessment.objects.none()
    issuers = organisations_of(user, [Role.ASSESSOR])
    if not issuers:
        return Assessment.objects.none()
    now = timezone.now()
    waiting = Assessment.objects.filter(
        state=Assessment.State.OPEN, places__gt=0, issuer__in=issuers, entered_at__lte=now
    )
    kept = Q(reserved_until__gt=now) & ~Q(reserved_for=user)
    rows = waiting.exclude(kept, reserved_for__isnull=False)
    if given_out := list(assigning().filter(organisation__in=issuers)):
        rows = rows.exclude(~Q(reserved_for=user), issuer__in=given_out)
    if unqualified := unqualified_for(user):
        rows = rows.exclude(version__in=unqualified)
    if barred := barred_from(user, waiting):
        rows = rows.exclude(pk__in=barred)
    return rows


def barred_from(user: User, waiting: QuerySet[Assessment]) -> list[UUID]:
    """Which of `waiting` are not hers to read: what keeps her from them, and what she reads or has read already."""
    read = Assignment.objects.filter(assessor=user, state__in=[State.CLAIMED, State.COMPLETED])
    first, *others = (
        waiting.filter(submission__in=Submission.objects.filter(reason)).values_list("pk").order_by()
        for reason in _reasons(user)
    )
    mine = waiting.filter(pk__in=read.filter(assessment__isnull=False).values("assessment"))
    stale = waiting.filter(read_earlier(user)).values_list("pk").order_by()
    again = waiting.filter(met_before(user)).values_list("pk").order_by()
    return [pk for (pk,) in first.union(*others, mine.values_list("pk").order_by(), stale, again)]


def met_before(user: User) -> Q:
    """Copies of an anchor that `user` has held under another code: she meets each once."""
    met = Assignment.objects.filter(assessor=user, assessment__anchor__isnull=False)
    return Q(anchor__in=met.values("assessment__anchor")) & ~Q(pk__in=met.values("assessment"))


def read_earlier(user: User) -> Q:
    """Assessments of another attempt at what `user` has read before, where the issuer wants fresh eyes."""
    fresh = AssessmentPolicy.objects.filter(returning=AssessmentPolicy.Returning.FRESH)
    read = Assignment.objects.filter(assessor=user, role=Assignment.Role.READING, state=State.COMPLETED)
    return Q(
        issuer__in=fresh.values("organisation"),
        submission__attempt__gt=1,
        submission__enrolment__in=read.values("submission__enrolment"),
    )


def has_fresh_eyes(user: User, assessment: Assessment) -> bool:
    """Whether nothing speaks against `user` as the reader of another attempt."""
    return not Assessment.objects.filter(read_earlier(user), pk=assessment.pk).exists()


def assigning() -> QuerySet[AssessmentPolicy, UUID]:
    """Issuers whose approvers give out every reading: nothing is taken from their queue."""
    mode = AssessmentPolicy.Mode.ASSIGN
    return AssessmentPolicy.objects.filter(mode=mode).values_list("organisation", flat=True)


def may_assess(user: Person, submission: Submission) -> bool:
    """Whether `user` may score this submission, whatever state it is in."""
    return assessable_by(user, copies=submission.anchor).filter(pk=submission.pk).exists()


def is_paused(user: User, version_id: UUID) -> bool:
    """Whether her reviews of this version always get a second reading now."""
    licence = Licence.objects.filter(assessor=user, version=version_id).first()
    if licence is not None:
        return licence.state == Licence.State.PAUSED
    return _strays(user, version_id)


def _strays(user: User, version_id: UUID) -> bool:
    """Whether a founding assessor, who has no licence to pause, is too far from the blind anchors."""
    if not Check.objects.filter(assessor=user, version=version_id).exists():
        return False
    issuer = Version.objects.values_list("micro_credential__issuer", flat=True).get(pk=version_id)
    policy = policy_of(issuer)
    last = rolling(user.pk, version_id, policy.window)
    return last is not None and not last.reaches(policy.pause_below)


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
        return assignment.state == State.CLAIMED and _may_calibrate(user, assignment.submission)
    return may_assess(user, assignment.submission) or _finishes(user, assignment)


def _may_calibrate(user: Person, copy: Submission) -> bool:
    """Whether she still assesses for the issuer, and nothing came up between her and whose work the anchor was."""
    if not isinstance(user, User) or copy.enrolment.micro_credential.issuer_id not in issuers_assessed(user):
        return False
    return not anchors_apart_from(user).filter(submission=copy).exists()


def _finishes(user: Person, assignment: Assignment) -> bool:
    """Who began before there was a set of anchors finishes what she holds; whose licence was ended does not."""
    submission = assignment.submission
    licensed = Licence.objects.filter(assessor=user.pk, version=submission.enrolment.version_id).exists()
    return not licensed and assessable_by(user, founding=True).filter(pk=submission.pk).exists()


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
