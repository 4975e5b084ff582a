"""One bounded GET, hop by hop: each hop is checked, dialled at the checked address, and watched by a clock."""

from __future__ import annotations

import contextlib
import http.client
import logging
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urljoin

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.response import BaseHTTPResponse

from submissions.capture.addresses import export_of, leads_astray
from submissions.capture.guard import Reach, Target, addresses_of
from submissions.capture.refusals import Code, NotCaptured

logger = logging.getLogger(__name__)

BLOCK = 64 * 1024
HEADERS = {
    "Accept": "*/*",
    "Accept-Encoding": "gzip",
    "User-Agent": "Microcreds (copies a link for its author)",
}


@dataclass(frozen=True)
class Limits:
    """How much of the world a link may cost us."""

    size: int = 50 * 1024**2
    seconds: float = 30.0
    stall: float = 10.0  # the longest wait for the next 64 KiB
    resolve: float = 5.0
    redirects: int = 5
    page: int = 3 * 1024**2  # of a page's HTML
    text: int = 500_000  # characters kept of a page


@dataclass(frozen=True)
class Answer:
    """What came, beside the bytes."""

    url: str
    content_type: str
    disposition: str
    size: int
    exported: bool = False


class Watch:
    """A clock that cuts the line: a socket's own timeout begins anew with each byte that drips in."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.end = time.monotonic() + limits.seconds
        self.rang = False
        self._seen = time.monotonic()
        self._done = threading.Event()
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        for line in self._lines:
            line.close()

    @property
    def left(self) -> float:
        """Seconds until it rings, unless something arrives."""
        return max(0.0, min(self.end, self._seen + self.limits.stall) - time.monotonic())

    def seen(self) -> None:
        """Something arrived; too late is too late."""
        if self.rang:
            raise NotCaptured(Code.TOO_SLOW)
        self._seen = time.monotonic()

    def over(self, line: socket.socket) -> None:
        """Watch a connection too. A second handle on it, since TLS takes the first one away."""
        self._lines.append(socket.socket(fileno=os.dup(line.fileno())))
        if self.rang:
            raise TimeoutError

    def _run(self) -> None:
        while not self._done.wait(self.left):
            if not self.left:
                self.rang = True
                for line in list(self._lines):
                    with contextlib.suppress(OSError):
                        line.shutdown(socket.SHUT_RDWR)
                return


class _Plain(HTTPConnection):
    dial: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.dial()


class _Secure(HTTPSConnection):
    dial: Callable[[], socket.socket]

    def _new_conn(self) -> socket.socket:
        return self.dial()


@dataclass(frozen=True)
class Got:
    """A small answer, whole in memory, whatever its status."""

    url: str
    status: int
    content_type: str
    content: bytes


def read(url: str, limits: Limits, reach: Reach, *, accept: str) -> Got:
    """One bounded GET over https alone, hop by hop, into memory; `limits.size` counts the unpacked bytes."""
    with Watch(limits) as watch, _in_words(watch):
        for _ in range(limits.redirects + 1):
            if not url.lower().startswith("https://"):
                raise NotCaptured(Code.ADDRESS)
            with _asked(url, watch, reach, "en", accept) as response:
                onward = response.headers.get("Location") if 300 <= response.status < 400 else None
                if not onward:
                    return _got(response, url, watch)
            url = urljoin(url, _readable(onward))
    raise NotCaptured(Code.REDIRECTS)


def _got(response: BaseHTTPResponse, url: str, watch: Watch) -> Got:
    content = bytearray()
    for block in response.stream(BLOCK, decode_content=True):
        watch.seen()
        content += block
        if len(content) > watch.limits.size:
            raise NotCaptured(Code.TOO_LARGE)
    watch.seen()
    return Got(url, response.status, response.headers.get("Content-Type", ""), bytes(content))


def fetch(url: str, path: Path, limits: Limits, reach: Reach, language: str) -> Answer:
    """Follow an address, or the export it offers, to its bytes and write them to `path`."""
    wanted, exported = export_of(url), False
    with Watch(limits) as watch, _in_words(watch):
        for _ in range(limits.redirects + 1):
            url, exported = wanted, exported or wanted != url
            with _asked(url, watch, reach, language) as response:
                onward = response.headers.get("Location") if 300 <= response.status < 400 else None
                if not onward:
                    return replace(_take(response, url, path, watch), exported=exported)
            url = urljoin(url, _readable(onward))
            if code := leads_astray(url):
                raise NotCaptured(code)
            wanted = export_of(url)
    raise NotCaptured(Code.REDIRECTS)


def _readable(onward: str) -> str:
    """A redirect's address as browsers take it: with its spaces, and in UTF-8 though headers are Latin-1."""
    with contextlib.suppress(UnicodeError):
        onward = onward.encode("latin-1").decode()
    return onward.strip().replace(" ", "%20")


