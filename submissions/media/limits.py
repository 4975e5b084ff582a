"""How much a file may cost to look at."""

from __future__ import annotations

from dataclasses import dataclass

PAGES_DRAWN = 40  # of a document; whoever needs more opens the document itself
MB = 1024**2
GB = 1024**3


@dataclass(frozen=True)
class Limits:
    """Bounds of a decoder's process, then of what it accepts.

    `memory` is address space and `cpu` seconds of one process; `wall` is the whole visit. For recordings `wall` and
    `cpu` grow by `per_second` for every second that plays. `written` is for each file, on top of the size of what came.
    """

    memory: int = 2 * GB
    cpu: int = 600
    wall: int = 900
    per_second: float = 4.0
    written: int = 2 * GB
    open_files: int = 64
    pixels: int = 110_000_000
    edge: int = 10_000
    pages: int = 1500
    longest: int = 4 * 3600
    entries: int = 5000
    unpacked: int = 600 * MB
    ratio: int = 200
    text: int = 1 * MB


DEFAULT = Limits()
