"""Small pictures for pages, of whatever can be drawn."""

from __future__ import annotations

from PIL import Image

from submissions.media.job import Job

POSTER, THUMB = 1600, 320


def save_previews(picture: Image.Image, job: Job, name: str) -> list[str]:
    """The large preview under its name, and the thumb; gives what was made."""
    for stem, edge in ((name, POSTER), ("thumb", THUMB)):
        small = picture.copy()
        small.thumbnail((edge, edge))
        small.save(job.made(f"{stem}.webp"), "WEBP", quality=80, method=4)
    return [name, "thumb"]
