"""The seam for bytes: `store()` takes a stream in, looks at it, and keeps it under a random key.

Every protocol ends here: the plain form, the raw upload, the REST call, and later the resumable one. Memory stays
constant whatever the size; nothing is in the store before it was checked, and nothing remains of what is refused.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast
from uuid import uuid4

from botocore.exceptions import BotoCoreError, ClientError
from clamav_client.clamd import BufferTooLongError, ClamdError
from clamav_client.scanner import ClamdScanner
from django.conf import settings
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.http import UnreadablePostError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from journal.workflow import GuardError
from submissions.kinds import BLOCK, Refused, recognise
from submissions.models import Artifact

logger = logging.getLogger(__name__)

NAME_MAX = 255
SCAN_PATIENCE = 300.0  # seconds; a long video takes a while
# Characters that reorder, hide or break a name: controls, zero-width signs, direction overrides.
INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


class FileRefused(GuardError):
    """A file that is not taken: words on the field, and the HTTP status doors answer with."""

    status = 400

    def __init__(self, words: str) -> None:
        super().__init__(words, {"file": [words]})


class TooLarge(FileRefused):
    """A file over the limit."""

    status = 413

    def __init__(self) -> None:
        limit = filesizeformat(settings.UPLOAD_MAX_BYTES)
        super().__init__(
            _("This file is too large: at most %s can be sent. Send a shorter or smaller one.") % limit
        )


class NotChecked(FileRefused):
    """The virus scanner or the store did not answer; trying again may help."""

    status = 503


@dataclass(frozen=True)
class IncomingFile:
    """A file on its way in: its bytes as they come, and what the sender says of it."""

    chunks: Iterable[bytes]
    size: int | None
    name: str


@dataclass(frozen=True)
class StoredFile:
    """A file that was looked at and kept."""

    key: str
    name: str
    content_type: str
    size: int
    sha256: str
    scan: str


def clean_name(name: str) -> str:
    """A file name that is only a name: no path, no invisible or control characters, at most 255 characters."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    text = " ".join(INVISIBLE.sub("", last).split()).strip(". ") or "file"
    if len(text) <= NAME_MAX:
        return text
    stem, dot, ending = text.rpartition(".")
    return stem[: NAME_MAX - len(ending) - 1] + dot + ending if 0 < len(ending) <= 10 else text[:NAME_MAX]


def check_size(size: int | None) -> None:
    """Refuse by what the sender declares, before any byte is read."""
    if size is not None and size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge


def store(chunks: Iterable[bytes], declared_size: int | None, declared_name: str) -> StoredFile:
    """Take a stream in, check it, keep it. The one way for bytes into the store."""
    check_size(declared_size)
    name = clean_name(declared_name)
    with TemporaryUploadedFile("incoming", "", 0, "") as spool:
        size, sha256 = _take(chunks, cast("BinaryIO", spool.file), declared_size)
        try:
            kind, name = recognise(cast("BinaryIO", spool.file), name, size)
        except Refused as refusal:
            raise FileRefused(str(refusal)) from refusal
        scan = _scan(spool.temporary_file_path())
        spool.seek(0)
        spool.size = size
        return StoredFile(_keep(spool), name, kind.content_type, size, sha256, scan)


def _take(chunks: Iterable[bytes], spool: BinaryIO, declared_size: int | None) -> tuple[int, str]:
    """Count, hash and write block by block."""
    digest = hashlib.sha256()
    size = 0
    try:
        for chunk in chunks:
            size += len(chunk)
            check_size(size)
            digest.update(chunk)
            spool.write(chunk)
    except UnreadablePostError as error:
        raise FileRefused(
            _("The connection broke before the whole file was here. Please send it again.")
        ) from error
    spool.flush()
    if not size:
        raise FileRefused(
            _("This file is empty (0 bytes). Choose the file again; perhaps it was still being saved.")
        )
    if declared_size is not None and size != declared_size:
        raise FileRefused(_("Only a part of the file arrived. Please send it again."))
    return size, digest.hexdigest()


def _scan(path: str) -> str:
    """Ask clamd where one is set. Without one the file is honestly “not scanned”."""
    if not settings.CLAMD_URL:
        return Artifact.Scan.NOT_SCANNED
    address = settings.CLAMD_URL.removeprefix("tcp://").removeprefix("unix://")
    try:
        result = ClamdScanner(
            {"backend": "clamd", "address": address, "timeout": SCAN_PATIENCE, "stream": True}
        ).scan(path)
        error = result.err
    except (ClamdError, OSError, ValueError) as problem:
        result, error = None, problem
    if isinstance(error, BufferTooLongError):
        raise NotChecked(
            _("This file is larger than the virus scanner takes, so it was not stored. Tell us, please.")
        )
    if result is None or error is not None or result.state not in {"OK", "FOUND"}:
        logger.error("virus scanner: %s", error or (result and result.details))
        raise NotChecked(
            _("The virus scanner does not answer, so the file was not stored. Try again in a few minutes.")
        )
    if result.state == "FOUND":
        words = _("The virus scanner found something harmful in this file (%s). It was not stored.")
        raise FileRefused(words % result.details)
    return Artifact.Scan.CLEAN


def _keep(spool: TemporaryUploadedFile) -> str:
    """Write under a random key; whatever goes wrong on the way, no bytes stay behind."""
    random = uuid4().hex
    key = f"evidence/{random[:2]}/{random}"
    try:
        return str(default_storage.save(key, spool))
    except BaseException as error:
        discard(key)
        if isinstance(error, (OSError, BotoCoreError, ClientError)):
            logger.exception("storage")
            raise NotChecked(
                _("The file could not be stored just now. Try again in a few minutes.")
            ) from error
        raise


def discard(key: str) -> None:
    """Delete bytes; a store that is away leaves them to the next sweep, with a line in the log."""
    try:
        default_storage.delete(key)
    except (OSError, BotoCoreError, ClientError) as error:
        logger.warning("could not delete %s: %s", key, error)


def blocks(key: str, start: int, length: int) -> Iterator[bytes]:
    """A stretch of a stored file, block by block."""
    with contextlib.closing(default_storage.open(key)) as file:
        file.seek(start)
        while length > 0 and (block := file.read(min(BLOCK, length))):
            length -= len(block)
            yield block
