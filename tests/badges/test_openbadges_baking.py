"""A credential inside a picture."""

from __future__ import annotations

import io
import struct
import zlib

import png
import pytest
from PIL import Image

from badges.openbadges import baking
from badges.openbadges.baking import BakingError

TEXT = '{"name":"שלום 🎉"}'


def picture() -> bytes:
    result = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(result, "PNG")
    return result.getvalue()


def with_chunk(content: bytes, source: bytes = b"") -> bytes:
    first, *rest = png.Reader(bytes=source or picture()).chunks()
    result = io.BytesIO()
    png.write_chunks(result, [first, (b"iTXt", content), *rest])
    return result.getvalue()


def chunks(baked: bytes) -> list[tuple[bytes, bytes]]:
    return list(png.Reader(bytes=baked).chunks())


def test_round_trip_and_still_a_picture() -> None:
    baked = baking.bake_png(picture(), TEXT)
    assert baking.extract_png(baked) == TEXT
    assert Image.open(io.BytesIO(baked)).size == (4, 4)


def test_the_chunk_is_uncompressed_text_after_the_header() -> None:
    kind, content = chunks(baking.bake_png(picture(), TEXT))[1]
    assert (kind, content) == (b"iTXt", b"openbadgecredential\0\0\0\0\0" + TEXT.encode())


def test_baking_again_replaces_the_badge() -> None:
    twice = baking.bake_png(baking.bake_png(picture(), "first"), "second")
    assert baking.extract_png(twice) == "second"
    assert [kind for kind, _ in chunks(twice)].count(b"iTXt") == 1


def test_baking_keeps_other_texts() -> None:
    other = b"Comment\0\0\0\0\0hello"
    assert (b"iTXt", other) in chunks(baking.bake_png(with_chunk(other), TEXT))


def test_picture_without_badge() -> None:
    with pytest.raises(BakingError, match="no badge"):
        baking.extract_png(picture())


def test_picture_with_two_badges_is_refused() -> None:
    content = b"openbadgecredential\0\0\0\0\0" + TEXT.encode()
    with pytest.raises(BakingError, match="more than one"):
        baking.extract_png(with_chunk(content, with_chunk(content)))


@pytest.mark.parametrize(
    "content",
    [
        b"openbadgecredential\0\x01\0\0\0" + zlib.compress(b"{}"),
        b"openbadgecredential\0\0\0",
        b"openbadgecredential\0\0\0en",
        b"openbadgecredential\0\0\0\0\0\xff\xfe",
    ],
    ids=["compressed", "short", "no text", "not UTF-8"],
)
def test_unreadable_chunk_is_refused(content: bytes) -> None:
    with pytest.raises(BakingError):
        baking.extract_png(with_chunk(content))


def test_every_truncation_is_refused() -> None:
    baked = baking.bake_png(picture(), TEXT)
    for length in range(len(baked)):
        with pytest.raises(BakingError):
            baking.extract_png(baked[:length])


def test_changed_byte_in_the_chunk_is_refused() -> None:
    baked = bytearray(baking.bake_png(picture(), TEXT))
    baked[baked.index(b"name")] ^= 1
    with pytest.raises(BakingError):
        baking.extract_png(bytes(baked))


def test_chunk_that_claims_four_gigabytes_is_refused() -> None:
    hostile = picture()[:33] + struct.pack(">I", 0xFFFFFFFF) + b"iTXtopenbadgecredential\0"
    with pytest.raises(BakingError):
        baking.extract_png(hostile)


def test_large_picture_is_refused() -> None:
    with pytest.raises(BakingError, match="10 MB"):
        baking.extract_png(b"\x89PNG\r\n\x1a\n" + bytes(10_000_000))


def test_is_png() -> None:
    assert (baking.is_png(picture()), baking.is_png(b"{}"), baking.is_png(b"")) == (True, False, False)
