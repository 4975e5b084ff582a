"""The bytes of one upload on our disk. How many are here is the file's size; nothing else keeps count.

One connection writes at a time, held apart by a lock on the file itself, which a killed process lets go of.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterable, Iterator
from io import FileIO
from pathlib import Path
from typing import Protocol

from submissions.files import writing
from submissions.uploads.errors import Busy, Ended, TooMuch, WrongChecksum, WrongOffset


class Checksum(Protocol):
    """What the bytes of a part have to add up to."""

    def update(self, block: bytes, /) -> None: ...

    def fits(self) -> bool: ...


class Spool:
    """A file that grows. While a part with a checksum is under way, `.floor` says from where on bytes are unproved.

    The floor is a symbolic link whose text is the number: it is there whole or not at all, whenever we are killed.
    """

    def __init__(self, path: Path) -> None:
        self.path, self.floor = path, path.with_suffix(".floor")

    @property
    def size(self) -> int:
        """How many bytes are here and stay."""
        try:
            size = self.path.stat().st_size
            return min(self._floor(size), size)
        except FileNotFoundError:
            return 0

    def append(self, blocks: Iterable[bytes], at: int, checksum: Checksum | None = None) -> int:
        """Write on from `at` and answer the new size. What a broken line brought stays, unless it was to be proved."""
        with self._alone() as file:
            size = self._settle(file)
            if size != at:
                raise WrongOffset(size)
            if checksum is None:
                return size + self._write_unproved(file, blocks, at)
            self.floor.symlink_to(str(at))
            try:
                size += self._write(file, _added(blocks, checksum))
                if not checksum.fits():
                    raise WrongChecksum
            except BaseException:
                self._settle(file)
                raise
            self.floor.unlink(missing_ok=True)
            return size

    def sync(self) -> None:
        """Have the disk itself hold the bytes before anybody is told that they are safe."""
        with self.path.open("rb", buffering=0) as file:
            os.fsync(file.fileno())

    def remove(self) -> None:
        """Whoever is writing finds out with the next block."""
        self.path.unlink(missing_ok=True)
        self.floor.unlink(missing_ok=True)

    @contextlib.contextmanager
    def _alone(self) -> Iterator[FileIO]:
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with writing(), FileIO(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise Busy from error
            yield file

    def _floor(self, size: int) -> int:
        """From where on bytes are unproved; the end, if they all are."""
        try:
            return int(self.floor.readlink().name)
        except FileNotFoundError:
            return size

    def _settle(self, file: FileIO) -> int:
        """Drop what a killed process, or a broken line, left unproved, and stand at the end."""
        size = os.fstat(file.fileno()).st_size
        if (floor := self._floor(size)) < size:
            size = file.truncate(floor)
        self.floor.unlink(missing_ok=True)
        return file.seek(size)

    def _write_unproved(self, file: FileIO, blocks: Iterable[bytes], at: int) -> int:
        """Keep what arrives; but of a part that brings too much nobody knows which bytes were meant."""
        try:
            return self._write(file, blocks)
        except TooMuch:
            file.truncate(at)
            raise

    def _write(self, file: FileIO, blocks: Iterable[bytes]) -> int:
        written = 0
        for block in blocks:
            view = memoryview(block)
            while view:
                done = file.write(view)
                written += done
                view = view[done:]
            if not os.fstat(file.fileno()).st_nlink:
                raise Ended
        return written


def _added(blocks: Iterable[bytes], checksum: Checksum) -> Iterator[bytes]:
    for block in blocks:
        checksum.update(block)
        yield block
