"""A picture of an issuer's own, drawn anew: told by its content, bounded before it is decoded, without what it hid.

Run as a program it is a decoder's own process: it bounds itself, reads a picture from standard input, and answers with
a line of JSON and the new picture. It knows nothing of the platform, so that whoever breaks a decoder finds nothing.
"""

from __future__ import annotations

import io
import json
import sys
import warnings
from typing import Final, NamedTuple

from PIL import Image, ImageOps

from submissions.media.confining import confine

MAX_PIXELS: Final = 40_000_000
SMALLEST: Final = 300
MEMORY, SECONDS = 768 * 1024**2, 10
_KINDS: Final = ("PNG", "JPEG", "WEBP")
_UNREADABLE: Final = (OSError, ValueError, SyntaxError, EOFError, KeyError, IndexError, TypeError)


class Refused(Exception):
    """The file cannot be a badge's picture; the code says why."""

    def __init__(self, code: str, **params: int) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Redrawn(NamedTuple):
    """A square PNG, and whether something was cut off."""

    png: bytes
    cut: bool


def redraw(content: bytes, size: int) -> Redrawn:
    """Read a PNG, JPEG or WebP, take the middle square, and write pixels only: no place, no camera, no script."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_KINDS) as picture:
                width, height = picture.size
                _check(picture)
                square = _square(picture, size)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("large") from error
    except _UNREADABLE as error:
        raise Refused("unreadable") from error
    plain = Image.new("RGBA", square.size)
    plain.paste(square)  # onto an empty sheet: nothing but pixels comes along
    result = io.BytesIO()
    plain.save(result, "PNG", optimize=True)
    return Redrawn(result.getvalue(), cut=width != height)


def _check(picture: Image.Image) -> None:
    """By what its head says, before a pixel is decoded."""
    width, height = picture.size
    if width * height > MAX_PIXELS:
        raise Refused("large")
    if min(width, height) < SMALLEST:
        raise Refused("small", width=width, height=height)
    # A JPEG with a second picture in it is a photo as some phones take them.
    if picture.format in ("PNG", "WEBP") and getattr(picture, "is_animated", False):
        raise Refused("moving")


def _square(picture: Image.Image, size: int) -> Image.Image:
    """Upright, made small before anything else is done with it, because every step costs memory."""
    picture.draft("RGB", (2 * size, 2 * size))
    upright = ImageOps.exif_transpose(picture)
    if upright.mode.startswith("I"):  # a grey of 16 bits
        upright = upright.convert("I").point(lambda value: value / 256).convert("L")
    if upright.mode not in ("L", "RGB", "RGBA"):
        upright = upright.convert("RGBA")
    return ImageOps.fit(upright, (size, size), Image.Resampling.LANCZOS).convert("RGBA")


def main() -> None:
    """Answer one picture; a refusal is an answer too."""
    confine(MEMORY, SECONDS)
    try:
        png, cut = redraw(sys.stdin.buffer.read(), int(sys.argv[1]))
        head: dict[str, object] = {"cut": cut}
    except Refused as refused:
        png, head = b"", {"refused": refused.code, **refused.params}
    except MemoryError:
        png, head = b"", {"refused": "large"}
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n" + png)


if __name__ == "__main__":
    main()
