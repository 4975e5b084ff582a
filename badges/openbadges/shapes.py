"""The shapes a badge can have: an outline that can be drawn smaller and smaller, and the room for words within."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from badges.openbadges.lettering import Box

MIDDLE: Final = 300.0
# From the top middle down the left side to the point: a shield of 600 × 600, drawn about its middle.
_SHIELD: Final = "M300 {t}C{a} {u} {b} {v} {l} {v}V{m}C{l} {c} {d} {e} 300 {p}C{f} {e} {r} {c} {r} {m}V{v}C{g} {v} {h} {u} 300 {t}Z"


@dataclass(frozen=True, kw_only=True)
class Shape:
    """How a shape is drawn and where things stand on it."""

    outline: Callable[[float], str]  # inset → path data
    rim: Callable[[float], str]  # the same without scallops
    box: Box
    mark: float  # height of the mark's middle
    band: float  # how broad the band between the edge and the ring is
    issuer: float  # middle of the issuer's first line, where it does not stand on the arc
    issuer_width: float
    arc: bool = False  # whether the band is round, so that words can stand on it


def _circle(radius: float) -> str:
    return f"M300 {300 - radius:g}a{radius:g} {radius:g} 0 1 1 -.01 0z"


def _polygon(points: list[tuple[float, float]], rounding: float) -> str:
    """A polygon whose corners are rounded."""
    parts: list[str] = []
    for number, (x, y) in enumerate(points):
        before, after = points[number - 1], points[(number + 1) % len(points)]
        start, end = _towards((x, y), before, rounding), _towards((x, y), after, rounding)
        parts.append(
            f"{'L' if parts else 'M'}{start[0]:.1f} {start[1]:.1f}Q{x:.1f} {y:.1f} {end[0]:.1f} {end[1]:.1f}"
        )
    return "".join(parts) + "Z"


def _towards(start: tuple[float, float], end: tuple[float, float], way: float) -> tuple[float, float]:
    length = math.dist(start, end)
    return (start[0] + (end[0] - start[0]) * way / length, start[1] + (end[1] - start[1]) * way / length)


def _scallops(inset: float) -> str:
    """An edge of 32 soft waves, as a seal pressed into paper has."""
    points = []
    for step in range(256):
        angle = math.tau * step / 256
        radius = 277 - inset + 7 * math.cos(angle * 32)
        points.append(f"{300 + radius * math.sin(angle):.1f} {300 - radius * math.cos(angle):.1f}")
    return f"M{'L'.join(points)}Z"


def _hexagon(inset: float) -> str:
    radius = 292 - inset * 1.15
    corners = [
        (300 + radius * math.sin(a), 300 - radius * math.cos(a)) for a in (math.tau * n / 6 for n in range(6))
    ]
    return _polygon(corners, max(46 - inset * 0.3, 20))


def _shield(inset: float) -> str:
    i, x = inset, inset * 0.94
    values = {
        "t": 16 + i * 1.05, "u": 62 + i, "v": 74 + i, "l": 46 + x, "r": 554 - x, "m": 300 - i * 0.2,
        "a": 232, "b": 140, "g": 460, "h": 368, "c": 438 - i * 0.7, "d": 168 + i * 0.5, "f": 432 - i * 0.5,
        "e": 540 - i * 1.1, "p": 588 - i * 1.25,
    }  # fmt: skip
    return _SHIELD.format(**values)


def _square(inset: float) -> str:
    low, high, turn = 24 + inset, 576 - inset, max(92 - inset * 0.8, 30)
    return _polygon([(high, low), (high, high), (low, high), (low, low)], turn)


def _round_width(y: float) -> float:
    """Within the ring of a round badge, with some air."""
    return 2 * math.sqrt(max(198**2 - (y - MIDDLE) ** 2, 1))


def _hexagon_width(y: float) -> float:
    return 424 - max(abs(y - MIDDLE) - 132, 0) * 3.2


def _shield_width(y: float) -> float:
    return 420 - max(y - 330, 0) * 1.5


_ROUND: Final = Box(middle=306, height=214, width=_round_width)
SHAPES: Final[dict[str, Shape]] = {
    "seal": Shape(
        outline=_scallops, rim=lambda inset: _circle(270 - inset), box=_ROUND, mark=146, band=46, issuer=440,
        issuer_width=250, arc=True,
    ),
    "circle": Shape(
        outline=lambda inset: _circle(284 - inset), rim=lambda inset: _circle(270 - inset), box=_ROUND, mark=146,
        band=46, issuer=440, issuer_width=250, arc=True,
    ),
    "hexagon": Shape(
        outline=_hexagon, rim=lambda inset: _hexagon(inset + 14), box=Box(middle=288, height=200, width=_hexagon_width),
        mark=132, band=14, issuer=420, issuer_width=300,
    ),
    "shield": Shape(
        outline=_shield, rim=lambda inset: _shield(inset + 14), box=Box(middle=270, height=196, width=_shield_width),
        mark=128, band=14, issuer=396, issuer_width=300,
    ),
    "square": Shape(
        outline=_square, rim=lambda inset: _square(inset + 14), box=Box(middle=290, height=224, width=lambda _y: 420),
        mark=128, band=14, issuer=432, issuer_width=400,
    ),
}  # fmt: skip
