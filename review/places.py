"""Places in the evidence: what a note points at, checked against what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

TIME, REGION, PASSAGE = "time", "region", "passage"
SLACK = 1.0  # seconds: what was measured and what a player says differ a little
LONGEST_QUOTE = 2000
SHORT = 60  # characters of a quote in a label


class Misplaced(Exception):
    """A place that is not there, in words for people."""


@dataclass(frozen=True)
class Piece:
    """What a place has to fit into. `kinds` are the kinds of places it has."""

    kinds: frozenset[str]
    duration: float = 0.0
    pages: int = 1
    text: str = ""


def checked(kind: str, given: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    """The place as it is stored; `Misplaced` says what is wrong with it."""
    if kind not in piece.kinds:
        raise Misplaced(_("This piece of evidence has no such place."))
    return {TIME: _time, REGION: _region, PASSAGE: _passage}[kind](given, piece)


def _time(given: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    start = _number(given, "start")
    end = _number(given, "end") if given.get("end") is not None else start
    if start < 0 or end < start:
        raise Misplaced(_("A place in a recording ends after it begins."))
    if piece.duration and end > piece.duration + SLACK:
        raise Misplaced(_("The recording is shorter than that."))
    return {"start": round(start, 3), "end": round(end, 3)}


def _region(given: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    page = int(_number(given, "page")) if given.get("page") is not None else 1
    if not 1 <= page <= piece.pages:
        raise Misplaced(_("There is no page %(n)s.") % {"n": page})
    x, y, width, height = (_number(given, name) for name in ("x", "y", "width", "height"))
    inside = min(x, y) >= 0 and min(width, height) > 0 and max(x + width, y + height) <= 1.001
    if not inside:
        raise Misplaced(_("The marked area lies outside the picture."))
    shares = {"x": x, "y": y, "width": min(width, 1 - x), "height": min(height, 1 - y)}
    return {"page": page, **{name: round(value, 4) for name, value in shares.items()}}


def _number(given: Mapping[str, Any], name: str) -> float:
    value = given.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e7:
        raise Misplaced(_("“%(name)s” has to be a number.") % {"name": name})
    return float(value)


def _passage(given: Mapping[str, Any], piece: Piece) -> dict[str, Any]:
    quote = given.get("quote")
    if quote is None:
        quote = _slice(given, piece.text)
    if not isinstance(quote, str) or not _solid(quote):
        raise Misplaced(_("Select or type the words you mean."))
    if len(quote) > LONGEST_QUOTE:
        raise Misplaced(_("This passage is too long; choose its most telling words."))
    found = occurrences(piece.text, quote)
    if not found:
        raise Misplaced(_("These words are not in the text."))
    nth = _which(given, found)
    start, end = found[nth]
    return {"start": start, "end": end, "quote": piece.text[start:end], "nth": nth}


def _slice(given: Mapping[str, Any], text: str) -> str:
    start, end = int(_number(given, "start")), int(_number(given, "end"))
    return text[max(0, start) : max(0, end)]


def _which(given: Mapping[str, Any], found: list[tuple[int, int]]) -> int:
    """The occurrence meant: by its number, else the nearest to `start`, else the first."""
    nth = given.get("nth")
    if isinstance(nth, int) and not isinstance(nth, bool) and 0 <= nth < len(found):
        return nth
    near = _number(given, "start") if given.get("start") is not None else 0
    return min(range(len(found)), key=lambda at: abs(found[at][0] - near))


def occurrences(text: str, quote: str) -> list[tuple[int, int]]:
    """Where `quote` stands in `text` (start, end), by letters and digits alone: a page shows neither the signs of markup nor
    the spaces of what was typed."""
    solid, wanted = _solid(text), "".join(char for _at, char in _solid(quote))
    letters = "".join(char for _at, char in solid)
    found, at = [], letters.find(wanted) if wanted else -1
    while at >= 0:
        found.append((solid[at][0], solid[at + len(wanted) - 1][0] + 1))
        at = letters.find(wanted, at + 1)
    return found


def _solid(text: str) -> list[tuple[int, str]]:
    return [(at, _small(char)) for at, char in enumerate(text) if char.isalnum()]


def _small(char: str) -> str:
    """In small letters, where that is one letter too."""
    return small if len(small := char.lower()) == 1 else char


def label(kind: str, place: dict[str, Any]) -> str:
    """A place in a few words: `03:12`, `page 2`, `“we wait …”`."""
    if kind == TIME:
        start, end = clock(place.get("start", 0)), clock(place.get("end", 0))
        return start if start == end else f"{start}–{end}"
    if kind == REGION:
        return _("page %(n)s") % {"n": place.get("page", 1)}
    quote = " ".join(str(place.get("quote", "")).split())
    return f"“{quote[:SHORT].rstrip()}…”" if len(quote) > SHORT else f"“{quote}”"


def clock(seconds: float) -> str:
    """`03:12`, or `1:03:12` after an hour."""
    hours, rest = divmod(int(seconds), 3600)
    minutes = f"{rest // 60:02d}:{rest % 60:02d}"
    return f"{hours}:{minutes}" if hours else minutes
