"""The other side of the wall: one process a file, with bounds, that is killed with all its children at the end."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from submissions.media.limits import Limits

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[2]
LINE_MAX = 16 * 1024**2
TOLD = 2000


class Broken(Exception):
    """A child that gave no answer; the code says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def run(
    job: Mapping[str, Any], desk: Path, limits: Limits, progress: Callable[[int], None] | None
) -> dict[str, Any]:
    """Give a job to a new process and wait for its answer."""
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            [sys.executable, "-m", "submissions.media"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            cwd=ROOT,
            env=_environment(desk),
            start_new_session=True,
        )
        try:
            return _answer(process, {**job, "desk": str(desk), "limits": asdict(limits)}, limits, progress)
        except Broken as broken:
            logger.warning("A file broke its decoder (%s): %s", broken.code, _tail(told))
            raise
        finally:
            _end(process)


def _environment(desk: Path) -> dict[str, str]:
    """No secret, no address of a database: nothing that a broken decoder could read."""
    return {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": str(desk),
        "TMPDIR": str(desk),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "MALLOC_ARENA_MAX": "2",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


class _Clock:
    """How long a visit may still last."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.end = time.monotonic() + limits.wall

    @property
    def left(self) -> float:
        return max(0.0, self.end - time.monotonic())

    def extend(self, seconds: float) -> None:
        """A recording gets time for what it plays, up to the longest we take."""
        self.end += max(0.0, min(seconds, self.limits.longest)) * self.limits.per_second


def _answer(
    process: subprocess.Popen[bytes],
    job: Mapping[str, Any],
    limits: Limits,
    progress: Callable[[int], None] | None,
) -> dict[str, Any]:
    """Read lines until the one that answers."""
    clock, last = _Clock(limits), -1
    _give(process.stdin, job)
    for line in _lines(process.stdout, clock):
        if "result" in line:
            return dict(line["result"])
        if "seconds" in line:
            clock.extend(float(line["seconds"]))
        percent = max(0, min(100, int(line.get("progress", last))))
        if progress and percent > last:
            progress(percent)
        last = max(last, percent)
    raise Broken(_cause(process))


def _give(stdin: IO[bytes] | None, job: Mapping[str, Any]) -> None:
    if stdin:
        with contextlib.suppress(BrokenPipeError), stdin:
            stdin.write(json.dumps(job).encode())


def _lines(stdout: IO[bytes] | None, clock: _Clock) -> Iterator[dict[str, Any]]:
    waiting = b""
    with selectors.DefaultSelector() as selector:
        if stdout:
            selector.register(stdout, selectors.EVENT_READ)
        while selector.select(clock.left):
            block = os.read(stdout.fileno(), 64 * 1024) if stdout else b""
            if not block:
                return
            *whole, waiting = (waiting + block).split(b"\n")
            if len(waiting) > LINE_MAX:
                raise Broken("crashed")
            yield from map(_parsed, whole)
    raise Broken("time")


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        return dict(json.loads(line))
    except (ValueError, TypeError) as error:
        raise Broken("crashed") from error


def _cause(process: subprocess.Popen[bytes]) -> str:
    """Why a child ended without an answer. Who kills without being us is the system, when memory ends."""
    code = process.wait(timeout=10)
    return {-signal.SIGXCPU: "time", -signal.SIGKILL: "memory"}.get(code, "crashed")


def _tail(told: IO[bytes]) -> str:
    size = told.seek(0, os.SEEK_END)
    told.seek(max(0, size - TOLD))
    return told.read(TOLD).decode(errors="replace")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the whole session before the leader is collected, so that its number cannot be another's by then."""
    if process.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    if process.stdout:
        process.stdout.close()
