"""How much work an attempt is: what there is to watch and hear, and what such reviews usually take."""

from __future__ import annotations

import statistics

from review.models import Assessment, Assignment
from submissions.models import Artifact, Submission

RECENT = 50  # decided assessments
LEAST = 5  # readings: fewer say nothing about the next
PLAIN = 20  # minutes for reading and writing, until there is history
LONGEST = 600


def media_seconds(submission: Submission) -> int:
    """The length of everything in it that plays."""
    shown = Artifact.objects.filter(submission=submission, content__isnull=False)
    lengths = shown.values_list("content__facts__duration", flat=True)
    return round(sum(float(length) for length in lengths if isinstance(length, int | float)))


def usual_minutes(submission: Submission, seconds: int) -> int:
    """What readings of the same version took, in the middle; before there are any, a guess by what there is to watch."""
    latest = (
        Assessment.objects.filter(version=submission.enrolment.version_id, decided_at__isnull=False)
        .order_by("-decided_at")
        .values_list("pk", flat=True)[:RECENT]
    )
    readings = Assignment.objects.filter(
        assessment__in=list(latest), state=Assignment.State.COMPLETED, role=Assignment.Role.READING
    )
    taken = [one for one in readings.order_by().values_list("active_seconds", flat=True) if one]
    if len(taken) < LEAST:
        return guess(seconds)
    return _minutes(statistics.median(taken))


def guess(seconds: int) -> int:
    """Minutes until there is history: everything once at its own speed, and time to read and write."""
    return _minutes(60 * PLAIN + seconds)


def _minutes(seconds: float) -> int:
    return max(1, min(round(seconds / 60), LONGEST))
