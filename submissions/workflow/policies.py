"""What an issuer decides about evidence."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Organisation, User
from accounts.rules import administers
from journal.workflow import GuardError, record
from submissions.models import Policy

SHORTEST, LONGEST = 30, 3650


def set_policy(
    organisation: Organisation, user: User | None, *, retention_days: int, asks_ai: bool
) -> Policy:
    """How long evidence is kept after a decision, and whether AI help is asked about. Counts for what comes after."""
    if user is not None and not administers(user, organisation):
        raise PermissionDenied
    if not SHORTEST <= retention_days <= LONGEST:
        words = _("Enter a number of days from 30 to 3650.")
        raise GuardError(words, {"retention_days": [words]})
    with transaction.atomic():
        row, _created = Policy.objects.update_or_create(
            organisation=organisation, defaults={"retention_days": retention_days, "asks_ai": asks_ai}
        )
        data = {"retention_days": retention_days, "asks_ai": asks_ai}
        record("submissions.policy_set", organisation, actor=user, organisation_id=organisation.pk, data=data)
    return row
