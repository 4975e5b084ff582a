"""What ages: claims that stand still go back, and approvers hear of what nears its promised day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from accounts.models import Organisation
from journal import workflow as journal
from review.models import Assessment, Assignment
from review.queries import clocks_of
from review.workflow.table import HELD, Whole

LIVE = [Whole.OPEN, Whole.ADJUDICATION]
SWEEP = 500  # of one issuer at a time
HOLDING = [Assignment.Role.READING, Assignment.Role.ADJUDICATION]


def ending_soon(within: timedelta) -> Iterator[Assignment]:
    """Claims that go back before `within` is over if nothing more is saved; one query for each issuer's days."""
    held = Assignment.objects.filter(state__in=HELD, role__in=HOLDING).select_related(
        "assessment", "submission__enrolment__micro_credential"
    )
    rows = list(held)
    clocks = clocks_of({row.submission.enrolment.micro_credential.issuer_id for row in rows})
    until = timezone.now() + within
    for row in rows:
        if clocks[row.submission.enrolment.micro_credential.issuer_id].ends(row) <= until:
            yield row


def ageing() -> Iterator[Assessment]:
    """What is undecided although its alarm has gone, and nobody was told yet; the rest of many with the next sweep.

    Issuer by issuer along its index, so that the sweep is short however long the queues are.
    """
    now = timezone.now()
    issuers = Organisation.objects.filter(issues=True).values_list("pk", flat=True)
    for issuer, clock in clocks_of(list(issuers)).items():
        until = clock.calendar.add(now, clock.policy.escalate_days + 1)
        rows = Assessment.objects.filter(issuer=issuer, anchor=None, escalated_at=None, due__lte=until)
        waiting = rows.filter(state=Whole.OPEN, places__gt=0).order_by("due", "pk")[:SWEEP]
        held = rows.filter(state__in=LIVE, places=0).order_by("due", "pk")[:SWEEP]
        yield from (row for row in (*waiting, *held) if clock.alarm(row.due) <= now)


def escalate(assessment: Assessment) -> bool:
    """Tell approvers, once, that this nears its promised day undecided. False where that was said, or it is decided."""
    with transaction.atomic():
        rows = Assessment.objects.filter(pk=assessment.pk, state__in=LIVE, escalated_at=None, anchor=None)
        if not rows.update(escalated_at=timezone.now()):
            return False
        data = {"submission": str(assessment.submission_id)}
        journal.record("review.escalated", assessment, organisation_id=assessment.issuer_id, data=data)
    return True
