"""File names that are only names, and that do not tell whose the file is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePath

NAME_MAX = 255
# Characters that reorder, hide or break a name: controls, zero-width signs, direction overrides.
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
# Words of schools' and offices' names that tell nobody apart; alone they stay.
GENERIC = frozenset(
    {
        "academy", "and", "center", "central", "charter", "college", "county", "de", "del", "department", "district",
        "elementary", "escuela", "for", "high", "independent", "institute", "intermediate", "isd", "junior", "la", "las",
        "los", "magnet", "middle", "of", "office", "preschool", "primary", "public", "school", "schools", "secondary",
        "the", "unified", "union", "university",
    }
)  # fmt: skip
GAP = r"[\W_]*"
BARE = (("image/", "picture"), ("video/", "video"), ("audio/", "recording"), ("text/", "text"))


def safe_name(name: str) -> str:
    """A file name that is only a name: no path, no invisible or control characters, at most 255 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    text = " ".join(INVISIBLE.sub("", last).split()).strip(". ") or "file"
    if len(text) <= NAME_MAX:
        return text
    stem, dot, ending = text.rpartition(".")
    return stem[: NAME_MAX - len(ending) - 1] + dot + ending if 0 < len(ending) <= 10 else text[:NAME_MAX]


def blind(name: str, scrub: Sequence[str], ending: str, content_type: str) -> str:
    """The name for assessors: without the names of the educator and her school, and with the right ending."""
    safe = safe_name(name)
    stem = PurePath(safe).stem if PurePath(safe).suffix else safe
    left = without(stem, scrub).strip(" -_.,;()[]'’")
    bare = next((word for start, word in BARE if content_type.startswith(start)), "document")
    return (left or bare)[: NAME_MAX - len(ending)] + ending


def without(text: str, scrub: Iterable[str]) -> str:
    """Cut names out of a short text, however they are spaced, cased or accented there."""
    folded, places = _folded(text)
    cut: set[int] = set()
    for pattern in _patterns(scrub):
        for match in re.finditer(pattern, folded):
            cut.update(places[match.start() : match.end()])
    if not cut:
        return text
    kept = "".join("\x00" if at in cut else sign for at, sign in enumerate(text))
    return re.sub(r"(?P<edge>[\s_.-]?)\x00+(?:['’]s\b)?[\s_.-]*", r"\g<edge>", kept).strip()


def _folded(text: str) -> tuple[str, list[int]]:
    """The text in small letters without accents, and for each of its characters the place it came from."""
    signs: list[str] = []
    places: list[int] = []
    for at, sign in enumerate(text):
        for part in unicodedata.normalize("NFKD", sign).casefold():
            if not unicodedata.combining(part):
                signs.append(part)
                places.append(at)
    return "".join(signs), places


def _patterns(scrub: Iterable[str]) -> Iterator[str]:
    """Whole names first, in both orders, then each word that tells somebody apart."""
    for name in scrub:
        words = re.findall(r"[^\W_]+", _folded(name)[0])
        for order in (words, words[::-1]) if len(words) > 1 else ():
            yield rf"(?<![^\W\d_]){GAP.join(map(re.escape, order))}(?![^\W\d_])"
            if len("".join(order)) >= 6:
                yield "".join(map(re.escape, order))
        for word in words:
            if len(word) > 1 and word not in GENERIC:
                yield rf"(?<![^\W\d_]){re.escape(word)}(?![^\W\d_])"
