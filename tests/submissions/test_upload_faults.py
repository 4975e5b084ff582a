"""What a bad line, a killed server, a full disk and a wrong clock do to an upload: nothing that is not said."""

from __future__ import annotations

import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.message import Message
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

import psutil
import pytest
from django.conf import settings
from rest_framework.authtoken.models import Token

from submissions import workflow
from submissions.models import Submission, Upload
from submissions.uploads.body import BLOCK
from tests import factories
from tests.submissions.uploading import BYTES, artifact_at, checksum, draft_of, lying, told
from tests.web import Web, start_web

pytestmark = pytest.mark.django_db(transaction=True)
SIZE = 6 * 1024**2
LINE = b"First we look, then we talk, then we look again.\n"
FILE = (LINE * (SIZE // len(LINE) + 1))[:SIZE]
NOBODY = "redis://127.0.0.1:9/0"
HASH = hashlib.sha256(FILE).hexdigest()


class Answer(NamedTuple):
    """What came back."""

    status: int
    headers: Message
    text: bytes


class Sender:
    """One person with one file, and a line that breaks."""

    def __init__(self, web: Web, submission: Submission) -> None:
        self.web, self.submission = web, submission
        self.token = Token.objects.get_or_create(user=submission.enrolment.earner)[0].key

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Answer:
        line = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=20)
        line.request(method, path, body, {**self.headers, **named(headers)})
        answer = line.getresponse()
        text = answer.read()
        line.close()
        return Answer(answer.status, answer.headers, text)

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}", "Tus-Resumable": "1.0.0"}

    def begin(self, size: int = SIZE, **more: Any) -> str:
        given = told(self.submission, **more)
        return str(
            self.ask("POST", "/api/v1/uploads/", Upload_Length=str(size), Upload_Metadata=given).headers[
                "Location"
            ]
        )

    def stands(self, url: str) -> int:
        return int(self.ask("HEAD", url).headers["Upload-Offset"])

    def patch(self, url: str, body: bytes, at: int, **headers: str) -> Answer:
        return self.ask("PATCH", url, body, Upload_Offset=str(at), Content_Type=BYTES, **headers)

    def opened(self, url: str, at: int, length: int, **headers: str) -> socket.socket:
        """A PATCH whose head is sent and whose body is not yet."""
        line = socket.create_connection(("127.0.0.1", self.web.port), timeout=20)
        given = {**self.headers, **named(headers), "Host": "127.0.0.1", "Content-Type": BYTES}
        given |= {"Upload-Offset": str(at), "Content-Length": str(length)}
        lines = [f"PATCH {url} HTTP/1.1", *(f"{name}: {value}" for name, value in given.items()), "", ""]
        line.sendall("\r\n".join(lines).encode())
        return line

    def broken(self, url: str, at: int, sent: int, **headers: str) -> None:
        """A PATCH of all the rest whose line breaks after `sent` bytes, and the server has noticed."""
        path = spooled(url)
        with self.opened(url, at, SIZE - at, **headers) as line:
            line.sendall(FILE[at : at + sent])
            wait_for(lambda: path.exists() and path.stat().st_size > at)
        kept = 0 if headers else sent
        wait_for(lambda: not path.with_suffix(".floor").is_symlink() and path.stat().st_size == at + kept)

    def finish(self, url: str) -> None:
        at = self.stands(url)
        assert self.patch(url, FILE[at:], at).status == 204


def named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def whole(url: str) -> bool:
    """The very file lies there and waits for its check; with it goes the last byte."""
    artifact = artifact_at(url)
    found = hashlib.sha256(spooled(url).read_bytes()).hexdigest()
    workflow.remove_artifact(artifact, artifact.submission.enrolment.earner)
    return (artifact.state, found, lying()) == ("received", HASH, [])


def spooled(url: str) -> Path:
    """The file of an upload."""
    return Path(settings.INCOMING_DIR) / UUID(url.rstrip("/").rpartition("/")[2]).hex


def wait_for(what: Callable[[], bool], patience: float = 10) -> None:
    until = time.monotonic() + patience
    while not what():
        assert time.monotonic() < until
        time.sleep(0.005)


