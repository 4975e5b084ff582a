"""Bytes on their way in: on our own disk, or in the store as parts. Where they lie, how many they are, and their end."""

from __future__ import annotations

import tempfile
from pathlib import Path

from django.conf import settings

from submissions.models import Upload
from submissions.uploads import parts
from submissions.uploads.parts import Part
from submissions.uploads.spool import Spool

__all__ = ["fetch", "forget", "found", "incoming", "offset", "workroom"]


def incoming(upload: Upload) -> Path:
    """Where the bytes of an upload lie until they were checked."""
    return Path(settings.INCOMING_DIR) / upload.pk.hex


def workroom(purpose: str) -> tempfile.TemporaryDirectory[str]:
    """A folder beside them for what is under way; one that a killed process left goes with the sweep."""
    Path(settings.INCOMING_DIR).mkdir(mode=0o700, parents=True, exist_ok=True)
    return tempfile.TemporaryDirectory(
        prefix=f"{purpose}-", dir=settings.INCOMING_DIR, ignore_cleanup_errors=True
    )


def offset(upload: Upload) -> int:
    """How many bytes are here: the file's size, or the parts that the store has."""
    if upload.state == Upload.State.COMPLETE:
        return upload.size
    if upload.via == Upload.Via.STORE:
        return sum(part.size for part in found(upload))
    return Spool(incoming(upload)).size


def found(upload: Upload) -> list[Part]:
    """The parts that the store has of an upload under way."""
    return parts.listed(upload) if upload.state == Upload.State.OPEN and upload.store_id else []


def fetch(upload: Upload, path: Path) -> None:
    """Have the bytes of a complete upload at a local path; those on our disk are there already."""
    if upload.via == Upload.Via.STORE:
        parts.fetch(upload, path)


def forget(upload: Upload) -> None:
    """No byte of it remains, on our disk or in the store. Doing it again does no harm."""
    Spool(incoming(upload)).remove()
    if upload.via == Upload.Via.STORE:
        parts.discard(upload)
