"""When a claim goes back: at its due date, or earlier where nothing is saved for some days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from review.models import AssessmentPolicy, Assignment
from submissions.business import Calendar
from submissions.calendars import calendars_of

STILL = timedelta(hours=12)


@dataclass(frozen=True)
class Clock:
    """One issuer's days."""

    calendar: Calendar
    policy: AssessmentPolicy

    def ends(self, assignment: Assignment) -> datetime:
        """When this claim goes back if nothing more is saved."""
        return min(assignment.due, self.calendar.add(assignment.saved_at, self.policy.stall_days))

    def alarm(self, due: datetime) -> datetime:
        """When approvers are told that what is due then is still undecided."""
        return self.calendar.add(due, -self.policy.escalate_days)


def stood_still(assignment: Assignment) -> bool:
    """Whether a claim went back because nothing was saved: a stall is days long. Else the work itself was taken away."""
    ended = assignment.ended_at
    return ended is not None and ended - assignment.saved_at > STILL


def clocks_of(issuers: Collection[UUID]) -> dict[UUID, Clock]:
    """The clocks of several issuers, in two queries however many."""
    policies = AssessmentPolicy.objects.in_bulk(list(issuers))
    return {
        pk: Clock(calendar, policies.get(pk) or AssessmentPolicy(organisation_id=pk))
        for pk, calendar in calendars_of(issuers).items()
    }


def clock_of(issuer_id: UUID) -> Clock:
    """One issuer's."""
    return clocks_of([issuer_id])[issuer_id]
