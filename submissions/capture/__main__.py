"""The reader's own process: bounds itself, reads a page from standard input, answers in JSON."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict

from submissions.capture.pages import extract
from submissions.media.confining import confine

MEMORY, SECONDS = 768 * 1024**2, 15


def main() -> None:
    confine(MEMORY, SECONDS)
    json.dump(asdict(extract(sys.stdin.buffer.read(), sys.argv[1], int(sys.argv[2]))), sys.stdout)


if __name__ == "__main__":
    main()
