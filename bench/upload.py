"""A large file through the running web server, against a receiver that only moves a socket to a file."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import statistics
import sys
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from urllib.parse import urlsplit

import psutil
from rest_framework.authtoken.models import Token

from accounts.models import User
from bench.store import CREDENTIALS, store
from bench.table import Row
from catalog.models import MicroCredential
from microcreds.services.process import spawn, stop
from submissions import workflow
from submissions.models import Submission

DEFAULT_ROWS = 1024  # MiB
ROUNDS = 3
BLOCK = bytes(1024**2)
PART = 8
LIST = "/api/v1/uploads/"
RECEIVER = """
import os, socket, sys
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    buffer = bytearray(65536)
    view = memoryview(buffer)
    while True:
        line, _peer = server.accept()
        with line, open(sys.argv[1], "wb", buffering=0) as file:
            while count := line.recv_into(buffer):
                file.write(view[:count])
            os.fsync(file.fileno())
            line.sendall(b"x")
        os.unlink(sys.argv[1])
"""


@dataclass
class Taken:
    """What one transfer cost."""

    wall: float
    cpu: float


class Answer(NamedTuple):
    """What came back."""

    headers: Message
    text: bytes


@dataclass
class Site:
    """The running program, and one person's way into it."""

    port: int
    token: str
    submission: Submission
    process: psutil.Process

    def ask(
        self, method: str, path: str, body: Iterable[bytes] | str | None = None, **headers: str
    ) -> Answer:
        """One request; the answer's body is read."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        given = {"Authorization": f"Token {self.token}", "Tus-Resumable": "1.0.0"}
        given |= {name.replace("_", "-"): value for name, value in headers.items()}
        line.request(method, path, body, given)
        answer = line.getresponse()
        text = answer.read()
        if answer.status >= 300:
            raise ValueError(f"{method} {path}: {answer.status} {text[:300]!r}")
        line.close()
        return Answer(answer.headers, text)

    def begin(self, size: int, **headers: str) -> Answer:
        pairs = {
            "filename": "film.mp4",
            "submission": str(self.submission.pk),
            "requirement": self.requirement,
        }
        told = ",".join(f"{key} {b64encode(value.encode()).decode()}" for key, value in pairs.items())
        return self.ask("POST", LIST, Upload_Length=str(size), Upload_Metadata=told, **headers)

    @property
    def requirement(self) -> str:
        return str(self.submission.enrolment.version.requirements.first().key)  # type: ignore[union-attr]

    def send(self, size: int, part: int) -> None:
        """A whole upload, then away with it."""
        place = str(self.begin(size * len(BLOCK)).headers["Location"])
        for start in range(0, size, part):
            count = min(part, size - start)
            headers = {"Upload_Offset": str(start * len(BLOCK)), "Content_Length": str(count * len(BLOCK))}
            headers["Content_Type"] = "application/offset+octet-stream"
            self.ask("PATCH", place, (BLOCK for _number in range(count)), **headers)

    def send_past(self, size: int) -> int:
        """A whole upload to the store, part by part as a browser does; how many bytes went there."""
        begun = self.begin(size, Upload_Direct="yes")
        place, part, sent = str(begun.headers["Location"]), int(begun.headers["Upload-Part-Size"]), 0
        for number in range(1, -(-size // part) + 1):
            body = json.dumps({"numbers": [number]})
            answer = self.ask("POST", f"{place}parts/", body, Content_Type="application/json")
            (where,) = json.loads(answer.text)["parts"]
            sent += put(where["url"], min(part, size - sent))
        self.ask("POST", f"{place}complete/")
        return sent

    def clear(self) -> None:
        """Make room for the next."""
        for artifact in self.submission.artifacts.all():
            self.ask("DELETE", f"/api/v1/artifacts/{artifact.pk}/")

    @property
    def worker(self) -> psutil.Process:
        return max(self.process.children(recursive=True), key=lambda one: one.memory_info().rss)


def run(rows: int) -> Iterator[Row]:
    """`rows` MiB in one part, in parts of 8 MiB, the memory of both ends of the scale, and past us to a store."""
    with TemporaryDirectory(prefix="microcreds-bench-upload-") as folder, site(Path(folder)) as ours:
        small = peak(ours, 10)
        with receiver(Path(folder) / "raw") as raw:
            for part in (rows, PART):
                yield against(ours, raw, rows, part)
        large = peak(ours, rows)
        grown = (large - small) / len(BLOCK)
        yield Row(
            f"upload: memory, 10 MiB → {rows} MiB", f"{large / len(BLOCK):.0f} MiB", f"{small / len(BLOCK):.0f} MiB at 10 MiB",
            large / small, f"{grown:+.1f} MiB", "+32 MiB",
        )  # fmt: skip
    yield past_us(min(rows, 256))


def against(ours: Site, raw: Callable[[int], Taken], size: int, part: int) -> Row:
    """In turns, so that whatever else the machine does meets both alike."""
    taken: tuple[list[Taken], list[Taken]] = ([], [])
    for _round in range(ROUNDS):
        taken[0].append(timed(ours.worker, lambda: ours.send(size, part)))
        ours.clear()
        taken[1].append(raw(size))
    wall, floor = (statistics.median(one.wall for one in each) for each in taken)
    cpu, least = (statistics.median(one.cpu for one in each) for each in taken)
    how = "one part" if part == size else f"parts of {part} MiB"
    speed = f"{size / wall:.0f} MiB/s", f"{size / floor:.0f} MiB/s socket to file"
    counts = f"CPU {cpu:.2f} s to {least:.2f} s = {cpu / least:.2f}×"
    return Row(f"upload: {size} MiB, {how}", *speed, floor / wall, counts, "≥ 0.8×, CPU ≤ 1.3×")


def past_us(size: int) -> Row:
    """The same to a store: who carries how many bytes."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="microcreds-bench-store-")))
        url = stack.enter_context(store(folder / "s3"))
        ours = stack.enter_context(site(folder, STORAGE_URL=url, **CREDENTIALS))
        sent = ours.send_past(size * len(BLOCK))
        came = int(ours.ask("GET", "/bench/bytes").text)
        counts = f"Django read {came:,} bytes, all of them questions; the store {sent:,}"
        return Row(f"upload: {size} MiB past us", "0 of its bytes", f"{sent:,} bytes", 0.0, counts, "0 bytes")


