"""The badge people see: drawn from a title, an issuer and a design, or the issuer's own picture.

The drawing is one SVG, and the PNG is made of it. White words stand on the ground and on darker shades of it only, so a
ground on which they can be read is enough for all of them.
"""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import quoteattr

import resvg_py

from badges.openbadges.colours import BLACK, PALETTE, WHITE, Colours, contrast, ink_on, mix
from badges.openbadges.lettering import (
    FAMILY,
    OTHER_SCRIPTS,
    SEMIBOLD,
    Letters,
    arc_of,
    fit,
    font_files,
    line_of,
    middles,
    width,
    wrap,
)
from badges.openbadges.shapes import SHAPES, Shape
from badges.openbadges.text import clean_name

__all__ = ["PALETTE", "SIZE", "BadgePicture", "Colours", "badge_png", "badge_svg", "svg_to_png"]

SIZE: Final = 600
CHECK, PART, STACK = "check", "part", "stack"
MARKS: Final = (CHECK, PART, STACK)
_ARC_LENGTH: Final = 560.0


@dataclass(frozen=True, kw_only=True)
class BadgePicture:
    """What stands on the badge. `upload` is a PNG of the issuer's own, which is shown instead of a drawing."""

    title: str
    issuer: str
    colours: Colours
    demonstration: bool = False
    shape: str = "seal"
    mark: str = CHECK  # of a badge that stands alone, that counts for a stack, or of a stack's certificate
    upload: bytes | None = field(default=None, repr=False)


def badge_svg(picture: BadgePicture) -> str:
    """Draw the badge; title and issuer stand in the picture as text and as its accessible name."""
    title, issuer = clean_name(picture.title), clean_name(picture.issuer)
    drawn = _uploaded(picture.upload) if picture.upload else _drawn(picture, title, issuer)
    return "".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {SIZE} {SIZE}"',
            f' role="img" aria-label={quoteattr(f"{title}, {issuer}")}>',
            drawn,
            _ribbon(picture.colours.accent if not picture.upload else "#f0b23e")
            if picture.demonstration
            else "",
            "</svg>",
        ]
    )


def badge_png(picture: BadgePicture, size: int = SIZE) -> bytes:
    """Render the badge as a PNG of `size` pixels."""
    return svg_to_png(badge_svg(picture), size)


def svg_to_png(svg: str, width: int = SIZE, height: int = 0) -> bytes:
    """Render one of our own drawings, with no font of the machine; foreign SVG must never come here."""
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        width=width,
        height=height or width,
        font_files=font_files(every_script=bool(OTHER_SCRIPTS.search(svg))),
        sans_serif_family=FAMILY,
        skip_system_fonts=True,
    )


def _uploaded(upload: bytes) -> str:
    data = base64.b64encode(upload).decode()
    return f'<image width="{SIZE}" height="{SIZE}" href="data:image/png;base64,{data}"/>'


def _drawn(picture: BadgePicture, title: str, issuer: str) -> str:
    shape, colours = SHAPES[picture.shape], picture.colours
    on_arc = shape.arc and _fits_arc(issuer)
    body = [
        _body(shape, colours),
        _mark(picture.mark, shape, colours),
        _title(title, shape),
        _arc(issuer, colours) if on_arc else _issuer(issuer, shape, colours),
    ]
    inner = "".join(body)
    if picture.mark == STACK:
        inner = f'{_tails(colours)}<g transform="translate(36 0) scale(.88)">{inner}</g>'
    return f"<defs>{_definitions(shape, colours)}</defs>{inner}"


# --- ground, ring and edge ----------------------------------------------------------------------------------


def _definitions(shape: Shape, colours: Colours) -> str:
    ground = shape.rim(shape.band + 8)
    return (
        _gradient("edge", mix(colours.edge, WHITE, 0.6), colours.edge, mix(colours.edge, BLACK, 0.22))
        + _gradient(
            "ring", mix(colours.accent, WHITE, 0.55), colours.accent, mix(colours.accent, BLACK, 0.28)
        )
        + '<radialGradient id="ground" cx=".5" cy=".36" r=".72">'
        f'<stop offset="0" stop-color="{colours.disc}"/>'
        f'<stop offset="1" stop-color="{mix(colours.disc, BLACK, 0.34)}"/></radialGradient>'
        f'<clipPath id="within"><path d="{ground}"/></clipPath>'
        '<path id="arc" d="M300 300m-238 0a238 238 0 0 1 476 0"/>'
    )


