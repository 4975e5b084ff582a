"""Both engines of one data directory: started by whoever comes first, found by everybody else."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import TextIO

from microcreds.services import postgres, valkey
from microcreds.services.process import ServiceError

STATE = "services.json"
REPOSITORY = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """The data directory: `MICROCREDS_HOME`, else `var` in the clone."""
    return Path(os.environ.get("MICROCREDS_HOME") or REPOSITORY / "var").resolve()


class Engines:
    """PostgreSQL and Valkey started by us, ours to stop; the lock on the directory is ours too."""

    def __init__(self, home: Path, lock: TextIO, *, durable: bool = True) -> None:
        self.home, self.lock = home, lock
        self.postgres = postgres.start(home, durable=durable)
        try:
            self.valkey = valkey.start(home, durable=durable)
        except BaseException:
            self.postgres.stop()
            raise
        self.urls = {"DATABASE_URL": self.postgres.url, "REDIS_URL": self.valkey.url}
        write_private(home / STATE, json.dumps({"pid": os.getpid(), **self.urls}))

    def stop(self) -> None:
        """In reverse order; afterwards the directory is free for the next one."""
        (self.home / STATE).unlink(missing_ok=True)
        self.valkey.stop()
        self.postgres.stop()
        self.lock.close()

    def ended(self) -> str | None:
        """The name of an engine that died under us."""
        for name, engine in (("PostgreSQL", self.postgres), ("Valkey", self.valkey)):
            if engine.process.poll() is not None:
                return name
        return None


def prepare(home: Path) -> Path:
    """Make the data directory and the installation's secret key; a read-only place is one clear line."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        for private in ("mail", "keys", "files"):
            (home / private).mkdir(mode=0o700, exist_ok=True)
        postgres.secret(home / "secret-key")
    except OSError as error:
        raise ServiceError(
            f"cannot write to {home} ({error.strerror}): set MICROCREDS_HOME to a place you own"
        ) from error
    return home


def own(home: Path) -> TextIO | None:
    """The exclusive right to run engines on `home`, kept until closed or until we die; `None` when taken."""
    try:
        lock = (home / "services.lock").open("a")
    except OSError as error:
        raise ServiceError(
            f"cannot write to {home} ({error.strerror}): set MICROCREDS_HOME to a place you own"
        ) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def running(home: Path) -> dict[str, str] | None:
    """What the owner of the lock wrote: its pid and the two addresses."""
    with contextlib.suppress(OSError, ValueError):
        state = {key: str(value) for key, value in json.loads((home / STATE).read_text()).items()}
        if postgres.answers(state["DATABASE_URL"]) and valkey.answers(state["REDIS_URL"]):
            return state
    return None


def start(home: Path, *, durable: bool = True, patience: float = 90) -> Engines | dict[str, str]:
    """The engines of `home`: ours when nobody runs them, else the addresses of those that run."""
    prepare(home)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        if lock := own(home):
            (home / STATE).unlink(missing_ok=True)
            return Engines(home, lock, durable=durable)
        if state := running(home):
            return state
        time.sleep(0.1)
    raise ServiceError(
        f"another process holds {home} and its services do not answer: stop it, or use another MICROCREDS_HOME"
    )


@contextlib.contextmanager
def attached(environ: MutableMapping[str, str] | None = None) -> Iterator[None]:
    """For one command: put the addresses into the environment, found or started, and stop what we started.

    Users share a lock, so that whoever started the engines leaves last.
    """
    environ = os.environ if environ is None else environ
    if environ.get("DATABASE_URL") and environ.get("REDIS_URL"):
        yield
        return
    home = prepare(default_home())
    with (home / "users.lock").open("a") as users:
        fcntl.flock(users, fcntl.LOCK_SH)
        engines = start(home)
        found = engines.urls if isinstance(engines, Engines) else engines
        for name in ("DATABASE_URL", "REDIS_URL"):
            environ.setdefault(name, found[name])
        try:
            yield
        finally:
            if isinstance(engines, Engines):
                fcntl.flock(users, fcntl.LOCK_EX)
                engines.stop()


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_suffix(".new")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