def put(url: str, size: int) -> int:
    """A part to its presigned address, as a browser sends it."""
    parts = urlsplit(url)
    line = http.client.HTTPConnection(str(parts.hostname), parts.port, timeout=300)
    line.request("PUT", f"{parts.path}?{parts.query}", bytes(size), {"Content-Length": str(size)})
    answer = line.getresponse()
    if answer.status != 200:
        raise ValueError(f"the store answered {answer.status} {answer.read()[:300]!r}")
    line.close()
    return size


def peak(ours: Site, size: int) -> int:
    """The most memory that an upload of `size` MiB needs."""
    Path(f"/proc/{ours.worker.pid}/clear_refs").write_text("5")
    ours.send(size, size)
    ours.clear()
    status = Path(f"/proc/{ours.worker.pid}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def timed(process: psutil.Process, work: Callable[[], object]) -> Taken:
    """Wall time of `work`, and what it cost another process."""
    before, begun = process.cpu_times(), time.perf_counter()
    work()
    wall, after = time.perf_counter() - begun, process.cpu_times()
    return Taken(wall, after.user + after.system - before.user - before.system)


@contextlib.contextmanager
def receiver(path: Path) -> Iterator[Callable[[int], Taken]]:
    """A process that does nothing else."""
    process = psutil.Popen([sys.executable, "-c", RECEIVER, str(path)], stdout=-1)
    port = int(process.stdout.readline())

    def send(size: int) -> None:
        with socket.create_connection(("127.0.0.1", port)) as line:
            for _number in range(size):
                line.sendall(BLOCK)
            line.shutdown(socket.SHUT_WR)
            line.recv(1)

    try:
        yield lambda size: timed(process, lambda: send(size))
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def site(folder: Path, **more: str) -> Iterator[Site]:
    """The web server as in production, with one worker so that it is plain whose memory counts."""
    user = User.objects.get(email="educator2@demo.test")
    taken = user.enrolments.values("micro_credential")
    unit = MicroCredential.objects.exclude(pk__in=taken).filter(current__isnull=False).first()
    submission = workflow.enrol(user, unit)  # type: ignore[arg-type]
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "granian",
        "--interface=wsgi",
        "--host=127.0.0.1",
        f"--port={port}",
        "--http=1",
    ]
    command += ["--workers=1", "--blocking-threads=4", "--log-level=warning", "bench.counting:application"]
    env = {
        **os.environ,
        "BASE_URL": f"http://127.0.0.1:{port}",
        "INCOMING_DIR": str(folder / "incoming"),
        **more,
    }
    process = spawn(command, log=folder / "web.log", env=env)
    token = Token.objects.get_or_create(user=user)[0].key
    ours = Site(port, token, submission, psutil.Process(process.pid))
    try:
        answers(ours, folder / "web.log")
        yield ours
    finally:
        stop(process)
        for artifact in submission.artifacts.all():
            workflow.remove_artifact(artifact, user)


def answers(ours: Site, log: Path) -> None:
    """Wait for the first answer."""
    for patience in range(300, -1, -1):
        try:
            ours.ask("GET", "/healthz")
        except OSError:
            if not patience:
                raise ValueError(log.read_text()[-500:]) from None
            time.sleep(0.1)
        else:
            return
