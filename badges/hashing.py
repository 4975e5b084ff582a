"""Hashing a file while it arrives: its SHA-256 is all that remains of it, on no disk and in no memory."""

from __future__ import annotations

import hashlib
import io
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopFutureHandlers, StopUpload
from django.http import HttpRequest

OTHERS = 6 * 1024**2  # what all other files of the form may have together


class HashedFile(UploadedFile):  # type: ignore[type-arg]
    """What stands in the form for a file that was read to its end and let go of."""

    def __init__(self, name: str, size: int, sha256: str) -> None:
        super().__init__(io.BytesIO(), name, size=size)
        self.sha256 = sha256


class HashingHandler(FileUploadHandler):
    """Takes the file of one field of a form, and keeps the others within bounds."""

    def __init__(self, request: HttpRequest, field: str) -> None:
        super().__init__(request)
        self.field = field
        self.others = 0
        self.too_large = False
        self.mine = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.mine = self.field_name == self.field
        if self.mine:
            self.hash = hashlib.sha256()
            raise StopFutureHandlers

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        if self.mine:
            self.hash.update(raw_data)
            return None
        self.others += len(raw_data)
        if self.others > OTHERS:
            self.too_large = True
            raise StopUpload(connection_reset=False)
        return raw_data

    def file_complete(self, file_size: int) -> HashedFile | None:
        if not self.mine:
            return None
        return HashedFile(self.file_name or "file", file_size, self.hash.hexdigest())


def hash_on_arrival(request: HttpRequest, field: str) -> HashingHandler:
    """Have this field's file hashed. Only before anybody has read the form: the view must be exempt from the CSRF check."""
    handler = HashingHandler(request, field)
    request.upload_handlers.insert(0, handler)
    return handler
