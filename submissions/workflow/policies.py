"""What an issuer decides about evidence."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from zoneinfo import available_timezones

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.rules import administers
from journal.workflow import GuardError, record
from submissions.models import Policy

SHORTEST, LONGEST = 30, 3650  # days
ATTEMPTS = 20
DAYS = 200


def set_policy(
    organisation: Organisation,
    user: User | None,
    *,
    retention_days: int,
    asks_ai: bool,
    coach_after: int = 3,
    time_zone: str = "UTC",
    holidays: Collection[date] = (),
) -> Policy:
    """How long evidence is kept, what is asked, when a coach comes first, and the calendar of its promises.

    Counts for what comes after.
    """
    if user is not None and not administers(user, organisation):
        raise PermissionDenied
    if errors := _errors(retention_days, coach_after, time_zone, holidays):
        raise GuardError(next(iter(errors.values()))[0], errors)
    said = {
        "retention_days": retention_days,
        "asks_ai": asks_ai,
        "coach_after": coach_after,
        "time_zone": time_zone,
    }
    days = sorted(set(holidays))
    with transaction.atomic():
        row, _created = Policy.objects.update_or_create(
            organisation=organisation, defaults={**said, "holidays": days}
        )
        data = {**said, "holidays": [day.isoformat() for day in days]}
        record("submissions.policy_set", organisation, actor=user, organisation_id=organisation.pk, data=data)
    return row


def _errors(
    retention_days: int, coach_after: int, time_zone: str, holidays: Collection[date]
) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if not SHORTEST <= retention_days <= LONGEST:
        errors["retention_days"] = [_("Enter a number of days from 30 to 3650.")]
    if not 0 <= coach_after <= ATTEMPTS:
        errors["coach_after"] = [_("Enter a number from 0 (never) to 20.")]
    if time_zone not in available_timezones():
        errors["time_zone"] = [_("Choose a time zone from the list.")]
    if len(holidays) > DAYS:
        errors["holidays"] = [_("List at most 200 days.")]
    return errors
