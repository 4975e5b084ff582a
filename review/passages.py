"""The passages that two texts have in common, side by side and bounded, for a person to read."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

SHINGLE = 5
LONGEST = 20_000  # words of each text that are looked at
MOST = 5  # passages
SHOWN = 80  # words of a passage
AROUND = 12  # words before and after it
WORD = re.compile(r"\w+")


class Word(NamedTuple):
    """A word as it is compared, and where it stands."""

    plain: str
    start: int
    end: int


@dataclass(frozen=True)
class Excerpt:
    """A passage in one of the texts, with a little of what stands around it."""

    before: str
    shared: str
    after: str


@dataclass(frozen=True)
class Passage:
    """The same words in both texts."""

    newer: Excerpt
    older: Excerpt
    words: int


def passages(newer: str, older: str) -> list[Passage]:
    """The longest runs of words in common, in the order of the newer text."""
    ours, theirs = _words(newer), _words(older)
    runs = sorted(_runs(ours, theirs), key=lambda run: -run[2])[:MOST]
    return [
        Passage(_excerpt(newer, ours, at, length), _excerpt(older, theirs, there, length), length)
        for at, there, length in sorted(runs)
    ]


def _words(text: str) -> list[Word]:
    found = []
    for match in WORD.finditer(text):
        found.append(Word(unicodedata.normalize("NFKC", match[0]).casefold(), match.start(), match.end()))
        if len(found) == LONGEST:
            break
    return found


def _runs(ours: Sequence[Word], theirs: Sequence[Word]) -> Iterator[tuple[int, int, int]]:
    """Where a run begins in each, and how many words it has."""
    places: dict[tuple[str, ...], int] = {}
    for at in range(len(theirs) - SHINGLE + 1):
        places.setdefault(_shingle(theirs, at), at)
    at = 0
    while at <= len(ours) - SHINGLE:
        there = places.get(_shingle(ours, at))
        if there is None:
            at += 1
            continue
        length = SHINGLE
        while _same(ours, theirs, at + length, there + length):
            length += 1
        yield at, there, length
        at += length


def _shingle(words: Sequence[Word], at: int) -> tuple[str, ...]:
    return tuple(word.plain for word in words[at : at + SHINGLE])


def _same(ours: Sequence[Word], theirs: Sequence[Word], at: int, there: int) -> bool:
    return at < len(ours) and there < len(theirs) and ours[at].plain == theirs[there].plain


def _excerpt(text: str, words: Sequence[Word], at: int, length: int) -> Excerpt:
    last = at + min(length, SHOWN) - 1
    first, final = max(0, at - AROUND), min(len(words) - 1, last + AROUND)
    start, end = words[at].start, words[last].end
    more = "…" if length > SHOWN else ""
    return Excerpt(
        ("… " if first else "") + text[words[first].start : start],
        text[start:end] + more,
        "" if more else text[end : words[final].end] + (" …" if final < len(words) - 1 else ""),
    )
