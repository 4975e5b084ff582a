"""Secrets of the installation's own: 32 random bytes in a file of the data directory, for who gives none by the environment."""

from __future__ import annotations

import base64
import binascii
import contextlib
import functools
import os
import tempfile
from pathlib import Path

SECRET_BYTES = 32


class KeptSecretError(Exception):
    """The file is missing, unreadable, or does not hold such a secret."""


@functools.cache
def kept_secret(path: Path, make: bool) -> bytes:
    """The secret in this file. It is made for the first use only: a lost one must not look like a new one."""
    try:
        if make and not path.exists():
            make_secret(path)
        secret = base64.b64decode(path.read_text().strip(), validate=True)
    except (OSError, binascii.Error, UnicodeDecodeError) as error:
        raise KeptSecretError(f"{path} cannot be read.") from error
    if len(secret) != SECRET_BYTES:
        raise KeptSecretError(f"{path} does not have {SECRET_BYTES} bytes.")
    return secret


def make_secret(path: Path) -> None:
    """All of it or nothing, readable by us alone; of two processes at once, the second takes the first's."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(os.urandom(SECRET_BYTES)) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(draft)
    finally:
        Path(draft).unlink()
