"""A real Celery worker in a process of its own, on the test database."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection

from microcreds.celery import app
from microcreds.services.process import spawn, stop, tail


def database_url() -> str:
    """The address of the test database, which Django renamed after reading DATABASE_URL."""
    return f"{os.environ['DATABASE_URL'].rsplit('/', 1)[0]}/{connection.settings_dict['NAME']}"


def start_worker(home: Path, *, mail: Path | None = None, patience: float = 60) -> subprocess.Popen[bytes]:
    """Start a worker and wait until it answers; the caller stops it."""
    log = home / "log" / "test-worker.log"
    env = {**os.environ, "DATABASE_URL": database_url(), "EMAIL_URL": f"filemail:///{mail or home / 'mail'}"}
    command = [sys.executable, "-m", "celery", "-A", "microcreds.celery:app", "worker", "--pool=solo"]
    command += ["--queues=celery,media"]
    process = spawn([*command, "--loglevel=INFO", "--without-gossip", "--without-mingle"], log=log, env=env)
    until = time.monotonic() + patience
    while not app.control.ping(timeout=0.5):
        if process.poll() is not None or time.monotonic() > until:
            stop(process, signal.SIGKILL)
            pytest.fail(f"the worker did not start: {tail(log)}")
    return process


@pytest.fixture
def celery_worker_process(transactional_db: None, home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker for one test; its mails lie in `home / "mail"`."""
    process = start_worker(home)
    yield process
    stop(process)
