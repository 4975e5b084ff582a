"""What a decoder is given and what it gives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from submissions.kinds import KINDS
from submissions.media.limits import Limits

ENDING_OF = {kind.content_type: kind.endings[0] for kind in KINDS}
Answer = dict[str, Any]


@dataclass(frozen=True)
class Job:
    """One file to look at. A decoder writes into `desk` only: the cleaned file as `assessed` with an ending."""

    path: Path
    content_type: str
    desk: Path
    limits: Limits
    ffmpeg: str
    tell: Callable[..., None]

    def progress(self, percent: float) -> None:
        """How far the work is."""
        self.tell(progress=int(percent))

    def made(self, name: str) -> Path:
        """Where a file with this name is to be put."""
        return self.desk / name


@dataclass
class Found:
    """What a decoder read, and the kind and ending of the cleaned file."""

    content_type: str
    ending: str
    facts: dict[str, Any] = field(default_factory=dict)
    text: str = ""
    previews: list[str] = field(default_factory=list)
    phash: int | None = None
