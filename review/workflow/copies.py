"""Blind copies of anchors in the queue: drawn when real work enters it, read like it, concluded without an outcome."""

from __future__ import annotations

import secrets
from datetime import timedelta
from random import Random

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from review import rules
from review.models import Anchor, Assessment, AssessmentPolicy, Assignment
from review.queries import policy_of
from review.workflow.entering import drawn, enter
from review.workflow.governing import assign
from review.workflow.licensing import finish_calibration
from review.workflow.table import State, Whole, change, change_assessment, lock_assessment
from submissions import workflow as submissions
from submissions.models import Artifact, Submission

Role = Assignment.Role
SOONEST, LATEST = 10 * 60, 3 * 3600  # seconds between a submission and the copy it drew
HOLDING = [Artifact.State.READY, Artifact.State.QUARANTINED]
LIVE = [Whole.OPEN, Whole.ADJUDICATION]


def seed(assessment: Assessment) -> Assessment | None:
    """Draw, once for each real attempt, whether a blind anchor follows it into the queue.

    The draw is kept beside that of the readings and can be recomputed from its seed.
    """
    with transaction.atomic():
        row = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if row.anchor_id or "check" in row.draw:
            return None
        rate, token = policy_of(row.issuer_id).anchor_rate, secrets.token_hex(16)
        value = drawn(token, row.submission)
        chosen = _choose(row, token) if value < rate else None
        found = str(chosen.pk) if chosen else ""
        row.draw = {**row.draw, "check": {"seed": token, "rate": rate, "value": value, "anchor": found}}
        row.save(update_fields=["draw"])
        return _send(chosen, row, token) if chosen else None


def _choose(assessment: Assessment, token: str) -> Anchor | None:
    """The one seen least often that somebody can still read without knowing it; none twice at a time."""
    waiting = Assessment.objects.filter(anchor__isnull=False, state__in=LIVE).values("anchor")
    ready = Anchor.objects.filter(
        version=assessment.version_id, state=Anchor.State.READY, use=Anchor.Use.LIVE
    ).exclude(pk__in=waiting)
    sent = Assessment.objects.filter(anchor__in=ready).values("anchor").annotate(times=Count("pk"))
    seen = {row["anchor"]: row["times"] for row in sent}
    rows = list(ready.select_related("version__micro_credential", "submission").order_by("pk"))
    Random(token).shuffle(rows)  # noqa: S311 (recomputed from the seed, not a secret)
    rows.sort(key=lambda one: seen.get(one.pk, 0))
    return next((one for one in rows if rules.usable(one) and rules.blind_for(one)), None)


def _send(anchor: Anchor, after: Assessment, token: str) -> Assessment:
    """A fresh copy, promised for the same day, in the queue a while later; at once where work is given out."""
    mode = policy_of(after.issuer_id).mode
    wait = Random(token).randint(SOONEST, LATEST) if mode == AssessmentPolicy.Mode.CLAIM else 0  # noqa: S311
    at = timezone.now() + timedelta(seconds=wait)
    copy = submissions.shadow(
        anchor.submission, waiting=True, at=at, promised_on=after.submission.promised_on
    )
    row = enter(copy, anchor=anchor, entered_at=at)
    if mode == AssessmentPolicy.Mode.ASSIGN and (reader := next(rules.eligible_for(row, present=True), None)):
        assign(row, reader, anchor.built_by)
    return row


def withdraw_copies(anchor: Anchor) -> None:
    """Every reading of this anchor ends now. To whoever holds one it looks like a claim that lapsed."""
    with transaction.atomic():
        for assignment in _held(anchor).filter(role=Role.CALIBRATION).select_related("calibration"):
            _take_out(assignment)
        for whole in Assessment.objects.filter(anchor=anchor, state__in=LIVE).select_related("submission"):
            _withdraw(whole)
        submissions.let_go_of_copy(anchor.submission)


def _held(anchor: Anchor) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(state=State.CLAIMED)
    return rows.filter(Q(submission=anchor.submission_id) | Q(assessment__anchor=anchor))


def _take_out(assignment: Assignment) -> None:
    """A run goes on without it; where nothing else is left to score it is over."""
    change("lapse", assignment, None)
    if assignment.calibration:
        finish_calibration(assignment.calibration)


def _withdraw(whole: Assessment) -> None:
    """Out of the queue; claims first, then the assessment, as everywhere."""
    claims = (
        Assignment.objects.select_for_update().filter(assessment=whole, state=State.CLAIMED).order_by("pk")
    )
    for assignment in claims:
        change("lapse", assignment, None)
    locked = lock_assessment(whole.submission)
    if locked:
        change_assessment("end", locked, None, places=0)
        submissions.conclude_anchor(locked.submission, None)


def tidy_anchors() -> int:
    """What nobody read by its day leaves the queue; anchors whose evidence may not be shown any more are retired."""
    overdue = Assessment.objects.filter(anchor__isnull=False, state__in=LIVE, due__lt=timezone.now())
    rows = [one for one in overdue.select_related("submission") if not _is_held(one)]
    for whole in rows:
        with transaction.atomic():
            _withdraw(whole)
    left = [*_over(), *_retired()]
    for submission in left:
        if submission.state in [Submission.State.SUBMITTED, Submission.State.IN_REVIEW]:
            submissions.conclude_anchor(submission, None)
        else:
            submissions.let_go_of_copy(submission)
    return len(rows) + len(left)


def _is_held(whole: Assessment) -> bool:
    return Assignment.objects.filter(assessment=whole, state=State.CLAIMED).exists()


def _over() -> list[Submission]:
    """Copies that were sent back as incomplete: over, although nobody concluded them."""
    waiting = [Submission.State.SUBMITTED, Submission.State.IN_REVIEW]
    rows = Submission.objects.filter(anchor=True, state__in=waiting)
    live = Assessment.objects.filter(anchor__isnull=False, state__in=LIVE)
    return list(rows.exclude(pk__in=live.values("submission"))[:100])


def _retired() -> list[Submission]:
    """Copies of retired anchors that still hold evidence and that nobody reads just now."""
    retired = Anchor.objects.filter(state=Anchor.State.RETIRED, submission__artifacts__state__in=HOLDING)
    read = Assignment.objects.filter(state=State.CLAIMED).values("submission")
    rows = retired.exclude(submission__in=read).select_related("submission").distinct()
    return [one.submission for one in rows[:100]]
