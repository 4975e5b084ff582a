"""How alike two fingerprints are. Light, so that every process may import it; making them is `fingerprints`' work."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

FEWEST = 50


def words_of(text: str) -> list[str]:
    """The words of a text as they are compared; none where there are too few to tell copies from chance."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    return words if len(words) >= FEWEST else []


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """The share of runs of words that two texts have in common, as estimated."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two pictures differ; up to about 10 they look alike."""
    return ((one ^ other) & (2**64 - 1)).bit_count()
