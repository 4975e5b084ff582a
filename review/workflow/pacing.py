"""Reckoning how fast a queue answers, and handing it to those who promise dates."""

from __future__ import annotations

import math
from collections import Counter
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import MicroCredential, Version
from review.models import Assessment
from review.queries import policy_of
from review.workflow.table import Whole
from submissions import workflow as submissions
from submissions.business import Calendar
from submissions.calendars import calendar_of
from submissions.models import Pace
from submissions.promise import expected_days, percentile

WINDOW = timedelta(days=60)
RECENT = 200  # decisions: the latest say most about the next
COUNTED = 5000  # waiting: more than that promises the most an issuer allows anyway
WITHIN = 80  # percent


def reckon(micro_credential: MicroCredential) -> Pace | None:
    """What its queue lately took, and how many wait now, as days to promise. None where nothing changed."""
    rows = Assessment.objects.filter(
        version__in=list(
            Version.objects.filter(micro_credential=micro_credential).values_list("pk", flat=True)
        ),
        anchor=None,
    )
    undecided = rows.filter(decided_at=None, state__in=[Whole.OPEN, Whole.ADJUDICATION])
    waiting = undecided.order_by()[:COUNTED].count()
    calendar, policy = calendar_of(micro_credential.issuer_id), policy_of(micro_credential.issuer_id)
    decided = list(
        rows.filter(state=Whole.DECIDED, decided_at__gt=timezone.now() - WINDOW)
        .order_by("-decided_at")
        .values_list("entered_at", "decided_at")[:RECENT]
    )
    days, per_day = _history(decided, calendar)
    promised = expected_days(waiting, per_day, days, policy.promise_floor, policy.promise_cap)
    now = Pace.objects.filter(micro_credential=micro_credential, days=promised, waiting=waiting)
    return None if now.exists() else submissions.publish_pace(micro_credential, promised, waiting)


def _history(
    decided: list[tuple[datetime, datetime | None]], calendar: Calendar
) -> tuple[int | None, float | None]:
    """Within how many business days most decisions fell, and how many there were a business day; newest first."""
    ends = [(entered, at) for entered, at in decided if at is not None]
    taken = Counter(math.ceil(round(calendar.between(entered, at), 6)) for entered, at in ends)
    days = percentile(taken.items(), WITHIN)
    if days is None:
        return None, None
    oldest = ends[-1][1]
    return days, len(ends) / max(calendar.between(oldest, timezone.now()), 1.0)


def reckon_all() -> int:
    """Every published micro-credential, so that a promise follows the queue although a task got lost."""
    rows = MicroCredential.objects.filter(state=MicroCredential.State.PUBLISHED)
    return sum(reckon(row) is not None for row in rows)
