"""How an assessor qualifies on anchors, and what her readings of blind ones mean for it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.rules import Role, organisations_of
from catalog.models import Version
from journal import workflow as journal
from journal.models import Entry
from journal.workflow import GuardError, TransitionError, Transitions
from review import rules
from review.models import Anchor, Assessment, Assignment, Calibration, Check, Licence
from review.queries import policy_of
from review.queries.agreeing import Agreement, agreement, rolling, total
from review.workflow.table import State, change, change_assessment
from submissions import workflow as submissions

As, Kind = Assignment.Role, Calibration.Kind
RUN: Transitions = {
    "complete": (
        frozenset({Calibration.State.OPEN}), Calibration.State.COMPLETED, "review.calibration_completed",
    ),
    "end": (frozenset({Calibration.State.OPEN}), Calibration.State.ENDED, "review.calibration_ended"),
}  # fmt: skip
LICENCE: Transitions = {
    "pause": (frozenset({Licence.State.QUALIFIED}), Licence.State.PAUSED, "review.licence_paused"),
    "resume": (frozenset({Licence.State.PAUSED}), Licence.State.QUALIFIED, "review.licence_resumed"),
    "renew": (frozenset({Licence.State.ENDED}), Licence.State.QUALIFIED, "review.licence_given"),
    "end": (
        frozenset({Licence.State.QUALIFIED, Licence.State.PAUSED}), Licence.State.ENDED, "review.licence_ended",
    ),
}  # fmt: skip
TIME = timedelta(days=365)  # a run waits as long as she likes; claims of real work do not
WAIT = gettext_lazy(
    "You have seen the answers of this set. Practise on other anchors first, then it is open to you again."
)


def start_calibration(version: Version, user: User, kind: str) -> Calibration:
    """Begin a run: one desk for each anchor of the set. The one that is open already is gone on with."""
    _check_scores_here(version, user)
    found = Calibration.objects.filter(assessor=user, version=version, state=Calibration.State.OPEN).first()
    if found:
        return found
    anchors = (
        rules.practice_set(user, version) if kind == Kind.PRACTICE else rules.qualifying_set(user, version)
    )
    if not anchors:
        nothing = _("There are no anchors for this yet.")
        there = Anchor.objects.filter(version=version, state=Anchor.State.READY, use=Anchor.Use.CALIBRATION)
        raise GuardError(WAIT if kind == Kind.QUALIFYING and there.exists() else nothing)
    try:
        with transaction.atomic():
            return _begin(version, user, kind, anchors)
    except IntegrityError:
        return Calibration.objects.get(assessor=user, version=version, state=Calibration.State.OPEN)


def _begin(version: Version, user: User, kind: str, anchors: list[Anchor]) -> Calibration:
    run = Calibration.objects.create(assessor=user, version=version, kind=kind)
    until = timezone.now() + TIME
    Assignment.objects.bulk_create(
        Assignment(
            submission_id=anchor.submission_id, calibration=run, role=As.CALIBRATION, assessor=user, due=until
        )
        for anchor in anchors
    )
    _record("review.calibration_begun", run, user, {"kind": kind, "anchors": len(anchors)})
    return run


def _check_scores_here(version: Version, user: User) -> None:
    if version.micro_credential.issuer_id not in organisations_of(user, [Role.ASSESSOR]):
        raise GuardError(_("You do not assess for this issuer."))


def stop_calibration(run: Calibration, user: User) -> Calibration:
    """Stop a run: what was drafted is kept, no answers are shown, nothing counts."""
    if run.assessor_id != user.pk:
        raise GuardError(_("This calibration is somebody else's."), state=run.state)
    with transaction.atomic():
        claims = Assignment.objects.select_for_update().filter(calibration=run, state=State.CLAIMED)
        rows = list(claims.order_by("pk"))
        _move(run, "end", user)
        for assignment in rows:
            change("release", assignment, user)
    return run


def finish_calibration(run: Calibration) -> Calibration:
    """Once nothing is left to score: her agreement, and what follows from it for her licence."""
    with transaction.atomic():
        row = Calibration.objects.select_for_update().get(pk=run.pk)
        rows = Assignment.objects.filter(calibration=row)
        if row.state != Calibration.State.OPEN or rows.filter(state=State.CLAIMED).exists():
            return row
        scored = list(rows.filter(state=State.COMPLETED))
        if not scored:
            _move(row, "end", None)
            return row
        anchors = {
            one.submission_id: one for one in Anchor.objects.filter(submission__assignments__in=scored)
        }
        found = total([agreement(one, anchors[one.submission_id]) for one in scored])
        policy = policy_of(row.version.micro_credential.issuer_id)
        # Anchors retired meanwhile leave too few to say that she is qualified.
        enough = len(scored) >= policy.anchors_needed or not rows.exclude(state=State.COMPLETED).exists()
        passed = found.reaches(policy.qualify_at) and enough
        _conclude(row, found, passed=passed)
        if passed:
            _qualify(row)
    return row


def _conclude(run: Calibration, found: Agreement, *, passed: bool) -> None:
    _move(
        run, "complete", run.assessor, completed_at=timezone.now(), exact=found.exact_percent,
        passing=found.passing_percent, passed=passed,
    )  # fmt: skip


def _qualify(run: Calibration) -> None:
    """A passed set gives the licence; a passed practice run gives one that is paused its full strength back."""
    licence = Licence.objects.select_for_update().filter(assessor=run.assessor, version=run.version).first()
    fresh = {"calibration": run, "since": timezone.now(), "paused_at": None}
    if licence is None and run.kind == Kind.QUALIFYING:
        licence = Licence.objects.create(assessor=run.assessor, version=run.version, calibration=run)
        _record("review.licence_given", licence, run.assessor, {})
    elif licence and licence.state == Licence.State.PAUSED:
        _turn(licence, "resume", run.assessor, **fresh)
    elif licence and licence.state == Licence.State.ENDED and run.kind == Kind.QUALIFYING:
        _turn(licence, "renew", run.assessor, **fresh)


def end_licence(licence: Licence, user: User) -> Licence:
    """An approver ends it: what she holds closes, and she may qualify again."""
    if not rules.licences_kept_by(user).filter(pk=licence.pk).exists():
        raise GuardError(_("This licence is not yours to end."), state=licence.state)
    _turn(licence, "end", user)
    return licence


# --- blind anchors ----------------------------------------------------------------------------------------


def judge(assessment: Assessment, actor: User) -> None:
    """Readings of a blind anchor came in (`assessment` is locked): a check for each; never an outcome for anybody."""
    readings = Assignment.objects.filter(assessment=assessment, role=As.READING, state=State.COMPLETED)
    anchor = assessment.anchor
    if anchor is None:
        raise GuardError(_("This is somebody's work: it gets an outcome."), state=assessment.state)
    for reading in readings:
        found = agreement(reading, anchor)
        Check.objects.get_or_create(
            assessor=reading.assessor, anchor=anchor,
            defaults={"version": assessment.version, "criteria": found.criteria, "passing": found.passing, "exact": found.exact},
        )  # fmt: skip
    _watch(actor, assessment)
    if len(readings) < assessment.wanted:
        return
    settled = Assessment.Settled.AGREED if len(readings) > 1 else Assessment.Settled.SINGLE
    change_assessment(
        "decide",
        assessment,
        actor,
        {"settled": settled},
        settled=settled,
        decided_at=timezone.now(),
        places=0,
    )
    submissions.conclude_anchor(assessment.submission, actor)


def _watch(assessor: User, assessment: Assessment) -> None:
    """Too far from the truth over the last checks: from now on her reviews of this version get a second reading.

    She is told on the next day: at once, it would tell her which submission was a check.
    """
    rows = Licence.objects.select_for_update().filter(assessor=assessor, version=assessment.version_id)
    licence = rows.filter(state=Licence.State.QUALIFIED).first()
    if licence is None:
        return
    policy = policy_of(assessment.issuer_id)
    last = rolling(assessor.pk, assessment.version_id, policy.window, licence.since)
    if last is not None and not last.reaches(policy.pause_below):
        _turn(licence, "pause", None, paused_at=timezone.now())


def look_after_licences() -> int:
    """Once an hour: tell who was paused the day before, and lift pauses that the checks since no longer ask for."""
    paused = Licence.objects.filter(state=Licence.State.PAUSED, paused_at__date__lt=timezone.now().date())
    return sum(_look_after(row.pk) for row in paused)


def _look_after(pk: UUID) -> bool:
    """Whether something was said about it now."""
    with transaction.atomic():
        rows = Licence.objects.select_related("version__micro_credential").select_for_update(of=("self",))
        licence = rows.filter(pk=pk, state=Licence.State.PAUSED).first()
        if licence is None:
            return False
        policy = policy_of(licence.version.micro_credential.issuer_id)
        last = rolling(licence.assessor_id, licence.version_id, policy.window, licence.since)
        if last is not None and last.reaches(policy.pause_below):
            _turn(licence, "resume", None, paused_at=None)
            return True
        told = Entry.objects.filter(
            kind="review.pause_told", subject_id=str(licence.pk), created__gte=licence.paused_at
        )
        if told.exists():
            return False
        _record("review.pause_told", licence, None, {})
    return True


def _turn(licence: Licence, verb: str, user: User | None, **fields: Any) -> None:
    frm, to, kind = LICENCE[verb]
    issuer = licence.version.micro_credential.issuer_id
    try:
        journal.change(
            licence, kind, frm=frm, to=to, actor=user, organisation_id=issuer,
            data={"title": licence.version.title}, **fields,
        )  # fmt: skip
    except TransitionError as error:
        words = _("This licence is now: %s.") % Licence.State(error.state).label
        raise TransitionError(words, state=error.state) from error


def _move(run: Calibration, verb: str, user: User | None, **fields: Any) -> None:
    frm, to, kind = RUN[verb]
    issuer = run.version.micro_credential.issuer_id
    try:
        journal.change(run, kind, frm=frm, to=to, actor=user, organisation_id=issuer, **fields)
    except TransitionError as error:
        raise TransitionError(_("This calibration is over."), state=error.state) from error


def _record(kind: str, subject: Licence | Calibration, user: User | None, data: dict[str, Any]) -> None:
    journal.record(
        kind, subject, actor=user, organisation_id=subject.version.micro_credential.issuer_id, data=data
    )
