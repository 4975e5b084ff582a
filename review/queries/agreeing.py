"""How far readings of anchors agree with their true levels."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from catalog.models import Criterion
from review.models import Anchor, Assignment, Check, Score, TrueScore


@dataclass(frozen=True)
class Agreement:
    """Of so many criteria, how many were on the right side of the passing level, and how many exactly there."""

    criteria: int = 0
    passing: int = 0
    exact: int = 0

    def __add__(self, other: Agreement) -> Agreement:
        return Agreement(
            self.criteria + other.criteria, self.passing + other.passing, self.exact + other.exact
        )

    @property
    def passing_percent(self) -> int:
        return 100 * self.passing // self.criteria if self.criteria else 0

    @property
    def exact_percent(self) -> int:
        return 100 * self.exact // self.criteria if self.criteria else 0

    def reaches(self, percent: int) -> bool:
        """Whether at least so many percent are on the right side; nothing scored reaches nothing."""
        return bool(self.criteria) and 100 * self.passing >= percent * self.criteria


def agreement(assignment: Assignment, anchor: Anchor) -> Agreement:
    """One reading against the truth."""
    given = dict(
        Score.objects.filter(assignment=assignment, level__isnull=False).values_list("criterion", "level")
    )
    passing = dict(Criterion.objects.filter(version=anchor.version_id).values_list("pk", "passing"))
    truth = TrueScore.objects.filter(anchor=anchor, criterion__in=given).values_list("criterion", "level")
    pairs = [(given[criterion] or 0, level, passing[criterion]) for criterion, level in truth]
    return Agreement(
        criteria=len(pairs),
        passing=sum((one >= least) == (other >= least) for one, other, least in pairs),
        exact=sum(one == other for one, other, _least in pairs),
    )


def total(parts: Collection[Agreement]) -> Agreement:
    """All of them together."""
    return sum(parts, Agreement())


def rolling(
    assessor_id: UUID, version_id: UUID, window: int, since: datetime | None = None
) -> Agreement | None:
    """Her last `window` checks together; nothing while there are fewer."""
    rows = Check.objects.filter(assessor=assessor_id, version=version_id)
    if since is not None:
        rows = rows.filter(created__gte=since)
    last = list(rows.order_by("-created", "-pk")[:window])
    if len(last) < window:
        return None
    return total([Agreement(row.criteria, row.passing, row.exact) for row in last])
