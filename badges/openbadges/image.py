"""The badge people see: drawn from a micro-credential's title and its issuer's colours.

Everything a drawing needs travels with the program: the font comes from a package and the text is laid out
with its own metrics, so that the picture is the same on a machine without any font.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final
from xml.sax.saxutils import escape, quoteattr

import resvg_py
from PIL import ImageFont

from badges.openbadges.text import clean_name

FAMILY: Final = "Source Sans Pro"
SIZE: Final = 600
_CENTRE: Final = SIZE / 2
_TITLE_WIDTH: Final = 330.0
_MAX_LINES: Final = 4
_TITLE_SIZES: Final = (54, 48, 42, 37, 33, 29, 25)
_ISSUER_SIZE: Final = 22
_ISSUER_WIDTH: Final = 240.0
_GOLD: Final = "#f0b23e"
# What the packaged font has no letters for (it has Latin, Greek, Cyrillic and their signs).
_OTHER_SCRIPTS: Final = re.compile(
    "[\u0530-\u1dff\u2c60-\ua71f\ua7b0-\uf8ff\ufb00-\ufffd\U00010000-\U0010ffff]"
)
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class Colours:
    """An issuer's two colours: the disc, on which white text stands, and the edge around it."""

    disc: str
    edge: str

    def __post_init__(self) -> None:
        """Refuse what is not a colour, because it is written into a drawing."""
        if not (_COLOUR.match(self.disc) and _COLOUR.match(self.edge)):
            raise ValueError("A colour is written #rrggbb.")


PALETTE: Final[dict[str, Colours]] = {
    "c1": Colours("#0b5f59", "#9fd0c8"),
    "c2": Colours("#235a96", "#a9c8e8"),
    "c3": Colours("#9a3f2a", "#e9bba9"),
    "c4": Colours("#733a66", "#d9b3d0"),
    "c5": Colours("#56641c", "#cdd49a"),
    "c6": Colours("#4a4789", "#c2c0e8"),
}


@dataclass(frozen=True, kw_only=True)
class BadgePicture:
    """What stands on the badge."""

    title: str
    issuer: str
    colours: Colours
    demonstration: bool = False


def badge_svg(picture: BadgePicture) -> str:
    """Draw the badge; the title stands in the picture as text and as its accessible name."""
    title, issuer = clean_name(picture.title), clean_name(picture.issuer)
    name = quoteattr(f"{title}, {issuer}")
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"',
            f' role="img" aria-label={name}>',
            _frame(picture.colours),
            _title(title),
            _issuer(issuer, picture.colours.edge),
            _ribbon() if picture.demonstration else "",
            "</svg>",
        ]
    )


def badge_png(picture: BadgePicture, size: int = SIZE) -> bytes:
    """Render the badge as a PNG of `size` pixels; fonts of the machine only help with rare scripts."""
    return svg_to_png(badge_svg(picture), size)


def svg_to_png(svg: str, size: int = SIZE) -> bytes:
    """Render one of our own drawings; foreign SVG must never come here."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=size,
        height=size,
        font_files=[str(_font_file("Bold")), str(_font_file("Semibold"))],
        sans_serif_family=FAMILY,
        skip_system_fonts=not _OTHER_SCRIPTS.search(svg),
    )


@cache
def _font_file(weight: str) -> Path:
    return Path(str(resources.files("font_source_sans_pro").joinpath(f"files/SourceSansPro-{weight}.ttf")))


@cache
def _font(weight: str, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_font_file(weight), size, layout_engine=ImageFont.Layout.BASIC)


def _frame(colours: Colours) -> str:
    return (
        f'<polygon points="{_scallops(24, 284, 262)}" fill="{colours.edge}"/>'
        f'<circle cx="300" cy="300" r="238" fill="{colours.disc}"/>'
        f'<circle cx="300" cy="300" r="222" fill="none" stroke="{_GOLD}" stroke-width="6"/>'
        f'<path d="M262 128l26 26 50-50" fill="none" stroke="{_GOLD}" stroke-width="14"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _scallops(count: int, outer: float, inner: float) -> str:
    """Return the points of an edge with `count` points, as a seal pressed into paper has."""
    corners = []
    for step in range(count * 2):
        radius, angle = (inner if step % 2 else outer), math.pi * step / count
        corners.append(f"{_CENTRE + radius * math.sin(angle):.1f},{_CENTRE - radius * math.cos(angle):.1f}")
    return " ".join(corners)


def _title(title: str) -> str:
    size, lines = fit(title)
    height = size * 1.14
    top = 300 - height * (len(lines) - 1) / 2 + size * 0.34
    return "".join(
        f'<text x="300" y="{top + height * number:.1f}" text-anchor="middle"'
        f' font-family="{FAMILY}, sans-serif" font-weight="700"'
        f' font-size="{size}" fill="#fff">{escape(line)}</text>'
        for number, line in enumerate(lines)
    )


def _issuer(issuer: str, fill: str) -> str:
    lines = _wrap(issuer, "Semibold", _ISSUER_SIZE, _ISSUER_WIDTH)
    lines = (lines[0], " ".join(lines[1:])) if len(lines) > 2 else lines
    return "".join(
        f'<text x="300" y="{440 + number * 25}" text-anchor="middle" font-family="{FAMILY}, sans-serif"'
        f' font-weight="600" font-size="{_ISSUER_SIZE}" fill="{fill}">'
        f"{escape(_shorten(line, 'Semibold', _ISSUER_SIZE, _ISSUER_WIDTH))}</text>"
        for number, line in enumerate(lines)
    )


def _ribbon() -> str:
    return (
        f'<path d="M96 482h408l-22 29 22 29H96l22-29z" fill="{_GOLD}"/>'
        f'<text x="300" y="522" text-anchor="middle" font-family="{FAMILY}, sans-serif" font-weight="700"'
        ' font-size="33" letter-spacing="5" fill="#1d1a10">DEMONSTRATION</text>'
    )


def fit(title: str) -> tuple[int, tuple[str, ...]]:
    """Return the largest type size at which the title fits, and its lines."""
    for size in _TITLE_SIZES:
        lines = _wrap(title, "Bold", size, _TITLE_WIDTH)
        if len(lines) <= _MAX_LINES and all(_width(line, "Bold", size) <= _TITLE_WIDTH for line in lines):
            return size, lines
    size = _TITLE_SIZES[-1]
    kept = _wrap(title, "Bold", size, _TITLE_WIDTH)[:_MAX_LINES]
    return size, tuple(_shorten(line, "Bold", size, _TITLE_WIDTH) for line in (*kept[:-1], f"{kept[-1]} …"))


def _wrap(text: str, weight: str, size: int, width: float) -> tuple[str, ...]:
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and _width(longer, weight, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return tuple(lines) or ("",)


def _width(text: str, weight: str, size: int) -> float:
    return float(_font(weight, size).getlength(text))


def _shorten(text: str, weight: str, size: int, width: float) -> str:
    """Cut a line that does not fit, visibly."""
    if _width(text, weight, size) <= width:
        return text
    while text and _width(f"{text}…", weight, size) > width:
        text = text[:-1].rstrip(" …")
    return f"{text}…"
