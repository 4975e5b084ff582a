"""Figures of agreement: against what was published, against another implementation, and never from too little."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from time import perf_counter
from uuid import uuid4

import krippendorff
import numpy as np
import pytest
from numpy.typing import NDArray

from review import reliability
from review.reliability import Halo, Pattern, Reliability, Severity, Truth

GAP = np.nan
# Krippendorff 2011, section A: two observers, ten units, two values; he prints alpha = 0.095. With two values every
# difference function gives the same alpha.
TWO_OBSERVERS = [[0, 1, 0, 0, 0, 0, 0, 0, 1, 0], [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]]
# The same, section C: four observers, twelve units, some missing, the last unit read by one observer only. For it he
# prints nominal .743, ordinal .815, interval .849 and ratio .797.
FOUR_OBSERVERS = [
    [1, 2, 3, 3, 2, 1, 4, 1, 2, GAP, GAP, GAP],
    [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, GAP, 3],
    [GAP, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, GAP],
    [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, GAP],
]
# R package irr, data set "anxiety", the first two raters: `kappa2(anxiety[,1:2], "squared")` is 0.297.
ANXIETY = (
    [3, 3, 3, 4, 5, 5, 2, 3, 5, 2, 2, 6, 1, 5, 2, 2, 1, 2, 4, 3],
    [3, 6, 4, 6, 2, 4, 2, 4, 3, 3, 2, 3, 3, 3, 2, 2, 1, 3, 3, 4],
)
LEVELS = [1, 2, 3, 4]
UNEVEN: list[Pattern] = [
    ((1, 1), 14),
    ((1, 2), 6),
    ((2, 2), 20),
    ((2, 3), 8),
    ((3, 3), 40),
    ((3, 4), 7),
    ((1, 4), 2),
]

OFTEN_APART: list[Pattern] = [
    ((1, 1), 10),
    ((1, 2), 10),
    ((1, 3), 5),
    ((2, 2), 20),
    ((2, 3), 18),
    ((3, 3), 37),
]


def table(matrix: list[list[float]] | NDArray[np.float64]) -> list[Pattern]:
    """A matrix of observers and units as the counts that the rollups keep."""
    columns = (
        tuple(sorted(int(value) for value in unit if not np.isnan(value)))
        for unit in zip(*matrix, strict=True)
    )
    return list(Counter(columns).items())


@pytest.mark.parametrize(
    ("matrix", "levels", "published"),
    [(TWO_OBSERVERS, [0, 1], 0.095), (FOUR_OBSERVERS, [1, 2, 3, 4, 5], 0.815)],
)
def test_alpha_is_the_published_one(matrix: list[list[float]], levels: list[int], published: float) -> None:
    found = reliability.alpha(table(matrix), levels)
    assert found is not None
    assert round(found, 3) == published


@pytest.mark.parametrize("raters", [2, 3, 4, 5])
def test_alpha_is_that_of_another_implementation(raters: int) -> None:
    draw = np.random.default_rng(raters)
    for _round in range(40):
        quality, steps = (
            draw.integers(1, 5, size=draw.integers(5, 60)),
            draw.integers(-1, 2, size=(raters, 1)),
        )
        matrix = np.clip(quality + steps * (draw.random((raters, len(quality))) < 0.5), 1, 4).astype(float)
        matrix[draw.random(matrix.shape) < 0.3] = GAP
        other = krippendorff.alpha(
            reliability_data=matrix, level_of_measurement="ordinal", value_domain=LEVELS
        )
        assert reliability.alpha(table(matrix), LEVELS) == pytest.approx(other, abs=1e-9)


@pytest.mark.parametrize("patterns", [[], [((2,), 50)], [((3, 3), 50), ((3, 3, 3), 9)]])
def test_no_alpha_without_pairs_or_variation(patterns: list[Pattern]) -> None:
    assert reliability.alpha(patterns, LEVELS) is None
    assert reliability.interval(patterns, LEVELS, seed=1) is None


def test_the_extremes_of_alpha() -> None:
    assert reliability.alpha([((1, 1), 30), ((4, 4), 30)], LEVELS) == 1
    worst = reliability.alpha([((1, 4), 60)], LEVELS)
    assert worst is not None
    assert worst < 0
    with pytest.raises(ValueError, match="does not have"):
        reliability.alpha([((1, 9), 1)], LEVELS)


def test_months_add_up_in_any_order() -> None:
    months = [((2, 1), 3), ((1, 2), 3), *UNEVEN[2:], UNEVEN[0]]
    assert reliability.merged(months) == reliability.merged(UNEVEN)
    assert reliability.interval(months, LEVELS, seed=5) == reliability.interval(UNEVEN, LEVELS, seed=5)


def test_the_interval_holds_alpha_narrows_with_units_and_is_the_same_for_a_seed() -> None:
    value = reliability.alpha(UNEVEN, LEVELS)
    low, high = reliability.interval(UNEVEN, LEVELS, seed=5) or (1.0, 0.0)
    more = reliability.interval([(values, 100 * n) for values, n in UNEVEN], LEVELS, seed=5) or (0.0, 1.0)
    assert value is not None
    assert low < more[0] < value < more[1] < high
    assert more[1] - more[0] < (high - low) / 5
    assert reliability.interval(UNEVEN, LEVELS, seed=6) != (low, high)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    truth = reliability.alpha(OFTEN_APART, LEVELS)
    assert truth is not None
    n = np.array([count for _values, count in OFTEN_APART])
    draw = np.random.default_rng(3)
    covered = 0
    for seed in range(200):
        counts = draw.multinomial(80, n / n.sum())
        sample = [(values, int(count)) for (values, _n), count in zip(OFTEN_APART, counts, strict=True)]
        low, high = reliability.interval(sample, LEVELS, seed, draws=400) or (0.0, 0.0)
        covered += low <= truth <= high
    assert 182 <= covered <= 198


def test_unanimous_scores_are_not_called_certain() -> None:
    few = reliability.interval([((2, 2), 10), ((3, 3, 3), 10)], LEVELS, seed=1)
    many = reliability.interval([((2, 2), 1000), ((3, 3, 3), 1000)], LEVELS, seed=1)
    assert few is not None
    assert many is not None
    assert [round(few[0], 1), few[1]] == [0.7, 1]
    assert [round(many[0], 3), many[1]] == [0.997, 1]


def test_alpha_that_hangs_on_one_unit_is_not_shown() -> None:
    figures = reliability.measure([((3, 3), 24), ((2, 2), 1)], LEVELS, passing=3)
    assert figures == Reliability(25, 25, 1, 1)
    assert figures.words == (
        "Assessors who did not see each other’s scores agreed on passing or not in 25 of 25 double-scored submissions. "
        "Nearly all got the same level, which is too little variation to say more (no alpha)."
    )


def test_a_million_units_take_no_time() -> None:
    patterns = [
        ((a, b, c), 9 + 20_000 * (a == b == c)) for a in LEVELS for b in LEVELS for c in LEVELS if a <= b <= c
    ]
    wide = [
        ((level, other), 500 * (level == other) + 3) for level in range(1, 11) for other in range(level, 11)
    ]
    took = []
    for rows, levels in ((patterns, LEVELS), (wide[:50], list(range(1, 11)))):
        start = perf_counter()
        assert reliability.interval(rows, levels, seed=1) is not None
        took.append(perf_counter() - start)
    assert min(took) < 0.1


def test_exact_and_adjacent_count_a_unit_once() -> None:
    patterns: list[Pattern] = [((2, 2), 6), ((2, 3), 2), ((1, 3), 1), ((2, 2, 3), 3), ((4,), 90)]
    assert reliability.units(patterns) == 12
    assert reliability.exact(patterns) == pytest.approx((6 + 3 / 3) / 12)
    assert reliability.adjacent(patterns) == pytest.approx((6 + 2 + 3) / 12)
    assert reliability.agreed(patterns, passing=3) == 6
    assert reliability.agreed(patterns, passing=2) == 11
    assert (reliability.exact([]), reliability.adjacent([((1,), 5)])) == (None, None)


def test_kappa_is_the_published_one() -> None:
    pairs = [(true, given, 1) for true, given in zip(*ANXIETY, strict=True)]
    assert round(reliability.kappa(pairs) or 0, 3) == 0.297


def test_kappa_worked_by_hand() -> None:
    """True 5, 3, 2 times; given 2, 5, 3 times. Observed 2·1 + 1·4 = 6; by chance (5·5 + 5·3·4 + 3·2 + 3·3 + 2·2·4 + 2·5)/10."""
    pairs = [(1, 1, 2), (2, 2, 3), (3, 3, 2), (1, 2, 2), (1, 3, 1)]
    assert reliability.kappa(pairs) == pytest.approx(1 - 6 / 12.6)
    assert (reliability.kappa([]), reliability.kappa([(2, 2, 40)])) == (None, None)


def test_nothing_is_said_about_fewer_than_the_minimum() -> None:
    few: list[Pattern] = [((2, 2), 2), ((2, 3), 1)]
    assert reliability.measure(few, LEVELS, passing=3) == Reliability(3)
    assert reliability.measure([((2, 3), 19), ((3,), 500)], LEVELS, passing=3) == Reliability(19)
    assert Reliability(3).words == "Not enough double scores yet: 3 so far, and figures take 20."
    assert Reliability(3).verdict == Reliability(3).agreement == Reliability(3).words
    assert reliability.against_truth([(2, 2, 19)]) == Truth(19)
    assert reliability.against_truth([(2, 2, 10), (1, 2, 10)]) == Truth(20, 0.5, 1, 0)


def test_the_words() -> None:
    figures = reliability.measure(UNEVEN, LEVELS, passing=3)
    assert figures.words == (
        "Assessors who did not see each other’s scores agreed on passing or not in 87 of 97 double-scored submissions. "
        "These scores allow careful conclusions only (alpha 0.74, probably between 0.56 and 0.88)."
    )
    assert (figures.units, figures.agreed, figures.enough) == (97, 87, True)


def test_the_bands_are_krippendorffs() -> None:
    said = [reliability.band(value) for value in (0.8, 0.79, 0.667, 0.66, 0.01, 0, -0.4)]
    changes = [first != second for first, second in pairwise(said)]
    assert changes == [True, False, True, False, True, False]


def test_severity_is_against_everybody_else() -> None:
    stern, mild, new, alone = uuid4(), uuid4(), uuid4(), uuid4()
    counts = [
        (stern, "plan", 1, 20), (stern, "plan", 2, 20), (mild, "plan", 3, 40),
        (stern, "video", 1, 10), (mild, "video", 2, 10), (new, "plan", 3, 3), (alone, "essay", 1, 50),
    ]  # fmt: skip
    found = reliability.mean_severity(counts, {"plan": 3, "video": 2, "essay": 3})
    # in "plan" the others' mean is 3, hers 1.5, of a range of 2; in "video" 2 and 1 of 1
    assert found[stern] == Severity(50, (40 * 0.75 + 10 * 1) / 50)
    assert (found[mild].value or 0) < 0
    assert found[new] == Severity(3, None)
    assert found[alone] == Severity(0, None)


def test_halo_is_against_criteria_that_have_nothing_in_common() -> None:
    counts = [("plan", 1, 15), ("plan", 3, 15), ("video", 1, 10), ("video", 2, 20)]
    tops = {"plan": 3, "video": 2}
    found = reliability.halo(24, 30, counts, tops)
    assert (found.reviews, found.share) == (30, 0.8)
    assert found.expected == pytest.approx(0.5 * 10 / 30 + 0.5 * 20 / 30)
    assert found.excess == pytest.approx(0.3)
    assert reliability.halo(24, 19, counts, tops) == Halo(19, None, None)
    assert reliability.halo(24, 30, counts[:2], tops).excess is None
    assert reliability.is_flat([(1, 3), (1, 2)])
    assert reliability.is_flat([(3, 3), (2, 2), (5, 5)])
    assert not reliability.is_flat([(2, 3), (2, 2)])
