"""Bytes at rest, sealed so that destroying a key of 41 bytes destroys every copy of a file, backups included.

`new_secret()` makes the key of a content; it belongs in the content's row. `put()` seals with it, `read()` opens any
stretch, `discard()` deletes. A content with no secret (`None`) lies in the clear: that is how it is where the proxy or
the store hands files over itself, see `seals()`. A secret of no bytes (`b""`) is a destroyed one: reading says `Gone`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from submissions.vault import sealing
from submissions.vault.errors import Damaged, Gone, Unavailable, VaultError
from submissions.vault.keys import derived, new_secret, unwrap
from submissions.vault.sealing import CHUNK, HEADER, MAGIC, SEALED, Chunks, Readable
from submissions.vault.stores import answering, store

__all__ = [
    "Damaged", "Gone", "Unavailable", "VaultError", "derived", "discard", "exists", "new_secret", "open_to", "plain_size",
    "presigned", "put", "read", "seals", "sweep",
]  # fmt: skip

WINDOW = 64  # chunks fetched at once: 4 MiB in memory, whatever the size


def seals() -> bool:
    """Whether new contents are to be sealed: not where nginx or S3 delivers the bytes, for they have no key."""
    return bool(settings.DELIVERY == "app")


def put(key: str, source: Path | Readable, secret: bytes | None) -> int:
    """Keep a source's bytes under `key` and answer how many they are. Whole and on the disk, or not at all."""
    counted = _Counted()
    with contextlib.ExitStack() as stack:
        data = stack.enter_context(source.open("rb")) if isinstance(source, Path) else source
        blocks = counted.count(sealing.blocks_of(data))
        with answering(key):
            store().write(key, blocks if secret is None else sealing.seal(blocks, unwrap(secret)))
    return counted.size


def read(key: str, secret: bytes | None, start: int, length: int, size: int) -> Iterator[bytes]:
    """A stretch of the plain bytes of a file of `size` bytes; only the chunks it lies in are fetched and opened.

    The first piece is fetched before this returns, so that what is gone or damaged is known before an answer begins.
    Nothing is left open if the iterator is abandoned.
    """
    if not 0 <= start <= size or not 0 <= length <= size - start:
        raise ValueError(f"{start}+{length} is no stretch of {size} bytes")
    pieces = _plain(key, start, length, size) if secret is None else _opened(key, secret, start, length, size)
    return itertools.chain([next(pieces, b"")], pieces)


def open_to(key: str, secret: bytes | None, path: Path) -> int:
    """The whole file, plain, to a local path; answers its size. On an error nothing stays at the path."""
    size = plain_size(key, secret)
    try:
        with path.open("wb") as target:
            for piece in read(key, secret, 0, size, size):
                target.write(piece)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    return size


def plain_size(key: str, secret: bytes | None) -> int:
    """How many bytes a stored file has for its reader, sealed or not."""
    with answering(key):
        stored = store().size(key)
    return stored if secret is None else sealing.plain_size(stored)


def exists(key: str) -> bool:
    """Whether there are bytes under a key; `Unavailable` when nobody can tell."""
    try:
        with answering(key):
            store().size(key)
    except Gone:
        return False
    return True


def discard(*keys: str) -> list[str]:
    """Delete bytes, again if need be. Answers the keys that could not be deleted; the log says why."""
    failed = []
    for key in keys:
        try:
            with answering(key):
                store().delete(key)
        except Gone:
            continue
        except VaultError:
            failed.append(key)
    return failed


def presigned(key: str, content_type: str, disposition: str) -> str:
    """A short-lived address at the object store itself, for bytes that lie there in the clear."""
    with answering(key):
        return store().presigned(key, content_type, disposition)


def sweep(prefix: str, older_than: timedelta) -> int:
    """Remove what killed processes left half-written, and answer how much that was.

    On S3 that is every unfinished multipart upload under `prefix`, so give one that only `put` writes to.
    """
    with answering(prefix):
        return store().sweep(prefix, timezone.now() - older_than)


class _Counted:
    """How many bytes went by."""

    size = 0

    def count(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        for block in blocks:
            self.size += len(block)
            yield block


def _fetch(key: str, start: int, length: int) -> bytes:
    with answering(key):
        return store().fetch(key, start, length)


def _plain(key: str, start: int, length: int, size: int) -> Iterator[bytes]:
    """Bytes in the clear. Sealed ones read without their secret are not handed out as if they were the file."""
    if not length:
        return _nothing(key)
    if _fetch(key, 0, min(len(MAGIC), size)) == MAGIC:
        raise Gone
    return _windows(key, start, length)


def _windows(key: str, start: int, length: int) -> Iterator[bytes]:
    for offset in range(0, length, WINDOW * CHUNK):
        wanted = min(WINDOW * CHUNK, length - offset)
        piece = _fetch(key, start + offset, wanted)
        if len(piece) != wanted:
            raise Damaged
        yield piece


def _nothing(key: str) -> Iterator[bytes]:
    if not exists(key):
        raise Gone
    return iter(())


def _opened(key: str, secret: bytes, start: int, length: int, size: int) -> Iterator[bytes]:
    """The chunks that a stretch lies in, opened and cut to it."""
    data_key = unwrap(secret)
    chunks = Chunks(data_key, _fetch(key, 0, HEADER))
    final = sealing.chunk_count(size) - 1
    stored = sealing.sealed_size(size)
    first, last = min(start // CHUNK, final), min(max(start + length - 1, start) // CHUNK, final)
    for opening in range(first, last + 1, WINDOW):
        count = min(WINDOW, last + 1 - opening)
        place = HEADER + opening * SEALED
        window = _fetch(key, place, min(count * SEALED, stored - place))
        for number in range(opening, opening + count):
            begin = (number - opening) * SEALED
            block = chunks.open(number, window[begin : begin + SEALED], last=number == final)
            if len(block) != min(CHUNK, size - number * CHUNK):
                raise Damaged
            yield block[max(0, start - number * CHUNK) : start + length - number * CHUNK]