def _gradient(name: str, *stops: str) -> str:
    """From the upper left to the lower right, as if light fell on metal."""
    drawn = "".join(
        f'<stop offset="{place / (len(stops) - 1):g}" stop-color="{stop}"/>'
        for place, stop in enumerate(stops)
    )
    return f'<linearGradient id="{name}" x1=".1" y1="0" x2=".9" y2="1">{drawn}</linearGradient>'


def _body(shape: Shape, colours: Colours) -> str:
    """From below: the coin's thickness, its metal edge, the dark band, the ring, the ground and its engraving."""
    band, ring = mix(colours.disc, BLACK, 0.42), shape.band + 3
    return (
        f'<path d="{shape.outline(0)}" transform="translate(0 7)" fill="{mix(colours.edge, BLACK, 0.5)}"/>'
        f'<path d="{shape.outline(0)}" fill="url(#edge)"/>'
        f'<path d="{shape.rim(-1)}" fill="{mix(colours.edge, BLACK, 0.42)}"/>'
        f'<path d="{shape.rim(1)}" fill="{band}"/>'
        f'<path d="{shape.rim(ring)}" fill="url(#ground)" stroke="{mix(colours.disc, BLACK, 0.65)}" stroke-width="11"/>'
        f'<g clip-path="url(#within)">{_engraving(mix(colours.disc, BLACK, 0.6))}</g>'
        f'<path d="{shape.rim(ring)}" fill="none" stroke="url(#ring)" stroke-width="7"/>'
        f'<path d="{shape.rim(ring + 11)}" fill="none" stroke="{colours.accent}" stroke-opacity=".55"/>'
    )


def _engraving(colour: str) -> str:
    """A wreath of fine turned lines, as on banknotes. They are darker than the ground, so words on them read no worse."""
    turns = "".join(
        f'<ellipse cx="300" cy="300" rx="262" ry="172" transform="rotate({angle:g} 300 300)"/>'
        for angle in (step * 180 / 20 for step in range(20))
    )
    return f'<g fill="none" stroke="{colour}" stroke-opacity=".3">{turns}</g>'


# --- marks --------------------------------------------------------------------------------------------------


def _mark(mark: str, shape: Shape, colours: Colours) -> str:
    y = shape.mark
    if mark == CHECK:
        return _medal(y, colours)
    return f'<g transform="translate(300 {y:g})">{_sheets(mark, colours)}</g>'


def _medal(y: float, colours: Colours) -> str:
    return (
        f'<circle cx="300" cy="{y + 3:g}" r="33" fill="{mix(colours.disc, BLACK, 0.6)}"/>'
        f'<circle cx="300" cy="{y:g}" r="33" fill="url(#ring)"/>'
        f'<path d="M284.500 {y + 1:g}l11 11.500 21-23" fill="none" stroke="{_ink(colours)}" stroke-width="8"'
        ' stroke-linecap="round" stroke-linejoin="round"/>'
    )


def _ink(colours: Colours) -> str:
    """What is drawn on the accent: the ground's own dark shade where it can be told apart."""
    dark = mix(colours.disc, BLACK, 0.5)
    return dark if contrast(dark, colours.accent) >= 3 else ink_on(colours.accent)


def _sheets(mark: str, colours: Colours) -> str:
    """Three sheets on each other: all of them gold on a stack's certificate, one of them on a badge that counts for one."""
    shadow, drawn = mix(colours.disc, BLACK, 0.6), []
    for number, y in enumerate((22, 4, -14)):
        whole = mark == STACK or number == 2
        path = f"M-46 {y}L0 {y - 22}L46 {y}L0 {y + 22}Z"
        drawn.append(f'<path d="{path}" transform="translate(0 4)" fill="{shadow}"/>')
        fill = "url(#ring)" if whole else mix(colours.disc, BLACK, 0.34)
        drawn.append(f'<path d="{path}" fill="{fill}" stroke="{shadow if whole else colours.accent}"')
        drawn.append(f' stroke-width="{2 if whole else 3}" stroke-linejoin="round"/>')
    return "".join(drawn)


