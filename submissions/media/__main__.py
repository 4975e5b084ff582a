"""A decoder's own process: bounds itself first, reads one job, writes lines of JSON, the last one is the answer."""

from __future__ import annotations

import errno
import importlib
import json
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

from submissions.kinds import recognise
from submissions.media.compare import words_of
from submissions.media.confining import die_with_parent
from submissions.media.job import Answer, Found, Job
from submissions.media.limits import Limits
from submissions.media.words import Refused

OURS = {errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ENFILE}
# A decoder is loaded for its own kind only: less memory, and less that a file could reach.
DECODERS = {"image": "pictures", "video": "recordings", "audio": "recordings", "text": "texts", "application/pdf": "documents"}  # fmt: skip


def main() -> None:
    """Do the job on standard input."""
    given = json.load(sys.stdin)
    limits = Limits(**given.pop("limits"))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a decoder prints is no answer
    confine(limits, Path(given["path"]).stat().st_size)
    tell = _teller(answers)
    tell(result=_answer(given, limits, tell))


def confine(limits: Limits, size: int) -> None:
    """Bounds that this process and its children cannot raise again, and an end with the worker's."""
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_FSIZE, limits.written + size),
        (resource.RLIMIT_NOFILE, limits.open_files),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
    # A recording's work may be allowed more once it is known how long it plays.
    resource.setrlimit(
        resource.RLIMIT_CPU, (limits.cpu, limits.cpu + int(limits.longest * limits.per_second))
    )
    os.nice(10)  # pages come first
    die_with_parent()


def _teller(answers: IO[str]) -> Callable[..., None]:
    def tell(**line: Any) -> None:
        answers.write(json.dumps(line) + "\n")
        answers.flush()

    return tell


def _answer(given: dict[str, Any], limits: Limits, tell: Callable[..., None]) -> Answer:
    """A refusal is an answer too, and so is the end of memory; anything else ends the process."""
    try:
        if given["do"] == "previews":
            return _previews(given, limits, tell)
        return _inspect(given, limits, tell)
    except Refused as refused:
        if _ours(refused.__cause__):
            return {"verdict": "unable"}
        return {"verdict": "rejected", "code": refused.code, "params": refused.params}
    except MemoryError:
        return {"verdict": "rejected", "code": "memory", "params": {}}
    except OSError as error:
        if _ours(error):
            return {"verdict": "unable"}
        raise


def _ours(error: BaseException | None) -> bool:
    """A full or failing disk says nothing about the file."""
    return isinstance(error, OSError) and error.errno in OURS


def _inspect(given: dict[str, Any], limits: Limits, tell: Callable[..., None]) -> Answer:
    path = Path(given["path"])
    with path.open("rb") as file:
        kind, name = recognise(file, given["name"], path.stat().st_size)
    job = Job(path, kind.content_type, Path(given["desk"]), limits, given["ffmpeg"], tell)
    found: Found = _decoder(kind.content_type).inspect(job)
    return {
        "verdict": "ready",
        "name": name,
        "content_type": found.content_type,
        "ending": found.ending,
        "facts": found.facts,
        "text": found.text,
        "previews": found.previews,
        "phash": found.phash,
        "minhash": _minhash(found.text),
    }


def _minhash(text: str) -> list[int] | None:
    """The library takes a second to load, so only for texts that can be compared."""
    if not words_of(text):
        return None
    made: list[int] = importlib.import_module("submissions.media.fingerprints").fingerprint_text(text)
    return made


def _previews(given: dict[str, Any], limits: Limits, tell: Callable[..., None]) -> Answer:
    job = Job(Path(given["path"]), given["content_type"], Path(given["desk"]), limits, given["ffmpeg"], tell)
    return {"previews": _decoder(job.content_type).previews(job, given["kinds"])}


def _decoder(content_type: str) -> Any:
    family = content_type.partition("/")[0]
    name = DECODERS.get(content_type) or DECODERS.get(family) or "office"
    return importlib.import_module(f"submissions.media.{name}")


if __name__ == "__main__":
    main()
