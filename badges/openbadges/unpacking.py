"""From whatever somebody brings to the badge in it: text, token, address, or a picture that carries one or shows it.

Everything here runs behind the bounds of a process of its own, because pictures are decoded.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _
from PIL import Image, UnidentifiedImageError
from zxingcpp import BarcodeFormat, BarcodeFormats, read_barcodes

from badges.openbadges import tokens
from badges.openbadges.baking import BakingError, extract_png, is_png
from badges.openbadges.baking_svg import extract_svg, is_svg
from badges.openbadges.reading import MAX_BYTES, DocumentError, loose, read_loose
from badges.openbadges.tokens import Token

MAX_PIXELS: Final = 40_000_000
_ADDRESS: Final = re.compile(r"\s*(https?://[^\s<>\"]{3,2000})\s*\Z", re.IGNORECASE)
_PICTURES: Final = (b"\xff\xd8\xff", b"GIF8", b"RIFF")
_HTML: Final = re.compile(rb"\s*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Address:
    """Where the badge lies."""

    url: str


Unpacked = dict[str, Any] | Token | Address


def is_plain(source: str | bytes | dict[str, Any]) -> bool:
    """Whether nothing but the JSON reader would look at this: no picture, no token, no address."""
    if isinstance(source, dict):
        return True
    if isinstance(source, bytes):
        if is_png(source) or is_svg(source) or source.startswith(_PICTURES):
            return False
        source = source[: 2 * MAX_BYTES].decode("utf-8", "replace")
    bare = source.strip().strip('"')
    return not bare.startswith("eyJ") and not _ADDRESS.match(bare)


def unpack(source: str | bytes | dict[str, Any]) -> Unpacked:
    """Read what somebody brought; `DocumentError` or `BakingError` in words if there is no badge in it."""
    if isinstance(source, dict):
        return loose(source)
    if isinstance(source, bytes):
        if picture := _of_picture(source):
            return unpack(picture)
        source = _text(source)
    return _of_text(source)


def _text(content: bytes) -> str:
    if len(content) > 2 * MAX_BYTES:
        raise DocumentError(_("The document is larger than 1 MB."))
    if _HTML.match(content[:2000]):
        raise DocumentError(_("This is a web page, not a badge. Look for the badge's own file or address."))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(_("This is neither a badge's text nor a picture that can be read.")) from error


def _of_text(text: str) -> Unpacked:
    bare = text.strip().strip('"')
    if tokens.is_token(bare):
        return tokens.parse(bare)
    if bare[:3] == "eyJ":
        raise DocumentError(_("This is not a whole signed token (JWT)."))
    if found := _ADDRESS.match(bare):
        return Address(found[1])
    return read_loose(text)


def _of_picture(content: bytes) -> str | None:
    """What a picture carries or, in a QR code, shows; None if this is no picture."""
    if is_svg(content):
        return extract_svg(content)
    if is_png(content):
        return _of_png(content)
    return _shown(content) if content.startswith(_PICTURES) else None


def _of_png(content: bytes) -> str:
    """The badge in the picture; where there is none, what its QR code says."""
    try:
        return extract_png(content)
    except BakingError:
        if b"openbadge" in content:
            raise
    return _shown(content)


def _shown(content: bytes) -> str:
    """What a QR code in the picture says."""
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise DocumentError(_("The picture is too large."))
            found = read_barcodes(picture.convert("L"), formats=BarcodeFormats(BarcodeFormat.QRCode))
    except (UnidentifiedImageError, Image.DecompressionBombError, OSError, SyntaxError, ValueError) as error:
        raise DocumentError(_("The picture cannot be read.")) from error
    texts = {code.text for code in found if code.text}
    if len(texts) > 1:
        raise DocumentError(_("The picture shows more than one code. Cut it to the one of the badge."))
    if not texts:
        raise DocumentError(_("This picture carries no badge, and shows no QR code that can be read."))
    return texts.pop()
