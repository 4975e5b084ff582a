"""The sealed form of a file: chunks that open one by one, and only in their place.

This is STREAM, of Hoang, Reyhanitabar, Rogaway and Vizár, “Online Authenticated-Encryption and its Nonce-Reuse
Misuse-Resistance” (CRYPTO 2015), over AES-256-GCM: the nonce holds a random prefix, the chunk's number and whether it
is the last one, so what was cut, swapped, repeated or appended does not open. Each object has a key of its own,
derived from the content's key and the random salt in its header.

    header:  magic and version (5) · salt (16) · nonce prefix (7)
    chunk:   up to 64 KiB of plaintext, encrypted · tag (16)          an empty file has one empty chunk
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from submissions.vault.errors import Damaged

MAGIC = b"\x8dMCV\x01"  # no text and no kind of file that is taken begins like this
SALT, PREFIX, TAG = 16, 7, 16
HEADER = len(MAGIC) + SALT + PREFIX
CHUNK = 64 * 1024
SEALED = CHUNK + TAG


class Readable(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int = ..., /) -> bytes: ...


def blocks_of(source: Readable) -> Iterator[bytes]:
    """Full chunks, and a shorter one at the end."""
    while block := source.read(CHUNK):
        while len(block) < CHUNK and (more := source.read(CHUNK - len(block))):
            block += more
        yield block


def seal(blocks: Iterator[bytes], key: bytes) -> Iterator[bytes]:
    """The sealed form of full chunks, piece by piece."""
    header = MAGIC + os.urandom(SALT + PREFIX)
    chunks = Chunks(key, header)
    yield header
    block, number = next(blocks, b""), 0
    for following in blocks:
        yield chunks.close(number, block)
        block, number = following, number + 1
    yield chunks.close(number, block, last=True)


class Chunks:
    """Closes and opens the chunks of one sealed object."""

    def __init__(self, key: bytes, header: bytes) -> None:
        if len(header) != HEADER or not header.startswith(MAGIC):
            raise Damaged
        salt = header[len(MAGIC) : -PREFIX]
        self.cipher = AESGCM(HKDF(SHA256(), 32, salt, b"microcreds vault").derive(key))
        self.header, self.prefix = header, header[-PREFIX:]

    def close(self, number: int, block: bytes, *, last: bool = False) -> bytes:
        return self.cipher.encrypt(self._nonce(number, last), block, self.header)

    def open(self, number: int, sealed: bytes, *, last: bool) -> bytes:
        try:
            return self.cipher.decrypt(self._nonce(number, last), sealed, self.header)
        except InvalidTag as error:
            raise Damaged from error

    def _nonce(self, number: int, last: bool) -> bytes:
        return self.prefix + number.to_bytes(4, "big") + bytes([last])


def chunk_count(size: int) -> int:
    """How many chunks a file of `size` bytes has."""
    return max(1, -(-size // CHUNK))


def sealed_size(size: int) -> int:
    """How many bytes the sealed form of `size` bytes has."""
    return HEADER + size + TAG * chunk_count(size)


def plain_size(sealed: int) -> int:
    """The size of what is inside a sealed form, by its length."""
    body = sealed - HEADER
    size = body - TAG * max(1, -(-body // SEALED))
    if size < 0 or sealed_size(size) != sealed:
        raise Damaged
    return size
