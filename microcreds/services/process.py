"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import contextlib
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from microcreds.orphans import die_with


class ServiceError(Exception):
    """Something a person can remedy; its text is one line and names the remedy."""


def dropping_to(user: str | None) -> dict[str, object]:
    """The arguments of `Popen` that run a child as `user`; none for the user we are."""
    if user is None:
        return {}
    entry = pwd.getpwnam(user)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    env: Mapping[str, str] | None = None,
    user: str | None = None,
    death: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start a child in its own session, writing to `log`, that gets `death` when we die."""
    log.parent.mkdir(parents=True, exist_ok=True)
    parent = os.getpid()
    # preexec_fn runs after the change of user, which would clear the death signal.
    before: Callable[[], None] = lambda: die_with(parent, death)  # noqa: E731
    with log.open("ab") as output:
        return subprocess.Popen(  # type: ignore[call-overload, no-any-return]
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
            preexec_fn=before,  # noqa: PLW1509 - we start children from the main thread only
            **({"cwd": "/"} if user else {}),
            **dropping_to(user),
        )


def stop(
    process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, patience: float = 10
) -> None:
    """Ask politely, wait, then kill the child's whole session."""
    if process.poll() is None:
        process.send_signal(how)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(patience)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port() -> int:
    """A port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def command_line(pid: int) -> str:
    """What a process was started with; empty when there is no such process."""
    proc = Path("/proc")
    if (proc / "self").exists():
        with contextlib.suppress(OSError):
            return (proc / str(pid) / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        return ""
    answer = subprocess.run(
        ["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return answer.stdout


def heal(pid_file: Path, marker: str, how: signal.Signals, patience: float = 30) -> None:
    """Clear a pid file left by a crash; wait for the old server first where it still runs.

    The caller holds the lock of the data directory, so a survivor is an orphan on its way out.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    until = time.monotonic() + patience
    while pid and marker in command_line(pid):
        if time.monotonic() > until:
            raise ServiceError(
                f"process {pid} still uses {pid_file.parent}: stop it with `kill {pid}` and try again"
            )
        with contextlib.suppress(OSError):
            os.kill(pid, how)
        time.sleep(0.2)
    pid_file.unlink(missing_ok=True)


def tail(log: Path) -> str:
    """The last line of a log that says something, for one-line errors."""
    lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
    return lines[-1] if lines else "nothing was logged"


def wait_until(
    ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path, patience: float = 60
) -> None:
    """Poll `ready` until it holds; a child that ended or hangs becomes one clear line."""
    until = time.monotonic() + patience
    while not ready():
        if process.poll() is not None:
            raise ServiceError(f"{log.stem} did not start: {tail(log)} (see {log})")
        if time.monotonic() > until:
            stop(process)
            raise ServiceError(f"{log.stem} did not answer within {patience:.0f} s (see {log})")
        time.sleep(0.05)