@contextlib.contextmanager
def _in_words(watch: Watch) -> Iterator[None]:
    """Whatever a foreign server makes of HTTP ends in a refusal."""
    try:
        yield
    except (HTTPError, http.client.HTTPException, OSError, ValueError) as error:
        logger.info("not captured: %s", type(error).__name__)
        if watch.rang or isinstance(error, TimeoutError):
            raise NotCaptured(Code.TOO_SLOW) from error
        if isinstance(error, ssl.SSLCertVerificationError):
            raise NotCaptured(Code.CERTIFICATE) from error
        raise NotCaptured(Code.UNREACHABLE) from error


@contextlib.contextmanager
def _asked(
    url: str, watch: Watch, reach: Reach, language: str, accept: str = "*/*"
) -> Iterator[BaseHTTPResponse]:
    """The answer to a GET, its body not yet read. No cookie, no proxy, no credential goes with it."""
    target = Target.of(url)
    addresses = addresses_of(target, reach, min(watch.limits.resolve, watch.left))
    connection = _connection(target, reach, lambda: _dial(addresses, target.port, watch))
    with contextlib.closing(connection):
        headers = {**HEADERS, "Accept": accept, "Accept-Language": language}
        connection.request("GET", target.path, headers=headers, preload_content=False)
        response = connection.getresponse()
        watch.seen()
        with contextlib.closing(response):
            yield response


def _connection(target: Target, reach: Reach, dial: Callable[[], socket.socket]) -> _Plain | _Secure:
    """To the named host, whose certificate must fit the name; only where it is dialled is ours to say."""
    connection: _Plain | _Secure
    if target.scheme == "https":
        connection = _Secure(target.host, target.port, cert_reqs="CERT_REQUIRED", ca_certs=reach.certificates)
    else:
        connection = _Plain(target.host, target.port)
    connection.dial = dial
    return connection


def _dial(addresses: list[str], port: int, watch: Watch) -> socket.socket:
    """Connect to the first of the checked addresses that answers."""
    problem: OSError = OSError("no address")
    for address in addresses[:4]:
        try:
            line = socket.create_connection((address, port), timeout=max(0.1, watch.left / 2))
        except OSError as error:
            problem = error
        else:
            line.settimeout(watch.limits.stall)
            watch.over(line)
            return line
    raise problem


def _take(response: BaseHTTPResponse, url: str, path: Path, watch: Watch) -> Answer:
    _check_status(response.status)
    declared = response.headers.get("Content-Length", "")
    if declared.isdigit() and int(declared) > watch.limits.size:
        raise NotCaptured(Code.TOO_LARGE)
    size = 0
    with path.open("wb") as file:
        for block in response.stream(BLOCK, decode_content=True):
            watch.seen()
            size += len(block)
            if size > watch.limits.size:
                raise NotCaptured(Code.TOO_LARGE)
            file.write(block)
    watch.seen()
    if not size:
        raise NotCaptured(Code.EMPTY)
    headers = response.headers
    return Answer(url, headers.get("Content-Type", ""), headers.get("Content-Disposition", ""), size)


def _check_status(status: int) -> None:
    if status in {401, 403, 407}:
        raise NotCaptured(Code.SIGN_IN)
    if status in {404, 410}:
        raise NotCaptured(Code.MISSING)
    if status == 429 or status >= 500:
        raise NotCaptured(Code.UNREACHABLE)
    if status != 200:
        raise NotCaptured(Code.REFUSED)