@pytest.fixture(scope="module")
def incoming(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("incoming")


@pytest.fixture(scope="module")
def running(django_db_setup: None, home: Path, incoming: Path) -> Iterator[Web]:
    """One server for all, because starting it takes longest."""
    web = start_web(home, INCOMING_DIR=str(incoming))
    yield web
    web.kill()


@pytest.fixture
def sender(transactional_db: None, running: Web, incoming: Path, monkeypatch: pytest.MonkeyPatch) -> Sender:
    monkeypatch.setattr(settings, "INCOMING_DIR", incoming)
    for left in incoming.iterdir():
        left.unlink()
    return Sender(running, draft_of(factories.user()))


def test_a_line_that_breaks_twenty_times(sender: Sender) -> None:
    """Ten parts without a checksum keep what arrived, ten with one do not."""
    dice = random.Random(20)
    url, at = sender.begin(), 0
    for turn in range(20):
        sent = dice.randrange(2 * BLOCK, SIZE // 20)
        proved = {"Upload_Checksum": checksum(FILE[at:])} if turn % 2 else {}
        sender.broken(url, at, sent, **proved)
        at += 0 if proved else sent
        assert sender.stands(url) == at
    sender.finish(url)
    assert whole(url)


def test_two_connections_on_one_upload(sender: Sender) -> None:
    url = sender.begin()
    with sender.opened(url, 0, SIZE) as line:
        line.sendall(FILE[:100_000])
        wait_for(lambda: sender.stands(url) >= BLOCK)
        answer = sender.patch(url, b"x" * 100, sender.stands(url))
        assert (answer.status, answer.headers["Retry-After"]) == (423, "2")
        line.sendall(FILE[100_000:])
        assert line.recv(64).startswith(b"HTTP/1.1 204")
    assert whole(url)


def test_cancelled_while_it_is_being_written(sender: Sender) -> None:
    url = sender.begin()
    with sender.opened(url, 0, SIZE) as line:
        line.sendall(FILE[:100_000])
        assert sender.ask("DELETE", url).status == 204
        line.sendall(FILE[100_000:])
        assert line.recv(64).startswith(b"HTTP/1.1 410")
    assert lying() == []


def test_an_upload_without_a_length_of_the_part(sender: Sender) -> None:
    """In chunks, and one that brings more than was announced."""
    url, short = sender.begin(), sender.begin(len(LINE))
    for place, body in ((url, FILE), (short, LINE * 2)):
        line = http.client.HTTPConnection("127.0.0.1", sender.web.port, timeout=20)
        headers = {**sender.headers, "Upload-Offset": "0", "Content-Type": BYTES}
        line.request("PATCH", place, iter([body[:1000], body[1000:] or b"y"]), headers, encode_chunked=True)
        assert line.getresponse().status == (204 if place == url else 413)
        line.close()
    assert (sender.stands(short), sender.ask("DELETE", short).status) == (0, 204)
    assert whole(url)


@contextlib.contextmanager
def full(folder: Path, web: Web) -> Iterator[Callable[[int], None]]:
    """Lets a disk have room for so many bytes: a small tmpfs where we may mount one, else a limit on the server."""
    tmpfs = ["mount", "-t", "tmpfs", "-o", "size=300m,mode=700", "tmpfs", str(folder)]
    if subprocess.run(tmpfs, capture_output=True, check=False).returncode:
        (worker,) = psutil.Process(web.process.pid).children()
        yield lambda room: worker.rlimit(
            psutil.RLIMIT_FSIZE, (room or psutil.RLIM_INFINITY, psutil.RLIM_INFINITY)
        )
        return
    ballast = folder / "ballast"

    def fill(room: int) -> None:
        ballast.unlink(missing_ok=True)
        if room:
            with ballast.open("wb") as file:
                os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(folder).free - room)

    try:
        yield fill
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_disk_that_fills_up(sender: Sender, incoming: Path) -> None:
    with full(incoming, sender.web) as fill:
        url = sender.begin()
        fill(SIZE // 2)
        answer = sender.patch(url, FILE, 0)
        assert (answer.status, json.loads(answer.text)["detail"][:35]) == (
            507,
            "There is no room for this file on o",
        )
        at = sender.stands(url)
        assert 0 < at < SIZE
        assert sender.patch(url, FILE[at:], at, Upload_Checksum=checksum(FILE[at:])).status == 507
        assert sender.stands(url) == at
        fill(0)
        sender.finish(url)
        assert whole(url)


def test_a_clock_that_jumps(sender: Sender, incoming: Path) -> None:
    """Back by a month: nothing happens. Ahead by a month: the upload ends, and no byte of it stays."""
    url = sender.begin()
    sender.broken(url, 0, SIZE // 2)
    at = sender.stands(url)
    for days, left in ((30, 1), (-60, 0)):
        for upload in Upload.objects.all():
            upload.created += timedelta(days=days)
            upload.expires += timedelta(days=days)
            upload.save()
        for path in incoming.iterdir():
            moved = path.stat().st_mtime + days * 86400
            os.utime(path, (moved, moved))
        if left:
            assert (workflow.sweep_uploads(), sender.stands(url)) == (0, at)
    assert sender.ask("HEAD", url).status == 410
    workflow.sweep_uploads()
    assert (lying(), Upload.objects.count()) == ([], 0)


def wait_until_under_way(path: Path, *, proved: bool) -> None:
    """Until this part, with or without a floor to go back to, is well on its way."""
    wait_for(lambda: path.with_suffix(".floor").is_symlink() is proved and path.stat().st_size >= SIZE // 3)


def test_the_server_is_killed_in_the_middle_of_a_part(sender: Sender, home: Path, incoming: Path) -> None:
    """Twice, and when it is back for the second time Valkey is away."""
    url, web = sender.begin(), sender.web
    path = spooled(url)
    assert sender.patch(url, FILE[: SIZE // 4], 0).status == 204
    for proved, more in (({"Upload_Checksum": checksum(FILE[SIZE // 4 :])}, {}), ({}, {"REDIS_URL": NOBODY})):
        with sender.opened(url, SIZE // 4, SIZE - SIZE // 4, **proved) as line:
            line.sendall(FILE[SIZE // 4 : SIZE // 2])
            wait_until_under_way(path, proved=bool(proved))
            web.kill()
        assert SIZE // 3 <= path.stat().st_size <= SIZE // 2
        web.process = start_web(home, web.port, INCOMING_DIR=str(incoming), **more).process
        assert sender.stands(url) == (SIZE // 4 if proved else path.stat().st_size)
    sender.finish(url)
    assert whole(url)
