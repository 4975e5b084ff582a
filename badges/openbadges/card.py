"""The picture that a link to a badge unfolds into on other sites: 1200 × 630, as Open Graph asks for."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Final

from badges.openbadges.colours import BLACK, WHITE, mix
from badges.openbadges.image import BadgePicture, badge_png, svg_to_png
from badges.openbadges.lettering import SEMIBOLD, Box, Letters, fit, line_of, middles, shorten, wrap
from badges.openbadges.text import clean_name

WIDTH: Final = 1200
HEIGHT: Final = 630
_LEFT: Final = 610
_ROOM: Final = 530.0
_INK: Final = "#16181d"
_MUTED: Final = "#4c535f"
_TITLE: Final = Box(
    middle=0, height=280, width=lambda _y: _ROOM, sizes=(66, 60, 54, 48, 43, 38, 34, 30), most=5
)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What stands on it. `name` is empty where the holder shows none; `line` is said in small beneath all."""

    picture: BadgePicture
    title: str
    issuer: str
    name: str
    line: str


def card_png(card: Card) -> bytes:
    """Draw it: the badge on the left, the words on the right, on paper in the badge's own colours."""
    return svg_to_png(_svg(card), WIDTH, HEIGHT)


def _svg(card: Card) -> str:
    colours = card.picture.colours
    badge = base64.b64encode(badge_png(card.picture, 480)).decode()
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'
        f'<defs><radialGradient id="p" cx=".26" cy=".5" r=".6"><stop offset="0" stop-color="'
        f'{mix(colours.edge, WHITE, 0.55)}"/><stop offset="1" stop-color="{mix(colours.edge, WHITE, 0.9)}"/>'
        f'</radialGradient></defs><rect width="{WIDTH}" height="{HEIGHT}" fill="url(#p)"/>'
        f'<rect width="{WIDTH}" height="12" fill="{colours.disc}"/>'
        f'<rect y="12" width="{WIDTH}" height="4" fill="{colours.accent}"/>'
        f'<image x="70" y="75" width="490" height="490" href="data:image/png;base64,{badge}"/>'
        f"{_words(card)}</svg>"
    )


def _words(card: Card) -> str:
    """Name, title and issuer as one block in the middle of the height; the line at the foot."""
    name, title, issuer = (clean_name(text) for text in (card.name, card.title, card.issuer))
    size, lines = fit(title, _TITLE)
    small = Letters(31, SEMIBOLD, _MUTED)
    issuers = wrap(issuer, small, _ROOM, 2)
    block = size * 1.12 * len(lines) + 26 + 38 * len(issuers) + (64 if name else 0)
    y = (HEIGHT - 40 - block) / 2 + 8
    parts = []
    if name:
        parts.append(_line(shorten(name, Letters(40, SEMIBOLD), _ROOM), y + 24, Letters(40, SEMIBOLD, _INK)))
        y += 64
    centre = y + size * 1.12 * len(lines) / 2
    shifted = Box(middle=centre, height=_TITLE.height, width=_TITLE.width)
    parts += [
        _line(text, at, Letters(size, fill=mix(card.picture.colours.disc, BLACK, 0.15)))
        for text, at in zip(lines, middles(shifted, size, len(lines)), strict=True)
    ]
    y += size * 1.12 * len(lines) + 26
    parts += [_line(text, y + 16 + 38 * number, small) for number, text in enumerate(issuers)]
    parts.append(
        _line(
            shorten(clean_name(card.line), Letters(25, SEMIBOLD), _ROOM),
            HEIGHT - 50,
            Letters(25, SEMIBOLD, _MUTED),
        )
    )
    return "".join(parts)


def _line(text: str, y: float, letters: Letters) -> str:
    return line_of(text, _LEFT, y, letters, anchor="start")
