"""Words on a drawing: their fonts, how wide they are, and how a title of any length and script is fitted in.

The fonts come from packages and the text is laid out with their own metrics, so that a picture is the same on a machine
without any font. Source Sans has Latin, Greek and Cyrillic; Noto Sans has the rest.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from PIL import ImageFont

FAMILY: Final = "Source Sans Pro"
BOLD: Final = "Bold"
SEMIBOLD: Final = "Semibold"
_WEIGHTS: Final = {BOLD: 700, SEMIBOLD: 600}
_LEADING: Final = 1.12
# What the first font has no letters for.
OTHER_SCRIPTS: Final = re.compile(
    "[\u0530-\u1dff\u2190-\u2bff\u2c60-\ua71f\ua7b0-\uf8ff\ufb00-\ufffd\U00010000-\U0010ffff]"
)
# Scripts written without spaces break between any two letters.
_TOKENS: Final = re.compile(
    "\\s+|[\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff\uff00-\uffef]|[^\\s\u2e80-\u9fff]+"
)


class Letters(NamedTuple):
    """How a piece of text is set."""

    size: float
    weight: str = BOLD
    fill: str = "#fff"
    spacing: float = 0


@dataclass(frozen=True, kw_only=True)
class Box:
    """Where a title may stand: its middle, its height, and how wide the shape is at each height."""

    middle: float
    height: float
    width: Callable[[float], float]
    sizes: tuple[int, ...] = (76, 68, 61, 54, 48, 43, 38, 34, 31, 28, 25)
    most: int = 5


def packaged(*packages: str) -> list[Path]:
    """The folders of the packaged fonts."""
    return [Path(str(resources.files(package))) for package in packages]


@cache
def font_folders() -> list[Path]:
    """Where every font is that papers are set in."""
    source, *noto = packaged("font_source_sans_pro", "manimgx_fonts", "manimgx_fonts_cjk")
    return [source / "files", *noto]


@cache
def font_files(*, every_script: bool) -> list[str]:
    """The fonts of a drawing; those of rare scripts only where one stands in it, because reading them takes time."""
    source, *noto = font_folders()
    files = [source / f"SourceSansPro-{weight}.ttf" for weight in _WEIGHTS]
    if every_script:
        files += sorted(
            file for folder in noto for file in folder.iterdir() if file.suffix in (".ttf", ".ttc")
        )
    return [str(file) for file in files]


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    file = font_folders()[0] / f"SourceSansPro-{weight}.ttf"
    return ImageFont.truetype(file, size, layout_engine=ImageFont.Layout.BASIC)


def width(text: str, letters: Letters) -> float:
    """How wide a line will be; letters of rare scripts are judged by their kind, rather too wide than too narrow."""
    known = OTHER_SCRIPTS.sub("", text)
    others = sum(_advance(character) for character in OTHER_SCRIPTS.findall(text))
    measured = float(_font(letters.weight, 100).getlength(known)) / 100
    return (measured + others) * letters.size + letters.spacing * len(text)


def _advance(character: str) -> float:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return {"W": 1.02, "F": 1.02}.get(unicodedata.east_asian_width(character), 0.64)


def fit(title: str, box: Box) -> tuple[int, tuple[str, ...]]:
    """The largest type size at which a title fits its shape, and its lines, as even as they can be."""
    for size in box.sizes:
        for count in range(1, min(box.most, int(box.height / (size * _LEADING))) + 1):
            if lines := _evenly(title, box, size, count):
                return size, lines
    size = box.sizes[-1]
    count = min(box.most, int(box.height / (size * _LEADING)))
    widths = _widths(box, size, count)
    lines = _wrap(title, Letters(size), widths) or ("",)
    if len(lines) > count:
        lines = (*lines[: count - 1], f"{lines[count - 1]} …")
    return size, tuple(shorten(line, Letters(size), room) for line, room in zip(lines, widths, strict=False))


def _widths(box: Box, size: int, count: int) -> list[float]:
    """The room of each line: at a line's top or bottom, whichever is narrower."""
    half = size * 0.36
    return [min(box.width(y - half), box.width(y + half)) for y in middles(box, size, count)]


def middles(box: Box, size: float, count: int) -> list[float]:
    """The heights of the middles of so many lines."""
    first = box.middle - size * _LEADING * (count - 1) / 2
    return [first + size * _LEADING * number for number in range(count)]


def _evenly(title: str, box: Box, size: int, count: int) -> tuple[str, ...]:
    widths = _widths(box, size, count)
    for share in (0.55, 0.65, 0.75, 0.85, 0.93, 1.0):
        rooms = [room * share for room in widths]
        lines = _wrap(title, Letters(size), rooms)
        fits = all(width(line, Letters(size)) <= room for line, room in zip(lines, rooms, strict=False))
        if len(lines) == count and fits:
            return lines
    return ()


def _wrap(text: str, letters: Letters, widths: list[float]) -> tuple[str, ...]:
    """Fill line after line; the last width holds for all that follow."""
    lines: list[str] = [""]
    for token in _TOKENS.findall(text.strip()):
        longer = (lines[-1] + (" " if token.isspace() else token)).lstrip()
        room = widths[min(len(lines), len(widths)) - 1]
        if lines[-1].strip() and width(longer.rstrip(), letters) > room:
            lines.append(token.lstrip())
        else:
            lines[-1] = longer
    return tuple(line.strip() for line in lines if line.strip())


def wrap(text: str, letters: Letters, room: float, most: int) -> tuple[str, ...]:
    """Lines of one width; what is too much is cut visibly."""
    lines = _wrap(text, letters, [room])
    if len(lines) > most:
        lines = (*lines[: most - 1], " ".join(lines[most - 1 :]))
    return tuple(shorten(line, letters, room) for line in lines)


def shorten(text: str, letters: Letters, room: float) -> str:
    """Cut a line that does not fit, visibly."""
    if width(text, letters) <= room:
        return text
    while text and width(f"{text}…", letters) > room:
        text = text[:-1].rstrip(" …")
    return f"{text}…"


def line_of(text: str, x: float, middle: float, letters: Letters, anchor: str = "middle") -> str:
    """One line of text in a drawing, its capitals centred on `middle`."""
    baseline = middle + letters.size * 0.33
    spacing = f' letter-spacing="{letters.spacing:g}"' if letters.spacing else ""
    return (
        f'<text x="{x:g}" y="{baseline:.1f}" text-anchor="{anchor}" font-family="{FAMILY}, sans-serif"'
        f' font-weight="{_WEIGHTS[letters.weight]}" font-size="{letters.size:g}" fill="{letters.fill}"{spacing}>'
        f"{escape(text)}</text>"
    )


def arc_of(text: str, path: str, letters: Letters) -> str:
    """A line of text along a path that stands in the drawing's definitions."""
    return (
        f'<text text-anchor="middle" font-family="{FAMILY}, sans-serif" font-weight="{_WEIGHTS[letters.weight]}"'
        f' font-size="{letters.size:g}" fill="{letters.fill}" letter-spacing="{letters.spacing:g}">'
        f'<textPath href="#{path}" startOffset="50%">{escape(text)}</textPath></text>'
    )
