"""A check in a process of its own: bounded before it reads a byte, without secrets, database or network.

Line by line in JSON. In: the job. Out: questions for addresses, each answered by one line in; at last the report.
"""

from __future__ import annotations

import base64
import json
import sys
from dataclasses import asdict
from datetime import datetime
from typing import Any

import django
from django.conf import settings
from django.utils import translation

from badges.openbadges import verification
from badges.openbadges.fetched import Answer, Unreachable
from submissions.media.confining import confine

MEMORY, SECONDS = 1024**3, 8


def ask(url: str) -> Answer:
    """Ask the other side of the wall for an address."""
    _write({"ask": url})
    answer = json.loads(sys.stdin.readline())
    if "why" in answer:
        raise Unreachable(answer["why"])
    content = base64.b64decode(answer["content"])
    return Answer(answer["status"], content, answer["content_type"], answer["url"])


def _write(line: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Read the job, check, and report."""
    job = json.loads(sys.stdin.readline())
    settings.configure(USE_I18N=True, LANGUAGE_CODE="en", LOCALE_PATHS=job["locale_paths"], INSTALLED_APPS=[])
    django.setup()
    translation.activate(job["language"])
    confine(MEMORY, SECONDS)
    report = verification.verify(
        base64.b64decode(job["source"]),
        fetch=ask,
        now=datetime.fromisoformat(job["now"]),
        email=job["email"],
    )
    steps = [[step.name, str(step.outcome), step.words] for step in report.steps]
    _write(
        {
            "steps": steps,
            "credential": report.credential,
            "about": asdict(report.about),
            "standing": report.standing,
        }
    )


if __name__ == "__main__":
    main()
