"""`make run` from the first line it prints to the last process it leaves: none."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import psutil
import pytest

from microcreds.services import engines, postgres, process
from microcreds.services.__main__ import page_is_served
from microcreds.services.stamps import demo_state, static_state

ROOT = Path(__file__).resolve().parents[2]


class Site:
    """A running installation without demo people, on a directory and a port of its own."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.port = home, port
        env = {**os.environ, "MICROCREDS_HOME": str(home), "PORT": str(port)}
        for name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
            env.pop(name, None)
        self.program = subprocess.Popen(
            [sys.executable, "-m", "microcreds.services"],
            cwd=ROOT,
            env=env,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.program.stdout is not None
        self.said: list[str] = []
        for line in self.program.stdout:
            self.said.append(line.strip())
            if "Ctrl-C" in line:
                break

    def processes(self) -> list[psutil.Process]:
        """Every process below ours."""
        return list(psutil.Process(self.program.pid).children(recursive=True))

    def child(self, word: str) -> int | None:
        """The pid of our direct child whose command line has a word."""
        for child in psutil.Process(self.program.pid).children():
            with contextlib.suppress(psutil.Error):
                if word in child.cmdline():
                    return int(child.pid)
        return None

    def page(self, path: str = "/") -> int:
        """The status of a page."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=10) as answer:
            return int(answer.status)


@pytest.fixture(scope="module")
def place(home: Path) -> Iterator[Path]:
    """A directory with static files and without the demo, so that a start is quick."""
    directory = Path(tempfile.mkdtemp(prefix="microcreds-run-"))
    directory.chmod(0o755)
    shutil.copytree((home / "static").resolve(), directory / "static")
    (directory / "static" / ".state").write_text(static_state())
    (directory / "demo-loaded").write_text(demo_state())
    yield directory
    postgres.discard(directory)
    shutil.rmtree(directory, ignore_errors=True)


def left(processes: list[psutil.Process], patience: float = 20) -> list[psutil.Process]:
    """Those that are still there after a while."""
    return list(psutil.wait_procs(processes, timeout=patience)[1])


def test_from_ready_to_nothing_left(place: Path) -> None:
    site = Site(place, process.free_port())
    assert f"Ready: http://127.0.0.1:{site.port}" in site.said
    assert f"Mails land in {place / 'mail'}/" in site.said
    assert (site.page(), site.page("/readyz")) == (200, 200)
    assert set(engines.running(place) or {}) == {"pid", "DATABASE_URL", "REDIS_URL"}

    fallen = site.child("worker")
    assert fallen is not None
    os.kill(fallen, signal.SIGKILL)
    until = time.monotonic() + 30
    while site.child("worker") in {None, fallen}:
        assert time.monotonic() < until, "a fallen worker is started again"
        time.sleep(0.1)

    everything = site.processes()
    site.program.kill()
    site.program.wait()
    assert left(everything) == []

    again = Site(place, site.port)
    assert again.page() == 200
    everything = again.processes()
    again.program.send_signal(signal.SIGINT)
    assert again.program.wait(30) == 0
    assert left(everything, patience=0) == []


class BehindTls(BaseHTTPRequestHandler):
    """Answers as we do where `BASE_URL` begins with https: a page behind a proxy with TLS, and to anybody else the way there."""

    def do_GET(self) -> None:
        secure = self.headers.get("X-Forwarded-Proto") == "https"
        self.send_response(200 if secure else 301)
        self.send_header("Location", "https://127.0.0.1:1/")
        self.end_headers()


def test_it_is_ready_behind_a_proxy_with_tls_too() -> None:
    with HTTPServer(("127.0.0.1", 0), BehindTls) as server:
        threading.Thread(target=server.handle_request).start()
        assert page_is_served(f"http://127.0.0.1:{server.server_port}")
