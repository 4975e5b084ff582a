"""Named reads of the figures: a version's rollups, added up over a span of months. Never the scores themselves."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion, Version
from review.models import AssessorMonth, LevelCount, OutcomeCount, Tally, UsefulCount
from review.reliability import Pattern

PERIODS = {"3": _("Last 3 months"), "12": _("Last 12 months"), "all": _("All months")}


@dataclass(frozen=True)
class Span:
    """The months of one or more versions, from `since` on; all of them without it."""

    versions: tuple[UUID, ...]
    since: date | None = None

    @property
    def where(self) -> dict[str, Any]:
        months = {} if self.since is None else {"month__gte": self.since}
        return {"version__in": self.versions, **months}


def since(period: str) -> date | None:
    """The first of the months a period spans, the present one included."""
    if not period.isdecimal():
        return None
    today = timezone.now().date()
    month = today.year * 12 + today.month - int(period)
    return date(month // 12, month % 12 + 1, 1)


@dataclass(frozen=True)
class Ruler:
    """A criterion as figures need it: its levels run from 1 to `top`."""

    id: UUID
    title: str
    passing: int
    names: tuple[str, ...]

    @property
    def top(self) -> int:
        return len(self.names)

    @property
    def levels(self) -> range:
        return range(1, self.top + 1)


def rulers(versions: Iterable[UUID]) -> dict[UUID, list[Ruler]]:
    """The criteria of each version, in the order of its rubric."""
    rows = Criterion.objects.filter(version__in=list(versions)).prefetch_related("levels")
    found: dict[UUID, list[Ruler]] = defaultdict(list)
    for row in rows.order_by("part", "order", "key"):
        names = tuple(level.name for level in row.levels.all())
        found[row.version_id].append(Ruler(row.pk, row.title, row.passing, names))
    return found


@dataclass(frozen=True)
class Tallies:
    """By criterion: which levels independent readings gave, and what assessors gave for what is true."""

    readings: dict[UUID, list[Pattern]] = field(default_factory=lambda: defaultdict(list))
    anchors: dict[UUID, list[tuple[int, int, int]]] = field(default_factory=lambda: defaultdict(list))


def tallies(span: Span) -> Tallies:
    """What readings and anchors show over this span, by criterion."""
    found = Tallies()
    rows = Tally.objects.filter(**span.where).values_list("criterion", "kind", "levels")
    for criterion, kind, levels, n in rows.annotate(total=Sum("n")).order_by():
        if kind == Tally.Kind.READINGS:
            found.readings[criterion].append((tuple(levels), n))
        else:
            found.anchors[criterion].append((levels[0], levels[1], n))
    return found


@dataclass(frozen=True)
class Given:
    """How often an assessor gave a criterion a level, in first attempts or in later ones."""

    assessor: UUID
    criterion: UUID
    level: int
    first: bool
    n: int


def given(span: Span) -> list[Given]:
    """Which levels assessors gave over this span."""
    rows = LevelCount.objects.filter(**span.where).values_list("assessor", "criterion", "level", "first")
    return [Given(*row) for row in rows.annotate(total=Sum("n")).order_by()]


def reviews(span: Span) -> dict[UUID, tuple[str, int, int, int]]:
    """Each assessor's (name, reviews, how many of them flat, seconds)."""
    rows = AssessorMonth.objects.filter(**span.where).values_list("assessor", "assessor__name")
    sums = rows.annotate(Sum("reviews"), Sum("flat"), Sum("seconds")).order_by("assessor__name", "assessor")
    return {row[0]: row[1:] for row in sums}


@dataclass(frozen=True)
class Decided:
    """So many attempts with this number, outcome and time taken."""

    attempt: int
    earned: bool
    days: int
    late: bool
    n: int


def reviewed_by(assessor: UUID, months_since: date | None) -> dict[UUID, tuple[int, int]]:
    """For each version she reviewed: (reviews, how many of them flat)."""
    rows = AssessorMonth.objects.filter(assessor=assessor)
    rows = rows.filter(month__gte=months_since) if months_since else rows
    sums = rows.values_list("version").annotate(Sum("reviews"), Sum("flat")).order_by()
    return {row[0]: row[1:] for row in sums}


def decided(span: Span) -> list[Decided]:
    """What was decided over this span, by attempt, outcome and days taken."""
    rows = OutcomeCount.objects.filter(**span.where).values_list("attempt", "earned", "days", "late")
    return [Decided(*row) for row in rows.annotate(total=Sum("n")).order_by("attempt")]


def days_by_version(span: Span) -> dict[UUID, list[tuple[int, int]]]:
    """For each version: (business days taken, how many attempts)."""
    rows = OutcomeCount.objects.filter(**span.where).values_list("version", "days")
    found: dict[UUID, list[tuple[int, int]]] = defaultdict(list)
    for version, days, n in rows.annotate(total=Sum("n")).order_by():
        found[version].append((days, n))
    return found


def months(span: Span) -> dict[date, int]:
    """How many attempts were decided in each month."""
    rows = OutcomeCount.objects.filter(**span.where).values_list("month")
    return dict(rows.annotate(total=Sum("n")).order_by("month"))


def useful(span: Span) -> Counter[int]:
    """How often educators gave each rating to their feedback."""
    rows = UsefulCount.objects.filter(**span.where).values_list("rating")
    return Counter(dict(rows.annotate(total=Sum("n")).order_by()))


def busiest(ids: Collection[UUID]) -> UUID | None:
    """The version with most decisions: what there is most to say about."""
    rows = OutcomeCount.objects.filter(version__in=ids).values_list("version").annotate(total=Sum("n"))
    return next((pk for pk, _total in rows.order_by("-total", "version")[:1]), None)


def versions_by(ids: Iterable[UUID]) -> dict[UUID, Version]:
    """Titles and numbers of these versions."""
    return Version.objects.only("title", "number").in_bulk(list(ids))
