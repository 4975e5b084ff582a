"""Processes that do not outlive the one they work for."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform.startswith("linux") else None


def die_with(parent: int, death: signal.Signals) -> None:
    """Ask the kernel for `death` when `parent` goes, even by `kill -9` (Linux; elsewhere nothing)."""
    if LIBC is None:
        return
    LIBC.prctl(PR_SET_PDEATHSIG, int(death))
    if os.getppid() != parent:
        os.kill(os.getpid(), death)
