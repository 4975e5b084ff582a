"""Bytes on their way in: taken to a place of their own, looked at, scanned. Nothing remains of what is refused.

Memory stays constant whatever the size. What passes goes into the vault (`submissions.vault`).
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from clamav_client.clamd import BufferTooLongError, ClamdError
from clamav_client.scanner import ClamdScanner
from django.conf import settings
from django.http import UnreadablePostError
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _

from journal.workflow import GuardError
from submissions.kinds import FileKind, recognise
from submissions.media.words import Refused
from submissions.models import Artifact

logger = logging.getLogger(__name__)

FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
SCAN_PATIENCE = 300.0  # seconds; a long video takes a while


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


class NoSpace(FileRefused):
    """The disk is full, or would be."""

    status = 507

    def __init__(self) -> None:
        super().__init__(
            _("There is no room for this file on our side just now. Tell us, please, and try again later.")
        )


class Harmful(Exception):
    """What the virus scanner found, by its name."""


@dataclass(frozen=True)
class IncomingFile:
    """A file on its way in: its bytes as they come, and what the sender says of it."""

    chunks: Iterable[bytes]
    size: int | None
    name: str


@contextlib.contextmanager
def writing() -> Iterator[None]:
    """What the disk says when it cannot, in words."""
    try:
        yield
    except OSError as error:
        logger.exception("incoming")
        if error.errno in FULL:
            raise NoSpace from error
        raise NotChecked(_("The file could not be stored just now. Try again in a few minutes.")) from error


def check_size(size: int | None) -> None:
    """Refuse by what the sender declares, before any byte is read."""
    if size is not None and size > settings.UPLOAD_MAX_BYTES:
        raise TooLarge


def receive(path: Path, upload: IncomingFile) -> tuple[int, str]:
    """Take a stream in at `path`, block by block; its size and SHA-256. Nothing remains of what did not arrive whole."""
    check_size(upload.size)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with writing(), path.open("wb") as spool:
            return _take(upload.chunks, spool, upload.size)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def look(path: Path, name: str) -> tuple[FileKind, str]:
    """What it is by its content, and its name with the right ending; `FileRefused` in words."""
    with path.open("rb") as file:
        try:
            return recognise(file, name, path.stat().st_size)
        except Refused as refusal:
            raise FileRefused(str(refusal)) from refusal


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


def scan(path: Path) -> str:
    """Ask clamd where one is set. Without one the file is honestly “not scanned”."""
    if not settings.CLAMD_URL:
        return Artifact.Scan.NOT_SCANNED
    address = settings.CLAMD_URL.removeprefix("tcp://").removeprefix("unix://")
    try:
        result = ClamdScanner(
            {"backend": "clamd", "address": address, "timeout": SCAN_PATIENCE, "stream": True}
        ).scan(str(path))
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
        raise Harmful(str(result.details))
    return Artifact.Scan.CLEAN
