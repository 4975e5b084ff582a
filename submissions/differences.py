"""Two versions of a text side by side: which words only one of them has. Bounded in work, whatever is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import Match, SequenceMatcher
from itertools import accumulate

WORDS_MAX = 6_000
BUDGET = 10_000_000  # comparisons; about a second
SAME, REMOVED, ADDED = "same", "removed", "added"
PARAGRAPH = re.compile(r"\n*[^\n]+\n*|\n+")
WORD = re.compile(r"[^\S\n]*\S+|\s+")

Difference = list[list[str]]


class Bounded(SequenceMatcher[str]):
    """`SequenceMatcher` that stops looking when its budget is spent; what is left then counts as different."""

    a: Sequence[str]  # the stubs leave these two out
    b2j: dict[str, list[int]]

    def __init__(self, before: Sequence[str], after: Sequence[str], budget: int) -> None:
        super().__init__(None, before, after, autojunk=False)
        self.budget = budget
        self.spent = 0
        where = self.b2j
        self.costs = [0, *accumulate(1 + len(where.get(token, ())) for token in before)]

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> Match:
        end = len(self.a) if ahi is None else ahi
        cost = self.costs[end] - self.costs[alo]
        if self.spent + cost > self.budget:
            return Match(alo, blo, 0)
        self.spent += cost
        return super().find_longest_match(alo, end, blo, bhi)


def differences(before: str, after: str, budget: int = BUDGET) -> Difference:
    """[[op, text], …] with op same | removed (only in `before`) | added (only in `after`), in reading order.

    By words; by paragraphs where there are too many words to compare one by one.
    """
    one, other = WORD.findall(before), WORD.findall(after)
    if max(len(one), len(other)) > WORDS_MAX:
        one, other = PARAGRAPH.findall(before), PARAGRAPH.findall(after)
    start = _common(one, other)
    end = _common(one[start:][::-1], other[start:][::-1])
    middle = one[start : len(one) - end], other[start : len(other) - end]
    found: Difference = []
    _add(found, SAME, one[:start])
    for op, alo, ahi, blo, bhi in Bounded(*middle, budget).get_opcodes():
        if op == "equal":
            _add(found, SAME, middle[0][alo:ahi])
        else:
            _add(found, REMOVED, middle[0][alo:ahi])
            _add(found, ADDED, middle[1][blo:bhi])
    _add(found, SAME, one[len(one) - end :])
    return found


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    """How many tokens the two begin with in common."""
    pairs = zip(one, other, strict=False)
    return next((at for at, (left, right) in enumerate(pairs) if left != right), min(len(one), len(other)))


def _add(found: Difference, op: str, tokens: Sequence[str]) -> None:
    if not tokens:
        return
    if found and found[-1][0] == op:
        found[-1][1] += "".join(tokens)
    else:
        found.append([op, "".join(tokens)])
