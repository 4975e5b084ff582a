"""A picture of an issuer's own: told by its content, bounded before it is decoded, and drawn anew without what it hid."""

from __future__ import annotations

import io
import warnings
from typing import Final, NamedTuple

from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from badges.openbadges.image import SIZE

MAX_BYTES: Final = 5_000_000
MAX_PIXELS: Final = 40_000_000
SMALLEST: Final = 300
_KINDS: Final = ("PNG", "JPEG", "WEBP")


class PictureError(Exception):
    """The file cannot be a badge's picture; the message says why."""


class Redrawn(NamedTuple):
    """A PNG of 600 × 600, and whether something was cut off."""

    png: bytes
    cut: bool


def redrawn(content: bytes) -> Redrawn:
    """Read a PNG, JPEG or WebP, take the middle square, and write pixels only: no place, no camera, no script."""
    if len(content) > MAX_BYTES:
        raise PictureError(_("This picture is larger than 5 MB."))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=_KINDS)
        _check_size(picture)
        upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except PictureError:
        raise
    except (
        OSError,
        ValueError,
        SyntaxError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
    ) as error:
        raise PictureError(_("This is not a PNG, JPEG or WebP picture that can be read.")) from error
    square = ImageOps.fit(upright, (SIZE, SIZE), Image.Resampling.LANCZOS)
    plain = Image.new("RGBA", square.size)
    plain.paste(square)  # onto an empty sheet: nothing but pixels comes along
    result = io.BytesIO()
    plain.save(result, "PNG", optimize=True)
    return Redrawn(result.getvalue(), cut=upright.width != upright.height)


def _check_size(picture: Image.Image) -> None:
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise PictureError(_("This picture has more than 40 million pixels. Make it smaller first."))
    if min(width, height) < SMALLEST:
        words = _("This picture has %(width)s × %(height)s pixels. It needs at least 300 × 300.")
        raise PictureError(words % {"width": width, "height": height})
