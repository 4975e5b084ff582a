"""Colours of a badge: written #rrggbb, mixed for light and shade, and compared as WCAG 2.2 does (section 1.4.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

READABLE: Final = 4.5  # what white words on the ground need
WHITE: Final = "#ffffff"
BLACK: Final = "#000000"
GOLD: Final = "#f0b23e"
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}\Z")


@dataclass(frozen=True)
class Colours:
    """Three colours: the ground, on which white words stand, the edge around it, and rings, marks and ribbons."""

    disc: str
    edge: str
    accent: str = GOLD

    def __post_init__(self) -> None:
        """Refuse what is not a colour, because it is written into a drawing."""
        if not all(map(is_colour, (self.disc, self.edge, self.accent))):
            raise ValueError("A colour is written #rrggbb.")


def is_colour(text: str) -> bool:
    """Whether it is written #rrggbb."""
    return bool(_COLOUR.match(text))


def mix(colour: str, other: str, share: float) -> str:
    """So much of the other colour in this one."""
    pairs = zip(_channels(colour), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def contrast(one: str, other: str) -> float:
    """From 1 (the same) to 21 (black on white)."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def darkened(colour: str) -> str:
    """The nearest darker shade on which white words can be read."""
    return next(
        shade for step in range(101) if contrast(WHITE, shade := mix(colour, BLACK, step / 100)) >= READABLE
    )


def ink_on(colour: str) -> str:
    """Nearly black or white, whichever is read better on this colour."""
    return max(("#16181d", WHITE), key=lambda ink: contrast(ink, colour))


def _channels(colour: str) -> list[int]:
    return [int(colour[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(colour: str) -> float:
    shares = [channel / 255 for channel in _channels(colour)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shares]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


PALETTE: Final[dict[str, Colours]] = {
    "c1": Colours("#0b5f59", "#9fd0c8"),
    "c2": Colours("#235a96", "#a9c8e8"),
    "c3": Colours("#9a3f2a", "#e9bba9"),
    "c4": Colours("#733a66", "#d9b3d0"),
    "c5": Colours("#56641c", "#cdd49a"),
    "c6": Colours("#4a4789", "#c2c0e8"),
}
