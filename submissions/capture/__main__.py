"""The reader's own process: bounds itself, reads a page from standard input, answers in JSON."""

from __future__ import annotations

import json
import resource
import sys
from dataclasses import asdict

from submissions.capture.pages import extract
from submissions.media.confining import die_with_parent

MEMORY, SECONDS = 768 * 1024**2, 15


def main() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    die_with_parent()
    json.dump(asdict(extract(sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]))), sys.stdout)


if __name__ == "__main__":
    main()
