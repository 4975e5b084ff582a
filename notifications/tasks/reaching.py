"""Who at an organisation is told."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from accounts.models import User
from journal.models import Entry
from review.rules import people_with

TOLD = 20


def holding(entry: Entry, role: str, able: Callable[[User], bool] = lambda _user: True) -> list[User]:
    """The first people of the entry's organisation in this role for whom `able` holds; never a crowd."""
    people = people_with(entry.organisation_id, role).order_by("date_joined")
    return list(islice(filter(able, people), TOLD))
