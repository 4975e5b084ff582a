"""Who is to be reminded now: by her own choice, in her own morning, of what is still in her hands."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField, Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Coalesce

from accounts.models import Profile
from journal.models import Entry
from journal.queries import timeline
from submissions.models import Enrolment, Milestone, Submission
from submissions.plan import done_stages
from submissions.queries import work_of

MORNING = 7  # o'clock, where she lives
AHEAD = timedelta(days=2)
WEEK = timedelta(days=7)


def due(now: datetime) -> Iterator[tuple[Enrolment, list[str]]]:
    """Enrolments whose people asked for a reminder that is due, and the milestones it is about (weekly: none).

    Days are counted where the person lives. Nobody is reminded of what is done or out of her hands.
    """
    asked = {row.pk: row for row in _asked(now)}
    ahead: dict[UUID, list[Milestone]] = defaultdict(list)
    for milestone in Milestone.objects.filter(enrolment__in=asked, reminded_at=None):
        ahead[milestone.enrolment_id].append(milestone)
    for item in work_of(Q(enrolment__in=asked, state=Submission.State.DRAFT), now.date()):
        row, done = asked[item.enrolment.pk], done_stages(item.state, item.steps)
        today = _local(now, row).date()
        if row.reminders == Enrolment.Reminders.WEEKLY:
            yield row, []
        elif keys := [
            one.key for one in ahead[row.pk] if one.key not in done and today < one.day <= today + AHEAD
        ]:
            yield row, keys


def _asked(now: datetime) -> Iterator[Any]:
    """Enrolments with reminders for which this may be the hour; each with its person's `zone`."""
    zone = Profile.objects.filter(user=OuterRef("earner")).values("time_zone")
    near = Milestone.objects.filter(
        enrolment=OuterRef("pk"),
        reminded_at=None,
        day__range=(now.date(), now.date() + AHEAD + timedelta(days=1)),
    )
    told = Entry.objects.filter(
        subject_kind=Enrolment._meta.label_lower,
        subject_id=Cast(OuterRef("pk"), CharField()),
        kind="submissions.reminder_due",
        created__gt=now - WEEK + timedelta(days=1),
    )
    rows = (
        Enrolment.objects.filter(state=Enrolment.State.ACTIVE, earner__is_active=True, earner__closed_at=None)
        .filter(
            Q(Exists(near), reminders=Enrolment.Reminders.MILESTONES)
            | Q(~Exists(told), reminders=Enrolment.Reminders.WEEKLY)
        )
        .annotate(zone=Coalesce(Subquery(zone), Value("UTC")))
    )
    return (row for row in rows if _is_her_hour(row, _local(now, row)))


def _local(now: datetime, row: Any) -> datetime:
    return now.astimezone(ZoneInfo(row.zone))


def _is_her_hour(row: Any, local: datetime) -> bool:
    """From seven in the morning; weekly reminders on the weekday she enrolled, from the next week on."""
    if local.hour < MORNING:
        return False
    begun = row.created.astimezone(local.tzinfo).date()
    weekly = row.reminders == Enrolment.Reminders.WEEKLY
    return not weekly or (local.weekday() == begun.weekday() and local.date() > begun)


def lately(enrolment: Enrolment, now: datetime) -> bool:
    """Whether a reminder was journalled within the last six days."""
    since = now - WEEK + timedelta(days=1)
    return timeline(enrolment).filter(kind="submissions.reminder_due", created__gt=since).exists()
