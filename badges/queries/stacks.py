"""How far a person is with a stack."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef

from accounts.models import User
from badges.models import Award
from catalog.models import Stack, StackItem


@dataclass(frozen=True)
class Progress:
    """How far a person is with a stack: `done` of `needed`, and every member with whether she earned it."""

    done: int
    needed: int
    members: list[Any]


def progress(stack: Stack, user: User) -> Progress:
    """Count by the stack's rule: all of them, a number of them, or a number from each group."""
    earned = Award.objects.filter(
        earner=user, state=Award.State.ACTIVE, micro_credential=OuterRef("micro_credential")
    )
    rows = StackItem.objects.filter(group__stack=stack).select_related("group", "micro_credential__issuer")
    rows = rows.annotate(earned=Exists(earned)).order_by("group__order", "group", "order")
    members = list(rows)
    groups = {row.group_id: row.group.minimum for row in members}
    done = Counter(row.group_id for row in members if row.earned)
    if stack.rule == Stack.Rule.GROUPS:
        counted = sum(min(done[group], minimum) for group, minimum in groups.items())
        return Progress(counted, sum(groups.values()), members)
    needed = len(members) if stack.rule == Stack.Rule.ALL else stack.minimum
    return Progress(min(done.total(), needed), needed, members)
