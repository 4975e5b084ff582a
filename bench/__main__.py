"""`make bench`: all benchmarks in one table; `NAME` chooses one of them, `ROWS` its size."""

from __future__ import annotations

import importlib
import os
import signal
import sys
from collections.abc import Iterator

from bench import place
from bench.table import Row, lines
from microcreds.services.process import ServiceError

# Each is a module of this package with `DEFAULT_ROWS` and `run(rows)`, imported once its database stands.
BENCHMARKS = ("pages", "upload", "queue", "reliability", "issue", "verify")


def main() -> int:
    """Measure on a database of our own and print what came out."""
    name, rows = os.environ.get("NAME", ""), os.environ.get("ROWS", "")
    if name and name not in BENCHMARKS:
        print(f"bench: there is no “{name}”; NAME is one of: {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    if rows and not rows.isdigit():
        print(f"bench: ROWS must be a whole number, not “{rows}”", file=sys.stderr)
        return 2
    # Asked to end, we still stop the engines and leave no directory behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        with place.opened():
            table = [row for each in ([name] if name else BENCHMARKS) for row in measure(each, rows)]
    except ServiceError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    print("\n".join(lines(table)))
    return 0


def measure(name: str, rows: str) -> Iterator[Row]:
    """The rows of one benchmark, at the size asked for or its own."""
    benchmark = importlib.import_module(f"bench.{name}")
    yield from benchmark.run(int(rows) if rows else benchmark.DEFAULT_ROWS)


if __name__ == "__main__":
    raise SystemExit(main())
