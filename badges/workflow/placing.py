"""A place in an issuer's status list, given out once: to an award, a certificate or an endorsement.

Two tables share the lists, so that no constraint of either can tell. A place is held by its number until the transaction ends, and
looked up in both tables after that; whoever takes many at once keeps the list to itself for as long.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from typing import Any

from django.db import connection
from django.utils import timezone

from accounts.models import Organisation
from badges import issuing, queries
from badges.models import StatusList
from badges.openbadges.status import random_index

# After so many taken places in a row a list is about half full, and the next one is begun.
TRIES = 8
# Locks by name: of the list, which those who take one place share, and of the place itself.
ONE = """SELECT pg_advisory_xact_lock_shared(hashtextextended(%s, 0)), pg_try_advisory_xact_lock(hashtextextended(%s, 0))"""
MANY = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"
REVOCATION = StatusList.Purpose.REVOCATION
# As an array, because composing a list of thousands costs more than looking them up.
TAKEN = """
SELECT status_index FROM badges_award WHERE status_list_id = %s AND status_index = ANY(%s)
UNION
SELECT status_index FROM badges_endorsement WHERE status_list_id = %s AND status_index = ANY(%s)
"""


def take_place(issuer: Organisation, purpose: str = REVOCATION) -> tuple[StatusList, int]:
    """A free place, chosen at random, which is the caller's when its transaction commits; call it inside one."""
    status_list = queries.newest_list(issuer, purpose) or begin_list(issuer, purpose)
    for _number in range(TRIES):
        index = random_index(status_list.size)
        place = f"{status_list.pk}:{index}"
        if _lock(ONE, f"{status_list.pk}", place) and not _taken(status_list, [index]):
            return status_list, index
    return begin_list(issuer, purpose), random_index(status_list.size)


def take_places(issuer: Organisation, count: int, purpose: str = REVOCATION) -> tuple[StatusList, list[int]]:
    """The same for many at once, in a few queries: places in one list, for a transaction that is soon over."""
    status_list = queries.newest_list(issuer, purpose) or begin_list(issuer, purpose)
    _lock(MANY, f"{status_list.pk}")
    wanted = {random_index(status_list.size) for _number in range(count * 2)}
    free = wanted - _taken(status_list, wanted)
    if len(free) < count:
        status_list = begin_list(issuer, purpose)
        free = wanted
    while len(free) < count:
        free.add(random_index(status_list.size))
    return status_list, secrets.SystemRandom().sample(sorted(free), count)


def begin_list(issuer: Organisation, purpose: str = REVOCATION) -> StatusList:
    """An empty list, signed and published from its first day."""
    row = StatusList(issuer=issuer, purpose=purpose)
    row.credential = issuing.sign_status_list(row, (), timezone.now())
    row.save(force_insert=True)
    return row


def _lock(statement: str, *keys: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, keys)
        return cursor.fetchone()[-1] is not False


def _taken(status_list: StatusList, places: Collection[int]) -> set[int]:
    """Which of these somebody has or had."""
    asked: list[Any] = [str(status_list.pk), list(places)]
    with connection.cursor() as cursor:
        cursor.execute(TAKEN, [*asked, *asked])
        held = {index for (index,) in cursor.fetchall()}
    return held | (queries.spent_places(status_list) & set(places))
