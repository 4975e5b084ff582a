"""Drawn badges, remembered: drawing one takes 40 ms, and everybody who earned it shows the same."""

from __future__ import annotations

from functools import lru_cache

from badges.openbadges import image


@lru_cache(maxsize=256)
def badge_png(picture: image.BadgePicture) -> bytes:
    """The picture of a badge, drawn once a process."""
    return image.badge_png(picture)
