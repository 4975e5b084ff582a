"""The other side of the wall for an issuer's picture: a process with bounds decodes it, and hands back a new one.

Decoders are written in C and meet what anybody sends. So neither secrets nor network are where they run.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.confined import BARE, ROOT
from badges.openbadges.image import SIZE
from badges.openbadges.uploads import Redrawn

logger = logging.getLogger(__name__)

MAX_BYTES: Final = 5_000_000
MOST_DRAWN: Final = 2_500_000  # more than the pixels of a new picture can take
SECONDS = 20.0
AT_ONCE = threading.BoundedSemaphore(2)
PATIENCE = 10.0
_HEAD: Final = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + SIZE.to_bytes(4) * 2


class PictureError(Exception):
    """The file cannot be a badge's picture; the message says why."""


def redrawn(content: bytes) -> Redrawn:
    """The picture as a PNG of 600 × 600 with nothing but pixels in it."""
    if len(content) > MAX_BYTES:
        raise PictureError(_("This picture is larger than 5 MB."))
    if not AT_ONCE.acquire(timeout=PATIENCE):
        raise PictureError(_("Many pictures are being read right now. Please try again in a minute."))
    try:
        head, png = _answer(content)
    finally:
        AT_ONCE.release()
    if head.get("refused"):
        raise PictureError(_words(head))
    if not png.startswith(_HEAD) or len(png) > MOST_DRAWN:
        raise PictureError(_words({}))
    return Redrawn(png, bool(head.get("cut")))


def _answer(content: bytes) -> tuple[dict[str, Any], bytes]:
    """What the process says; of one that broke, or took too long, nothing."""
    command = [sys.executable, "-m", "badges.openbadges.uploads", str(SIZE)]
    try:
        done = subprocess.run(
            command,
            input=content,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=ROOT,
            env=BARE,
            timeout=SECONDS,
            start_new_session=True,
            check=True,
        )
        head, _line, png = done.stdout.partition(b"\n")
        return dict(json.loads(head)), png
    except (subprocess.SubprocessError, ValueError, TypeError) as error:
        logger.warning("A picture broke its decoder: %s", type(error).__name__)
        return {}, b""


def _words(head: dict[str, Any]) -> str:
    if head.get("refused") == "small":
        words = _("This picture has %(width)s × %(height)s pixels. It needs at least 300 × 300.")
        return words % {"width": head["width"], "height": head["height"]}
    if head.get("refused") == "large":
        return _("This picture has more than 40 million pixels. Make it smaller first.")
    if head.get("refused") == "moving":
        return _("This picture moves. A badge's picture stands still: choose one without frames.")
    return _("This is not a PNG, JPEG or WebP picture that can be read.")
