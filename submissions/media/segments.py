"""Pictures inside documents, without decoding them: what is written beside the pixels is left out."""

from __future__ import annotations

import struct
from collections.abc import Iterator

# APP0 (JFIF), APP2 (colour profile) and APP14 (Adobe's colour transform) are needed to draw; the rest tells of people.
KEPT_APPS = {0xE0, 0xE2, 0xEE}
KEPT_CHUNKS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"pHYs", b"cICP",
    b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n"
JPEG = b"\xff\xd8\xff"
# Formats that office documents hold and no camera writes notes into.
OTHERS = (b"GIF8", b"BM", b"\xd7\xcd\xc6\x9a", b"\x01\x00\x00\x00", b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")


def bare_picture(raw: bytes) -> bytes:
    """The same picture without notes; nothing where it is no picture that we know."""
    try:
        if raw.startswith(JPEG):
            return bare_jpeg(raw)
        if raw.startswith(PNG):
            return PNG + b"".join(_chunks(raw))
    except (struct.error, IndexError, ValueError):
        return b""
    return raw if raw.startswith(OTHERS) else b""


def bare_jpeg(raw: bytes) -> bytes:
    """A JPEG from its first marker to its end, without notes and without what was put behind it."""
    kept = [raw[:2]]
    at = 2
    while raw[at] == 0xFF and raw[at + 1] != 0xDA:
        marker = raw[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (length,) = struct.unpack_from(">H", raw, at + 2)
        if not (0xE0 <= marker <= 0xEF or marker == 0xFE) or marker in KEPT_APPS:
            kept.append(raw[at : at + 2 + length])
        at += 2 + length
    end = raw.rindex(b"\xff\xd9") + 2 if b"\xff\xd9" in raw[at:] else len(raw)
    return b"".join([*kept, raw[at:end]])


def _chunks(raw: bytes) -> Iterator[bytes]:
    at = len(PNG)
    kind = b""
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", raw, at)
        if kind in KEPT_CHUNKS:
            yield raw[at : at + 12 + length]
        at += 12 + length
