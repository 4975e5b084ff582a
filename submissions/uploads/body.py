"""The body of a request, block by block, straight from the server's stream: no parser and no copy between."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Iterator, Mapping
from hmac import compare_digest
from typing import Any

from django.utils.translation import gettext as _

from submissions.uploads.errors import Refusal, TooMuch

BLOCK = 64 * 1024  # larger blocks make the server copy more: 64 KiB took the least processor time
# So much of a refused body is read away: a browser that is still sending would not hear the answer.
DRAIN = 16 * 1024**2
ALGORITHMS = ("sha256", "sha1")


class Body:
    """At most `most` bytes of a body with a length, or of one in chunks where the server marks its end."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self.stream = environ["wsgi.input"]
        length = environ.get("CONTENT_LENGTH") or ""
        self.length = int(length) if length.isdecimal() else None
        if self.length is None and not environ.get("wsgi.input_terminated"):
            self.length = 0
        self.taken = 0

    def blocks(self, most: int) -> Iterator[bytes]:
        """Refuses a longer body before the first block, or where its length is not told, behind the last."""
        words = _("More bytes came than the file was announced to have. Choose the file again.")
        if self.length is not None and self.length > most:
            raise TooMuch(words)
        while self.taken < most and (block := self._read(most - self.taken)):
            yield block
        if self.length is None and self.taken == most and self._read(1):
            raise TooMuch(words)

    @property
    def whole(self) -> bool:
        """Whether everything that was announced arrived."""
        return self.length is None or self.taken >= self.length

    def drain(self) -> None:
        """Read away a rest that is short."""
        if self.length is not None and self.length - self.taken > DRAIN:
            return
        until = self.taken + DRAIN
        while self.taken < until and self._read(until - self.taken):
            pass

    def _read(self, most: int) -> bytes:
        wanted = min(BLOCK, most)
        if self.length is not None:
            wanted = min(wanted, self.length - self.taken)
        block: bytes = self.stream.read(wanted) if wanted else b""
        self.taken += len(block)
        return block


class PartChecksum:
    """The header `Upload-Checksum`: an algorithm and the value in base64."""

    def __init__(self, header: str) -> None:
        algorithm, _space, value = header.strip().partition(" ")
        if algorithm not in ALGORITHMS:
            raise Refusal(_("Upload-Checksum can be one of: %s.") % ", ".join(ALGORITHMS))
        try:
            self.expected = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise Refusal(_("The value in Upload-Checksum is not base64.")) from error
        self.digest = hashlib.new(algorithm, usedforsecurity=False)

    def update(self, block: bytes) -> None:
        self.digest.update(block)

    def fits(self) -> bool:
        return compare_digest(self.digest.digest(), self.expected)
