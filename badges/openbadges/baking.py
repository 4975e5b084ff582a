"""A credential inside its badge's picture: one uncompressed iTXt chunk (Open Badges 3.0, section 5.3.1)."""

from __future__ import annotations

import io
from typing import Final

import png
from django.utils.translation import gettext as _

KEYWORD: Final = b"openbadgecredential"
MAX_PNG_BYTES: Final = 10_000_000
# keyword NUL, not compressed, method 0, no language NUL, no translated keyword NUL
_HEADER: Final = KEYWORD + b"\0\0\0\0\0"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"


class BakingError(Exception):
    """The picture is not a whole PNG, or carries no badge, or more than one."""


def bake_png(picture: bytes, credential: str) -> bytes:
    """Return the picture carrying this credential and no other, however often it was baked before."""
    first, *rest = [chunk for chunk in _chunks(picture) if not _is_badge(*chunk)]
    result = io.BytesIO()
    png.write_chunks(result, [first, (b"iTXt", _HEADER + credential.encode()), *rest])
    return result.getvalue()


def extract_png(picture: bytes) -> str:
    """Return the credential's text from a baked picture."""
    badges = [content for kind, content in _chunks(picture) if _is_badge(kind, content)]
    if not badges:
        raise BakingError(_("This picture carries no badge."))
    if len(badges) > 1:
        raise BakingError(_("This picture carries more than one badge."))
    return _text(badges[0])


def is_png(content: bytes) -> bool:
    """Tell a PNG by its first bytes."""
    return content.startswith(_SIGNATURE)


def _is_badge(kind: bytes, content: bytes) -> bool:
    return kind == b"iTXt" and content.startswith(KEYWORD + b"\0")


def _chunks(picture: bytes) -> list[tuple[bytes, bytes]]:
    if len(picture) > MAX_PNG_BYTES:
        raise BakingError(_("The picture is larger than 10 MB."))
    try:
        chunks = list(png.Reader(bytes=picture).chunks())
    except (png.Error, EOFError, ValueError) as error:
        raise BakingError(_("The picture is not a whole PNG.")) from error
    if not chunks or chunks[0][0] != b"IHDR" or chunks[-1][0] != b"IEND":
        raise BakingError(_("The picture is not a whole PNG."))
    return chunks


def _text(content: bytes) -> str:
    rest = content[len(KEYWORD) + 1 :]
    if rest[:2] != b"\0\0":
        raise BakingError(_("The badge in this picture is compressed, which the standard does not allow."))
    parts = rest[2:].split(b"\0", 2)
    if len(parts) != 3:
        raise BakingError(_("The badge in this picture cannot be read."))
    try:
        return parts[2].decode()
    except UnicodeDecodeError as error:
        raise BakingError(_("The badge in this picture cannot be read.")) from error
