"""The other side of the wall: a stranger's badge is checked in a process with bounds, and its questions are answered here.

Canonicalising knows no deadline, pictures are decoded by C, and both meet what anybody sends. So the process has
neither secrets nor network; what it asks for passes the guard of `fetching`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from badges.openbadges.fetched import Fetch, Unreachable
from badges.openbadges.outcomes import About, Outcome, Report, Step, unread

logger = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parents[1]
SECONDS = 15.0
LINE = 16 * 1024**2
AT_ONCE = threading.BoundedSemaphore(4)
PATIENCE = 10.0
# No secret and no address of a database: nothing that a broken decoder could read.
BARE = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "2",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def check(source: bytes, *, fetch: Fetch, now: datetime, email: str = "") -> Report:
    """Check what a stranger brought; what breaks the process, or takes too long, stays unknown and is never ok."""
    if not AT_ONCE.acquire(timeout=PATIENCE):
        return unread(
            Outcome.UNKNOWN, _("Many badges are being checked right now. Please try again in a minute.")
        )
    try:
        return _checked(source, fetch, now, email)
    finally:
        AT_ONCE.release()


def _checked(source: bytes, fetch: Fetch, now: datetime, email: str) -> Report:
    process = subprocess.Popen(
        [sys.executable, "-m", "badges.openbadges"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=ROOT,
        env=BARE,
        start_new_session=True,
    )
    job = {
        "source": base64.b64encode(source).decode(),
        "email": email,
        "now": now.isoformat(),
        "language": get_language() or "en",
        "locale_paths": [str(path) for path in settings.LOCALE_PATHS],
    }
    try:
        _give(process, job)
        for line in _lines(process):
            if "ask" not in line:
                return _report(line)
            _give(process, _answer(fetch, str(line["ask"])))
    except (ValueError, KeyError, TypeError, BrokenPipeError) as error:
        logger.warning("A check was cut off: %s", type(error).__name__)
    finally:
        _end(process)
    logger.warning("A check gave no answer; its process ended with %s", process.returncode)
    words = _("Reading this took more time or memory than any badge needs, so it was stopped.")
    return unread(Outcome.UNKNOWN, words)


def _answer(fetch: Fetch, url: str) -> dict[str, Any]:
    try:
        answer = fetch(url)
    except Unreachable as refused:
        return {"why": str(refused)}
    return {**asdict(answer), "content": base64.b64encode(answer.content).decode()}


def _give(process: subprocess.Popen[bytes], line: dict[str, Any]) -> None:
    if process.stdin:
        process.stdin.write(json.dumps(line).encode() + b"\n")
        process.stdin.flush()


def _lines(process: subprocess.Popen[bytes]) -> Iterator[dict[str, Any]]:
    """Lines until the process ends, or its time does."""
    end, waiting, stdout = time.monotonic() + SECONDS, b"", process.stdout
    with selectors.DefaultSelector() as selector:
        if stdout:
            selector.register(stdout, selectors.EVENT_READ)
        while selector.select(max(0.0, end - time.monotonic())):
            block = os.read(stdout.fileno(), 64 * 1024) if stdout else b""
            if not block or len(waiting) > LINE:
                return
            *whole, waiting = (waiting + block).split(b"\n")
            for line in whole:
                yield dict(json.loads(line))


def _report(line: dict[str, Any]) -> Report:
    steps = tuple(Step(name, Outcome(outcome), words) for name, outcome, words in line["steps"])
    return Report(steps, line["credential"], About(**line["about"]), line["standing"])


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
