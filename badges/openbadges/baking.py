"""A credential inside its badge's picture: one uncompressed iTXt chunk of a PNG (Open Badges 3.0, section 5.3.1).

Foreign pictures are read too, those of Open Badges 2.0 among them, and are cleared of every badge they carry before ours
goes in. What belongs to SVG stands in `baking_svg`.
"""

from __future__ import annotations

import io
from typing import Final

import png
from django.utils.translation import gettext as _

KEYWORD: Final = b"openbadgecredential"
KEYWORD_2: Final = b"openbadges"  # Open Badges 2.0: the assertion, a signature (JWS) or the address of either
MAX_PNG_BYTES: Final = 10_000_000
# keyword NUL, not compressed, method 0, no language NUL, no translated keyword NUL
_HEADER: Final = KEYWORD + b"\0\0\0\0\0"
_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_TEXTS: Final = frozenset({b"iTXt", b"tEXt", b"zTXt"})


class BakingError(Exception):
    """The picture is not whole, or carries no badge, or more than one."""


def bake_png(picture: bytes, credential: str) -> bytes:
    """Return the picture carrying this credential and no other, however often and by whomever it was baked before."""
    first, *rest = [chunk for chunk in _chunks(picture) if not _is_badge(*chunk, KEYWORD, KEYWORD_2)]
    result = io.BytesIO()
    png.write_chunks(result, [first, (b"iTXt", _HEADER + credential.encode()), *rest])
    return result.getvalue()


def extract_png(picture: bytes) -> str:
    """Return what is baked in: JSON or a JWT, of Open Badges 2.0 an address too. A 3.0 credential goes before a 2.0 one."""
    chunks = _chunks(picture)
    for keyword in (KEYWORD, KEYWORD_2):
        badges = [(kind, content) for kind, content in chunks if _is_badge(kind, content, keyword)]
        if len(badges) > 1:
            raise BakingError(_("This picture carries more than one badge."))
        if badges:
            return _text(*badges[0])
    raise BakingError(_("This picture carries no badge."))


def is_png(content: bytes) -> bool:
    """Tell a PNG by its first bytes."""
    return content.startswith(_SIGNATURE)


def _is_badge(kind: bytes, content: bytes, *keywords: bytes) -> bool:
    return kind in _TEXTS and content.split(b"\0", 1)[0] in keywords


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


def _text(kind: bytes, content: bytes) -> str:
    """The text of a chunk. Nothing is ever unpacked: a few bytes could become gigabytes."""
    keyword, _nul, rest = content.partition(b"\0")
    if kind == b"zTXt" or (kind == b"iTXt" and rest[:2] != b"\0\0"):
        raise BakingError(_("The badge in this picture is compressed, which the standard does not allow."))
    if kind == b"tEXt" and keyword == KEYWORD_2:  # as the first bakers of Open Badges wrote it
        return _decoded(rest)
    parts = rest[2:].split(b"\0", 2)
    if kind != b"iTXt" or len(parts) != 3:
        raise BakingError(_("The badge in this picture cannot be read."))
    return _decoded(parts[2])


def _decoded(text: bytes) -> str:
    try:
        return text.decode()
    except UnicodeDecodeError as error:
        raise BakingError(_("The badge in this picture cannot be read.")) from error
