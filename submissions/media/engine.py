"""The way in: look at a file, clean it, and make its previews, each in a child process.

Nothing a file does reaches the caller: a crash, a child out of memory and one that takes too long end as a Result
with words for the person who sent the file. What raises is ours: `Unable` where there is no room, else a mistake.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from submissions.kinds import ENDINGS
from submissions.media import words as sentences
from submissions.media.child import Broken, run
from submissions.media.limits import DEFAULT, PAGES_DRAWN, Limits
from submissions.media.names import blind, safe_name
from submissions.media.tools import find_ffmpeg

__all__ = ["DEFAULT", "Limits", "Result", "Unable", "inspect", "previews"]

Progress = Callable[[int], None]
ROOM = 128 * 1024**2
# What a child may hand over besides the cleaned file, and under which names.
EARLY = {"poster": ".webp", "thumb": ".webp", "first_page": ".webp", "waveform": ".webp"}
PAGES = tuple(f"page_{number}" for number in range(1, PAGES_DRAWN + 1))
LATE = {"video_360": ".mp4", "video_720": ".mp4", "audio": ".m4a", **dict.fromkeys(PAGES, ".webp")}


class Unable(Exception):
    """The fault is ours (a full disk): the file may be fine, and trying again later may help."""


@dataclass(frozen=True)
class Result:
    """What was found. `code` and `params` are for keeping; `words` says them in the reader's language.

    `assessed` is the cleaned file inside `out`; `phash` is a signed 64-bit number, `minhash` 64 numbers below 2³².
    """

    verdict: Literal["ready", "rejected"]
    code: str = ""
    params: Mapping[str, str | int] = field(default_factory=dict)
    content_type: str = ""
    name: str = ""
    assessed: Path | None = None
    sha256: str = ""
    size: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    text: str = ""
    previews: Mapping[str, Path] = field(default_factory=dict)
    minhash: list[int] | None = None
    phash: int | None = None

    @property
    def words(self) -> str:
        """For the person who sent it: what is wrong and what to do. Empty where all is well."""
        return sentences.words(self.code, self.params) if self.code else ""


def inspect(
    path: Path,
    name: str,
    *,
    scrub: Sequence[str],
    out: Path,
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
    ffmpeg: str = "",
) -> Result:
    """Tell a file's kind by its content, clean it, and read what it holds.

    `scrub` are names of people and places that go from the file's name. Afterwards `out` holds the cleaned file and
    its first previews, or nothing new.
    """
    job = {
        "do": "inspect",
        "path": str(path.resolve()),
        "name": safe_name(name),
        "ffmpeg": find_ffmpeg(ffmpeg),
    }
    _check_room(path, out)
    with _desk(out) as desk:
        try:
            found = run(job, Path(desk), limits, progress)
            if found["verdict"] == "unable":
                raise Unable
            if found["verdict"] != "ready":
                return Result("rejected", str(found["code"]), dict(found["params"]))
            return _taken(found, Path(desk), out, scrub)
        except Broken as broken:
            return Result("rejected", broken.code)


def previews(
    path: Path,
    content_type: str,
    *,
    out: Path,
    kinds: Collection[str],
    limits: Limits = DEFAULT,
    progress: Progress | None = None,
    ffmpeg: str = "",
) -> dict[str, Path]:
    """The slow part, from a cleaned file: `video_360`, `video_720`, `audio`, `page_<n>`. What cannot be made is left out."""
    wanted = [kind for kind in LATE if kind in kinds]
    job = {"do": "previews", "path": str(path.resolve()), "content_type": content_type, "kinds": wanted}
    _check_room(path, out)
    with _desk(out) as desk:
        try:
            found = run({**job, "ffmpeg": find_ffmpeg(ffmpeg)}, Path(desk), limits, progress)
            return _handed_over(found.get("previews", ()), LATE, Path(desk), out)
        except Broken:
            return {}


def _check_room(path: Path, out: Path) -> None:
    """Ask before, because a decoder that runs out of room speaks of a damaged file."""
    if shutil.disk_usage(out).free < path.stat().st_size * 2 + ROOM:
        raise Unable


def _desk(out: Path) -> tempfile.TemporaryDirectory[str]:
    """The only place a child writes to; what it does not declare goes with it."""
    return tempfile.TemporaryDirectory(prefix=".desk-", dir=out, ignore_cleanup_errors=True)


def _taken(found: Mapping[str, Any], desk: Path, out: Path, scrub: Sequence[str]) -> Result:
    ending = str(found["ending"])
    if ending not in ENDINGS:
        raise Broken("crashed")
    assessed = _hand_over("assessed", ending, desk, out)
    return Result(
        "ready",
        content_type=found["content_type"],
        name=blind(found["name"], scrub, ending, found["content_type"]),
        assessed=assessed,
        sha256=_sha256(assessed),
        size=assessed.stat().st_size,
        facts=found["facts"],
        text=found["text"],
        previews=_handed_over(found["previews"], EARLY, desk, out),
        minhash=found["minhash"],
        phash=found["phash"],
    )


def _handed_over(
    declared: Collection[str], known: Mapping[str, str], desk: Path, out: Path
) -> dict[str, Path]:
    return {kind: _hand_over(kind, ending, desk, out) for kind, ending in known.items() if kind in declared}


def _hand_over(stem: str, ending: str, desk: Path, out: Path) -> Path:
    """Take a file from the child's place. A link is not a file: it could lead to anything we can read."""
    made = desk / f"{stem}{ending}"
    if made.is_symlink() or not made.is_file():
        raise Broken("crashed")
    return Path(shutil.move(made, out / made.name))


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
