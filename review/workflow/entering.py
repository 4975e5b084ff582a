"""How an attempt comes into the queue, and how many readings it gets."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from journal import workflow as journal
from journal.workflow import TransitionError
from review import rules
from review.models import Absence, Assessment, AssessmentPolicy, Assignment
from review.queries import media_seconds, policy_of, usual_minutes
from review.workflow.table import Whole, change_assessment, lock_assessment
from submissions.calendars import calendar_of
from submissions.carrying import passed_before
from submissions.models import Submission

KEPT_DAYS = 2  # business days for whoever read the attempt before
LIVE = [Whole.OPEN, Whole.ADJUDICATION, Whole.DECIDED]
BACKED_OUT = [Submission.State.DRAFT, Submission.State.WITHDRAWN]


def enter(submission: Submission, **fields: Any) -> Assessment:
    """Put a submitted attempt into the queue, once, however often it is called.

    The number of readings is drawn now and recorded; an attempt that was taken back and sent again keeps its draw, so
    that nobody can draw again. `fields` are for copies of anchors.
    """
    with transaction.atomic():
        row = (
            Submission.objects.select_for_update(of=["self"])
            .select_related("enrolment__micro_credential")
            .get(pk=submission.pk)
        )
        if found := Assessment.objects.filter(submission=row, state__in=LIVE).first():
            return found
        if row.state != Submission.State.SUBMITTED:
            raise TransitionError(_("This submission is no longer waiting for a review."), state=row.state)
        assessment = _create(row, fields)
        data = {"submission": str(row.pk), "draw": assessment.draw}
        journal.record("review.entered", assessment, organisation_id=assessment.issuer_id, data=data)
    return assessment


def _create(row: Submission, fields: dict[str, Any]) -> Assessment:
    policy = policy_of(row.enrolment.micro_credential.issuer_id)
    draw = _draw(row, policy)
    carry = passed_before(row)
    seconds = media_seconds(row)
    return Assessment.objects.create(
        submission=row,
        issuer_id=row.enrolment.micro_credential.issuer_id,
        version_id=row.enrolment.version_id,
        wanted=draw["readings"],
        places=draw["readings"],
        draw=draw,
        carried=carry.carried,
        reopened=carry.reopened,
        due=due_of(row),
        media_seconds=seconds,
        usual_minutes=usual_minutes(row, seconds),
        **{**_kept(row, policy), **fields},
    )


def _kept(submission: Submission, policy: AssessmentPolicy) -> dict[str, Any]:
    """For whom another attempt is kept at first: whoever read the one before, where the issuer likes that and she is there."""
    if submission.attempt == 1 or policy.returning != AssessmentPolicy.Returning.SAME:
        return {}
    read = Assignment.objects.filter(
        submission__enrolment=submission.enrolment_id,
        submission__attempt__lt=submission.attempt,
        role=Assignment.Role.READING,
        state=Assignment.State.COMPLETED,
    )
    last = read.select_related("assessor").order_by("-submission__attempt", "ended_at", "pk").first()
    if last is None or not rules.may_assess(last.assessor, submission):
        return {}
    calendar = calendar_of(policy.organisation_id)
    now = timezone.now()
    if Absence.objects.filter(user=last.assessor, until__gte=calendar.day_of(now)).exists():
        return {}
    until = calendar.add(now, KEPT_DAYS)
    return {
        "reserved_for": last.assessor, "reserved_until": until, "reserved_why": Assessment.Reserved.SAME,
    }  # fmt: skip


def due_of(submission: Submission) -> datetime:
    """The end of the day for which the outcome was promised, by the issuer's calendar."""
    zone = calendar_of(submission.enrolment.micro_credential.issuer_id).zone
    day = submission.promised_on or (timezone.now() + timedelta(days=14)).date()
    return datetime.combine(day, time(23, 59, 59), zone)


def _draw(submission: Submission, policy: AssessmentPolicy) -> dict[str, Any]:
    """One reading or two: {seed, rate, value, why, readings}. `value` follows from the seed and the submission."""
    earlier = Assessment.objects.filter(submission=submission).order_by("-entered_at").first()
    if earlier:
        return dict(earlier.draw) | {"readings": earlier.draw.get("readings", earlier.wanted)}
    seed = secrets.token_hex(16)
    value = drawn(seed, submission)
    read = Assessment.objects.filter(version=submission.enrolment.version_id, anchor=None)
    first = read[: policy.double_first].count() < policy.double_first
    why = "first" if first else "sample" if value < policy.double_rate else "single"
    return {
        "seed": seed,
        "rate": 100 if first else policy.double_rate,
        "value": value,
        "why": why,
        "readings": 1 if why == "single" else 2,
    }


def drawn(seed: str, submission: Submission) -> float:
    """A number from 0 to 100 that follows from the seed: whoever has the record can recompute it."""
    digest = hashlib.sha256(f"{seed}:{submission.pk}".encode()).digest()
    return int.from_bytes(digest[:4]) / 2**32 * 100


def leave(submission: Submission) -> Assessment | None:
    """The educator took the attempt back: it leaves the queue. Nothing where it was handed in again since."""
    with transaction.atomic():
        assessment = lock_assessment(submission)  # before the submission, as whoever claims it does
        row = Submission.objects.select_for_update().get(pk=submission.pk)
        if assessment is None or row.state not in BACKED_OUT:
            return None
        change_assessment("end", assessment, None, places=0)
    return assessment
