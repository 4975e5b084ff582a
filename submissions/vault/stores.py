"""Bytes in the configured store, whole or a window of them, with one set of errors for disk and S3.

Nothing stays open between two windows: a slow reader holds no connection, and what is deleted is cut off at once.
"""

from __future__ import annotations

import contextlib
import logging
import os
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import DEFAULT_STORAGE_ALIAS
from django.core.files.storage import FileSystemStorage, storages
from storages.backends.s3 import S3Storage

from submissions.vault.errors import Damaged, Gone, Unavailable

logger = logging.getLogger(__name__)

# One part in memory at a time, and room for 80 GB in S3's 10 000 parts.
PARTS = TransferConfig(multipart_threshold=8 * 1024**2, multipart_chunksize=8 * 1024**2, use_threads=False)
PRESIGNED_SECONDS = 300
MISSING = {"404", "NoSuchKey", "NotFound"}
# A range past the end: the object is shorter than what was put. Some servers have the second word for it.
TOO_SHORT = {"InvalidRange", "InvalidArgument"}


@contextlib.contextmanager
def answering(key: str) -> Iterator[None]:
    """What a store says when it cannot, in our three words."""
    try:
        yield
    except FileNotFoundError as error:
        raise Gone from error
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code", "")
        if code in MISSING:
            raise Gone from error
        if code in TOO_SHORT:
            raise Damaged from error
        logger.exception("store: %s", key)
        raise Unavailable from error
    except (OSError, BotoCoreError) as error:
        logger.exception("store: %s", key)
        raise Unavailable from error


class Disk:
    """A directory: written beside, synced, then moved into place."""

    def __init__(self, storage: FileSystemStorage) -> None:
        self.storage = storage
        self.workshop = Path(storage.location) / ".unfinished"

    def write(self, key: str, blocks: Iterator[bytes]) -> None:
        path = Path(self.storage.path(key))
        path.parent.mkdir(parents=True, exist_ok=True)
        self.workshop.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=self.workshop)
        try:
            with os.fdopen(handle, "wb", buffering=0) as file:
                for block in blocks:
                    _write_all(file, block)
                os.fsync(file.fileno())
            Path(draft).replace(path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)

    def fetch(self, key: str, start: int, length: int) -> bytes:
        with Path(self.storage.path(key)).open("rb", buffering=0) as file:
            return os.pread(file.fileno(), length, start)

    def size(self, key: str) -> int:
        return Path(self.storage.path(key)).stat().st_size

    def delete(self, key: str) -> None:
        Path(self.storage.path(key)).unlink()

    def presigned(self, key: str, content_type: str, disposition: str) -> str:
        raise NotImplementedError(f"a disk has no addresses; DELIVERY=s3 was refused at start-up ({key})")

    def sweep(self, prefix: str, before: datetime) -> int:
        old = [
            path for path in self.workshop.glob("*") if path.stat().st_mtime < before.timestamp()
        ]  # `prefix` does not matter: the workshop is ours alone
        for path in old:
            path.unlink(missing_ok=True)
        return len(old)


class Bucket:
    """An S3 bucket: written in parts, read by ranges."""

    def __init__(self, storage: S3Storage) -> None:
        self.storage = storage
        self.client: Any = storage.connection.meta.client

    def _at(self, key: str) -> dict[str, str]:
        location = str(self.storage.location).strip("/")
        return {"Bucket": self.storage.bucket_name, "Key": f"{location}/{key}" if location else key}

    def write(self, key: str, blocks: Iterator[bytes]) -> None:
        """Parts of a broken transfer are dropped by boto3; a whole object whose answer was lost, by us."""
        try:
            self.client.upload_fileobj(Stream(blocks), **self._at(key), Config=PARTS)
        except BaseException:
            with contextlib.suppress(ClientError, BotoCoreError):
                self.client.delete_object(**self._at(key))
            raise

    def fetch(self, key: str, start: int, length: int) -> bytes:
        span = f"bytes={start}-{start + length - 1}"
        with contextlib.closing(self.client.get_object(**self._at(key), Range=span)["Body"]) as body:
            return cast("bytes", body.read())

    def size(self, key: str) -> int:
        return int(self.client.head_object(**self._at(key))["ContentLength"])

    def delete(self, key: str) -> None:
        self.client.delete_object(**self._at(key))

    def presigned(self, key: str, content_type: str, disposition: str) -> str:
        how = {"ResponseContentType": content_type, "ResponseContentDisposition": disposition}
        return str(
            self.client.generate_presigned_url(
                "get_object", Params={**self._at(key), **how}, ExpiresIn=PRESIGNED_SECONDS
            )
        )

    def sweep(self, prefix: str, before: datetime) -> int:
        where = self._at(prefix)
        pages = self.client.get_paginator("list_multipart_uploads").paginate(
            Bucket=where["Bucket"], Prefix=where["Key"]
        )
        found = [up for page in pages for up in page.get("Uploads", [])]
        # Not all servers heed a prefix, and uploads under way elsewhere are not ours to end.
        old = [up for up in found if up["Key"].startswith(where["Key"]) and up["Initiated"] < before]
        for up in old:
            self.client.abort_multipart_upload(Bucket=where["Bucket"], Key=up["Key"], UploadId=up["UploadId"])
        return len(old)


class Stream:
    """An iterator of blocks as the file that boto3 reads from."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self.blocks, self.rest = blocks, bytearray()

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self.rest) < size:
            block = next(self.blocks, b"")
            if not block:
                break
            self.rest += block
        taken = bytes(self.rest[:size] if size >= 0 else self.rest)
        del self.rest[: len(taken)]
        return taken


def store() -> Disk | Bucket:
    """The store that STORAGE_URL names."""
    storage = storages[DEFAULT_STORAGE_ALIAS]
    return Bucket(storage) if isinstance(storage, S3Storage) else Disk(cast("FileSystemStorage", storage))


def _write_all(file: Any, block: bytes) -> None:
    view = memoryview(block)
    while view:
        view = view[file.write(view) :]


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