def _tails(colours: Colours) -> str:
    """The two ends of a rosette's ribbon, hanging from below a certificate."""
    dark, light = mix(colours.disc, BLACK, 0.3), colours.disc
    return "".join(
        f'<g transform="translate({x} 424) rotate({turn})"><path d="M-62 0H62V166L0 132L-62 166Z"'
        f' fill="{fill}" stroke="{colours.edge}" stroke-width="2"/>'
        f'<path d="M-46 0V146M46 0V146" stroke="{colours.accent}" stroke-width="6"/></g>'
        for x, turn, fill in ((206, 17, dark), (394, -17, light))
    )


# --- words --------------------------------------------------------------------------------------------------


def _title(title: str, shape: Shape) -> str:
    size, lines = fit(title, shape.box)
    heights = middles(shape.box, size, len(lines))
    return "".join(line_of(line, 300, y, Letters(size)) for line, y in zip(lines, heights, strict=True))


def _fits_arc(issuer: str) -> bool:
    """Letters that join or change with their neighbours are not bent."""
    return (
        not OTHER_SCRIPTS.search(issuer) and width(issuer, Letters(24, SEMIBOLD, spacing=1.5)) <= _ARC_LENGTH
    )


def _arc(issuer: str, colours: Colours) -> str:
    stars = "".join(_star(angle, colours.accent) for angle in (150, 165, 180, 195, 210))
    return arc_of(issuer, "arc", Letters(27, SEMIBOLD, spacing=1.5)) + stars


def _star(angle: float, fill: str) -> str:
    """A small star in the band, at this angle from the top."""
    x, y = 300 + 246 * math.sin(math.radians(angle)), 300 - 246 * math.cos(math.radians(angle))
    corners = []
    for step in range(10):
        radius, turn = (4 if step % 2 else 9.5), math.tau * step / 10
        corners.append(f"{x + radius * math.sin(turn):.1f},{y - radius * math.cos(turn):.1f}")
    return f'<polygon points="{" ".join(corners)}" fill="{fill}"/>'


def _issuer(issuer: str, shape: Shape, colours: Colours) -> str:
    letters = Letters(25, SEMIBOLD)
    lines = wrap(issuer, letters, shape.issuer_width, 2)
    if lines[-1].endswith("…"):
        letters = Letters(21, SEMIBOLD)
        lines = wrap(issuer, letters, shape.issuer_width, 3)
    beads = "".join(_star(angle, colours.accent) for angle in range(0, 360, 20)) if shape.arc else ""
    rule = f'<path d="M252 {shape.issuer - 26:g}h96" stroke="url(#ring)" stroke-width="3" stroke-linecap="round"/>'
    return f"{beads}{rule}" + "".join(
        line_of(line, 300, shape.issuer + number * letters.size * 1.12, letters)
        for number, line in enumerate(lines)
    )


def _ribbon(accent: str) -> str:
    """What makes a demonstration one: it goes over every badge of an issuer that is not real."""
    ink, fold = ink_on(accent), mix(accent, BLACK, 0.45)
    return (
        f'<path d="M58 498h70v58H58l20-29z M542 498h-70v58h70l-20-29z" fill="{mix(accent, BLACK, 0.22)}"/>'
        f'<path d="M92 540l36 16v-16z M508 540l-36 16v-16z" fill="{fold}"/>'
        f'<path d="M92 482h416v58H92z" fill="{accent}"/>'
        f'<path d="M92 488h416M92 534h416" stroke="{mix(accent, WHITE, 0.45)}" stroke-width="2"/>'
        + line_of("DEMONSTRATION", 302, 511, Letters(35, fill=ink, spacing=5))
    )
