"""How far scores can be relied on, in figures and in words. No database here: only counts come in.

A *pattern table* says how many units (one criterion of one attempt) got exactly these levels from their independent
readers: a million scores are a few dozen rows. Levels count from 1, low to high, as a rubric's do.

Sources: K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", University of Pennsylvania, 2011 (alpha from the
coincidence matrix); the same, "Content Analysis", Sage, 2004, ch. 11 (the thresholds .667 and .800); A. Zapf et al.,
"Measuring inter-rater reliability for nominal data", BMC Medical Research Methodology 16:93, 2016 (bootstrap over the
units); J. A. Hanley, A. Lippman-Hand, "If nothing goes wrong, is everything all right?", JAMA 249, 1983 (three in n);
J. Cohen, "Weighted kappa", Psychological Bulletin 70, 1968.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations
from math import prod
from typing import TypeVar

import numpy as np
from django.utils.formats import number_format
from django.utils.translation import gettext as _
from numpy.typing import NDArray

Pattern = tuple[tuple[int, ...], int]  # (the levels one unit got, sorted), how many units
Figures = NDArray[np.float64]

MINIMUM = 20  # units: with fewer, a share is known to no better than 20 points either way, and alpha to less
TENTATIVE, RELIABLE = 0.667, 0.800
DRAWS = 2000
UNDEFINED_AT_MOST = 0.05  # of the draws; beyond, alpha hangs on a unit or two
UNSEEN = 3  # of n units: as many as may disagree, with 95 % confidence, where none of n did


# --- agreement --------------------------------------------------------------------------------------------


def merged(patterns: Iterable[Pattern]) -> list[Pattern]:
    """One row a pattern, in order, without units that fewer than two people read: months add up, order is nothing."""
    counts: Counter[tuple[int, ...]] = Counter()
    for values, n in patterns:
        if len(values) > 1 and n:
            counts[tuple(sorted(values))] += n
    return sorted(counts.items())


def units(patterns: Iterable[Pattern]) -> int:
    """How many units two or more people read."""
    return sum(n for _values, n in merged(patterns))


def alpha(patterns: Iterable[Pattern], levels: Sequence[int]) -> float | None:
    """Krippendorff's alpha, ordinal, for any number of readers a unit.

    None without a pair of readings, or where every reading gave one level: observed and expected disagreement are both
    nothing, and 0/0 is no sign of reliability.
    """
    rows = merged(patterns)
    if not rows:
        return None
    value = _alphas(rows, levels, np.array([[n for _values, n in rows]], dtype=np.float64))[0]
    return None if np.isnan(value) else float(value)


def interval(
    patterns: Iterable[Pattern], levels: Sequence[int], seed: int, draws: int = DRAWS
) -> tuple[float, float] | None:
    """The middle 95 % of alpha over `draws` samples of as many units, drawn with replacement; the same for a seed.

    None where more than `UNDEFINED_AT_MOST` of the samples show no variation. Where no unit shows a disagreement no
    sample can, and 1 to 1 would claim too much: the lower end is then alpha if `UNSEEN` units had disagreed.
    Where grave disagreements are rare the range is somewhat narrow: it then held the truth in 83 to 90 % of trials.
    """
    rows = merged(patterns)
    if not rows:
        return None
    n = np.array([count for _values, count in rows])
    sampled = np.random.default_rng(seed).multinomial(n.sum(), n / n.sum(), size=draws)
    found = _alphas(rows, levels, sampled.astype(np.float64))
    if np.isnan(found).mean() > UNDEFINED_AT_MOST:
        return None
    low, high = np.nanquantile(found, (0.025, 0.975))
    if all(len(set(values)) == 1 for values, _n in rows):
        low = _unseen(rows, levels)
    return float(low), float(high)


def _unseen(rows: list[Pattern], levels: Sequence[int]) -> float:
    """Alpha if `UNSEEN` of the units on which all agree had been read as the two levels most given."""
    given: Counter[int] = Counter()
    for values, n in rows:
        given[values[0]] += n
    pair = tuple(level for level, _n in given.most_common(2))
    most, n = max(rows, key=lambda row: row[1])
    moved = min(UNSEEN, n)
    return alpha([*rows, (most, -moved), (pair, moved)], levels) or 0.0


def _alphas(rows: list[Pattern], levels: Sequence[int], counts: Figures) -> Figures:
    """Alpha for each row of `counts` (how many units of each pattern); NaN where it is not defined.

    The ordinal difference of two values is the square of the distance between their mid-ranks: of all values from one
    to the other, the two themselves by half.
    """
    given = np.array([[values.count(level) for level in levels] for values, _n in rows], dtype=np.float64)
    readers = given.sum(axis=1)
    if readers.sum() != sum(len(values) for values, _n in rows):
        raise ValueError("A unit has a level that the criterion does not have.")
    pairs = given[:, :, None] * given[:, None, :] - given[:, :, None] * np.eye(len(levels))
    coincidences = np.tensordot(counts, pairs / (readers - 1)[:, None, None], axes=1)
    totals = counts @ given
    ranks = totals.cumsum(axis=1) - totals / 2
    difference = (ranks[:, :, None] - ranks[:, None, :]) ** 2
    observed = (coincidences * difference).sum(axis=(1, 2))
    expected = (totals[:, :, None] * totals[:, None, :] * difference).sum(axis=(1, 2))
    defined = expected > 0
    ratio = (totals.sum(axis=1) - 1) * observed / np.where(defined, expected, 1)
    return np.where(defined, 1 - ratio, np.nan)


def exact(patterns: Iterable[Pattern]) -> float | None:
    """The share of pairs of readings at the same level; a unit counts once, however many read it."""
    return _pairwise(patterns, 0)


def adjacent(patterns: Iterable[Pattern]) -> float | None:
    """The share of pairs of readings at the same level or one apart."""
    return _pairwise(patterns, 1)


def _pairwise(patterns: Iterable[Pattern], apart: int) -> float | None:
    rows = merged(patterns)
    if not rows:
        return None
    near = 0.0
    for values, n in rows:
        pairs = [high - low <= apart for low, high in combinations(values, 2)]
        near += n * sum(pairs) / len(pairs)
    return near / units(rows)


def agreed(patterns: Iterable[Pattern], passing: int) -> int:
    """In how many units all readings stood on one side of the passing level."""
    return sum(n for values, n in merged(patterns) if len({value >= passing for value in values}) == 1)


def kappa(pairs: Iterable[tuple[int, int, int]]) -> float | None:
    """Quadratic-weighted kappa of (true level, level given, how often); None where chance alone would always agree."""
    total = apart = trues = givens = squares = 0
    for true, given, n in pairs:
        total += n
        apart += n * (true - given) ** 2
        trues += n * true
        givens += n * given
        squares += n * (true * true + given * given)
    expected = total * squares - 2 * trues * givens
    return 1 - total * apart / expected if expected else None


# --- assessors --------------------------------------------------------------------------------------------

Assessor = TypeVar("Assessor", bound=Hashable)
Criterion = TypeVar("Criterion", bound=Hashable)


@dataclass(frozen=True)
class Severity:
    """How much lower than everybody else an assessor scores, in parts of the level range; below zero: higher.

    `scores` are those on criteria that somebody else scored too; fewer than `MINIMUM` give no value.
    """

    scores: int
    value: float | None


def mean_severity(
    counts: Iterable[tuple[Assessor, Criterion, int, int]], tops: Mapping[Criterion, int]
) -> dict[Assessor, Severity]:
    """Each assessor against the mean of all others, criterion by criterion, weighed by how much she scored of it.

    `counts`: (assessor, criterion, level, how often); `tops`: each criterion's highest level. All others, not all: with
    two assessors a mean that holds her own scores would hide half of the difference.
    """
    sums: dict[Criterion, dict[Assessor, tuple[int, int]]] = defaultdict(dict)
    for assessor, criterion, level, n in counts:
        held, points = sums[criterion].get(assessor, (0, 0))
        sums[criterion][assessor] = (held + n, points + n * level)
    scores: dict[Assessor, int] = {}
    lower: dict[Assessor, float] = defaultdict(float)
    for criterion, rows in sums.items():
        everybody, total = (sum(column) for column in zip(*rows.values(), strict=True))
        for assessor, (n, points) in rows.items():
            scores.setdefault(assessor, 0)
            if n and everybody > n and tops[criterion] > 1:
                others = (total - points) / (everybody - n)
                scores[assessor] += n
                lower[assessor] += (n * others - points) / (tops[criterion] - 1)
    return {who: Severity(n, lower[who] / n if n >= MINIMUM else None) for who, n in scores.items()}


def place(level: int, top: int) -> Fraction:
    """Where a level stands between the lowest (0) and the highest (1), so that criteria compare."""
    return Fraction(level - 1, top - 1) if top > 1 else Fraction(1)


def is_flat(scores: Iterable[tuple[int, int]]) -> bool:
    """Whether a review gave all criteria the same place. `scores`: (level, the criterion's highest level)."""
    return len({place(level, top) for level, top in scores}) == 1


@dataclass(frozen=True)
class Halo:
    """How many reviews gave every criterion the same place, and how many would if criteria had nothing in common.

    Work that is good in one thing is often good in others, so some excess is natural: compare with colleagues.
    """

    reviews: int
    share: float | None
    expected: float | None

    @property
    def excess(self) -> float | None:
        return None if self.share is None or self.expected is None else self.share - self.expected


def halo(
    flat: int, reviews: int, counts: Iterable[tuple[Criterion, int, int]], tops: Mapping[Criterion, int]
) -> Halo:
    """One assessor's `flat` of `reviews`; `counts`: (criterion, level, how often she gave it).

    No figure for fewer than `MINIMUM` reviews or where there is only one criterion to be flat on.
    """
    places: dict[Criterion, Counter[Fraction]] = defaultdict(Counter)
    for criterion, level, n in counts:
        places[criterion][place(level, tops[criterion])] += n
    if reviews < MINIMUM or len(places) < 2:
        return Halo(reviews, None, None)
    everywhere = frozenset[Fraction]().union(*places.values())
    expected = sum(prod(seen[spot] / seen.total() for seen in places.values()) for spot in everywhere)
    return Halo(reviews, flat / reviews, float(expected))


# --- what a page shows ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reliability:
    """A criterion's independent readings in figures: none of them below `MINIMUM` units."""

    units: int
    agreed: int | None = None  # units in which all stood on one side of the passing level
    exact: float | None = None
    adjacent: float | None = None
    alpha: float | None = None
    low: float | None = None
    high: float | None = None

    @property
    def enough(self) -> bool:
        return self.units >= MINIMUM

    @property
    def words(self) -> str:
        """The figures for a person who never heard of alpha."""
        if not self.enough or self.agreed is None:
            return not_enough(self.units)
        return f"{self.agreement} {self.verdict}"

    @property
    def agreement(self) -> str:
        """How often two assessors said the same, in cases."""
        if self.agreed is None:
            return not_enough(self.units)
        return _(
            "Assessors who did not see each other’s scores agreed on passing or not in %(agreed)s of %(units)s "
            "double-scored submissions."
        ) % {"agreed": number_format(self.agreed), "units": number_format(self.units)}

    @property
    def verdict(self) -> str:
        """What alpha allows to conclude, with its range."""
        if not self.enough:
            return not_enough(self.units)
        if self.alpha is None or self.low is None or self.high is None:
            return _("Nearly all got the same level, which is too little variation to say more (no alpha).")
        figures = {name: number_format(round(getattr(self, name), 2), 2) for name in ("alpha", "low", "high")}
        return _("%(band)s (alpha %(alpha)s, probably between %(low)s and %(high)s).") % {
            "band": band(self.alpha),
            **figures,
        }


def measure(patterns: Iterable[Pattern], levels: Sequence[int], passing: int, seed: int = 0) -> Reliability:
    """All figures of a pattern table; no figure at all from fewer than `MINIMUM` units."""
    rows = merged(patterns)
    n = units(rows)
    if n < MINIMUM:
        return Reliability(n)
    figures = (agreed(rows, passing), exact(rows), adjacent(rows))
    value, ends = alpha(rows, levels), interval(rows, levels, seed)
    if value is None or ends is None:
        return Reliability(n, *figures)
    return Reliability(n, *figures, value, *ends)


def band(value: float) -> str:
    """Krippendorff's thresholds in words: rely on .800 and above, conclude with care from .667, not below."""
    if value >= RELIABLE:
        return _("These scores can be relied on")
    if value >= TENTATIVE:
        return _("These scores allow careful conclusions only")
    if value > 0:
        return _("Assessors do not yet read this criterion alike, so these scores need a second look")
    return _("Assessors agree no more often than by chance, so these scores say nothing yet")


def not_enough(n: int) -> str:
    """In place of figures: how many double scores there are and how many they take."""
    return _("Not enough double scores yet: %(n)s so far, and figures take %(least)s.") % {
        "n": number_format(n),
        "least": MINIMUM,
    }


@dataclass(frozen=True)
class Truth:
    """Scores of anchors against their true levels: no figure below `MINIMUM` scores."""

    scores: int
    exact: float | None = None
    adjacent: float | None = None
    kappa: float | None = None


def against_truth(pairs: Iterable[tuple[int, int, int]]) -> Truth:
    """All figures of (true level, level given, how often)."""
    rows = list(pairs)
    n = sum(count for _true, _given, count in rows)
    if n < MINIMUM:
        return Truth(n)
    patterns = [((true, given), count) for true, given, count in rows]
    return Truth(n, exact(patterns), adjacent(patterns), kappa(rows))
