"""An exported mirror behind a file server that knows nothing of us, and a verifier that asks nobody else."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

from django.utils import timezone

from badges.openbadges.fetched import Answer, Unreachable
from badges.openbadges.outcomes import Report
from badges.openbadges.verification import verify
from microcreds.services.process import free_port


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Mirror:
    """An exported directory behind a file server that knows nothing of us."""

    def __init__(self, root: Path) -> None:
        self.root, self.port = root, free_port()
        command = [
            sys.executable,
            "-m",
            "http.server",
            str(self.port),
            "--bind",
            "127.0.0.1",
            "-d",
            str(root),
        ]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        self.url = f"http://127.0.0.1:{self.port}"
        until = time.monotonic() + 30
        while not _listens(self.port):
            assert time.monotonic() < until, "the file server starts"
            time.sleep(0.05)

    def fetch(self, url: str) -> Answer:
        """What lies at an address of the platform, from the mirror."""
        try:
            with urllib.request.urlopen(f"{self.url}{urlsplit(url).path}", timeout=10) as found:
                return Answer(found.status, found.read(), found.headers.get_content_type())
        except urllib.error.HTTPError as error:
            return Answer(error.code, b"", "")
        except OSError as error:
            raise Unreachable(url) from error

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()

    def check(self, source: str | bytes) -> Report:
        return verify(source, fetch=self.fetch, now=timezone.now())
