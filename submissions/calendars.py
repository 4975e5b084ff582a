"""Each issuer's calendar."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID
from zoneinfo import ZoneInfo

from submissions.business import Calendar
from submissions.models import Policy


def calendar_of(issuer_id: UUID) -> Calendar:
    """By which its promised dates count; Monday to Friday in UTC where it said nothing."""
    return calendars_of([issuer_id])[issuer_id]


def calendars_of(issuers: Collection[UUID]) -> dict[UUID, Calendar]:
    """Those of several issuers, in one query."""
    policies = Policy.objects.in_bulk(list(issuers))
    return {pk: _calendar(policies.get(pk) or Policy(organisation_id=pk)) for pk in issuers}


def _calendar(policy: Policy) -> Calendar:
    return Calendar(ZoneInfo(policy.time_zone), holidays=frozenset(policy.holidays))
