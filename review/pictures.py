"""Blind copies of pictures: the same image without what a camera or an editor wrote about its maker."""

from __future__ import annotations

import io
from typing import IO

from PIL import Image, ImageOps

MOST_PIXELS = 50_000_000
EDGE = 2560
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}


class Unreadable(Exception):
    """A picture that cannot be redrawn safely, so it is not shown at all."""


def clean(file: IO[bytes], content_type: str) -> bytes:
    """Redraw a picture: only its pixels go through; position, camera, names and previews stay behind.

    The size is read before anything is decoded, so that a small file cannot unfold into all our memory.
    """
    kind = FORMATS[content_type]
    try:
        with Image.open(file, formats=[kind]) as image:
            if image.width * image.height > MOST_PIXELS:
                raise Unreadable
            image.draft("RGB", (EDGE, EDGE))
            return _redraw(image, kind)
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Unreadable from error


def _redraw(image: Image.Image, kind: str) -> bytes:
    upright = ImageOps.exif_transpose(image)
    if upright.mode not in {"RGB", "RGBA", "L"}:
        upright = upright.convert("RGBA" if kind != "JPEG" and "transparency" in upright.info else "RGB")
    if kind == "JPEG":
        upright = upright.convert("RGB")
    upright.thumbnail((EDGE, EDGE))
    blank = Image.new(upright.mode, upright.size)
    blank.paste(upright)
    out = io.BytesIO()
    blank.save(out, kind, **({} if kind == "PNG" else {"quality": 88}))
    return out.getvalue()
