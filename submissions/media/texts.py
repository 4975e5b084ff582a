"""Plain text: it carries nothing beside itself, so it stays as it is."""

from __future__ import annotations

import shutil

from submissions.media.job import ENDING_OF, Found, Job


def inspect(job: Job) -> Found:
    """Copy it, and give its beginning for search."""
    ending = ENDING_OF["text/plain"]
    shutil.copyfile(job.path, job.made(f"assessed{ending}"))
    with job.path.open(encoding="utf-8-sig", errors="replace") as file:
        text = file.read(job.limits.text)
    return Found(job.content_type, ending, facts={"words": len(text.split())}, text=text)
