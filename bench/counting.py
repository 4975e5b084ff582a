"""The program with a counter in front: how many bytes of request bodies it has read."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from microcreds.wsgi import application as program


class Counted:
    """The stream of a request."""

    total = 0

    def __init__(self, stream: Any) -> None:
        self.stream = stream

    def read(self, size: int | None = None) -> bytes:
        block: bytes = self.stream.read(size)
        Counted.total += len(block)
        return block

    def readline(self, size: int | None = None) -> bytes:
        line: bytes = self.stream.readline(size)
        Counted.total += len(line)
        return line


def application(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
    """`/bench/bytes` tells the count."""
    if environ["PATH_INFO"] == "/bench/bytes":
        start("200 OK", [("Content-Type", "text/plain")])
        return [str(Counted.total).encode()]
    environ["wsgi.input"] = Counted(environ["wsgi.input"])
    return program(environ, start)
