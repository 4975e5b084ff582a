"""The web server as it really runs, in processes of their own that can be killed."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from microcreds.services.process import spawn, stop, tail
from tests.workers import database_url


@dataclass
class Web:
    """A running server."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        """As a power cut would, workers first."""
        for child in psutil.Process(self.process.pid).children(recursive=True):
            child.kill()
        stop(self.process)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def start_web(home: Path, port: int = 0, **more: str) -> Web:
    """Start it on the test database and wait for its first answer; the caller stops it."""
    port, log = port or free_port(), home / "log" / "test-web.log"
    listen = ["--interface=wsgi", "--host=127.0.0.1", f"--port={port}", "--http=1", "--workers=1"]
    command = [sys.executable, "-m", "granian", *listen, "--blocking-threads=8", "--log-level=warning"]
    env = {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "microcreds.settings",
        **more,
    }
    web = Web(port, spawn([*command, "microcreds.wsgi:application"], log=log, env=env))
    until = time.monotonic() + 60
    while not _answers(port):
        if web.process.poll() is not None or time.monotonic() > until:
            web.kill()
            pytest.fail(f"the web server did not start: {tail(log)}")
        time.sleep(0.05)
    return web


def _answers(port: int) -> bool:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        line.request("GET", "/healthz")
        return line.getresponse().status == 200
    except OSError:
        return False
    finally:
        line.close()
