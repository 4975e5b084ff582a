"""Each issuer's calendar."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from submissions.business import Calendar
from submissions.models import Policy


def calendar_of(issuer_id: UUID) -> Calendar:
    """By which its promised dates count; Monday to Friday in UTC where it said nothing."""
    policy = Policy.objects.filter(organisation=issuer_id).first() or Policy(organisation_id=issuer_id)
    return Calendar(ZoneInfo(policy.time_zone), holidays=frozenset(policy.holidays))
