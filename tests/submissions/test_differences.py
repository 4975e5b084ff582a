"""Two versions compared: every word is in the answer, in order, and the work is bounded."""

from __future__ import annotations

import pytest

from submissions.differences import BUDGET, Bounded, differences


def test_words_that_only_one_has_are_marked() -> None:
    assert differences(
        "We talk in pairs, then share.", "We first talk in groups, then share.\n\nIt works."
    ) == [
        ["same", "We"],
        ["added", " first"],
        ["same", " talk in"],
        ["removed", " pairs,"],
        ["added", " groups,"],
        ["same", " then share."],
        ["added", "\n\nIt works."],
    ]
    assert differences("", "") == []
    assert differences("", "new") == [["added", "new"]]
    assert differences("same", "same") == [["same", "same"]]


LONG = [
    ("a " * 20_000, "b " + "a " * 19_998),
    ("a b " * 10_000, "b a a " * 6_666),
    ("a\n\n" * 13_000, "b\n\na\n\n" * 6_500),
    (
        " ".join(str(number) for number in range(5_900)),
        " ".join(str(number) for number in range(5_900, 0, -1)),
    ),
    ("x" * 40_000, "y" * 40_000),
    (" \n" * 20_000, "\n " * 20_000),
]


@pytest.mark.parametrize(("before", "after"), LONG, ids=range(len(LONG)))
def test_long_texts_lose_nothing(before: str, after: str) -> None:
    found = differences(before, after, budget=100_000)
    assert "".join(words for op, words in found if op != "added") == before
    assert "".join(words for op, words in found if op != "removed") == after


def test_the_work_is_counted_and_bounded() -> None:
    """13,000 paragraphs that are all alike would be 169 million comparisons."""
    matcher = Bounded(["a"] * 13_000, ["a"] * 13_000, BUDGET)
    assert matcher.get_opcodes() == [("replace", 0, 13_000, 0, 13_000)]
    assert matcher.spent == 0
    small = Bounded(["a", "b"] * 500, ["b", "a"] * 500, BUDGET)
    small.get_opcodes()
    assert 0 < small.spent <= BUDGET
