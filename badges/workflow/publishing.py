"""The signed status list, made anew in the transaction of whatever changed a bit of it."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils import timezone

from badges import issuing, queries
from badges.models import StatusList


def publish_list(status_list: StatusList) -> dict[str, Any]:
    """Sign the list anew. The row is locked, so that of two revocations at once neither is lost.

    It says no `validUntil`: a list with an end would make every badge uncheckable once nobody is there to sign the next one,
    and mirrors are meant to outlive us. How fresh a copy is stands in its `validFrom`.
    """
    with transaction.atomic():
        row = queries.lock_list(status_list)
        document = issuing.sign_status_list(row, queries.set_indexes(row), timezone.now())
        row.credential = document
        row.save(update_fields=["credential", "updated"])
    return document
