"""One call of ffmpeg: local files only, one named demuxer, bounded, and what it said."""

from __future__ import annotations

import re
import resource
import signal
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from submissions.media.confining import die_with_parent
from submissions.media.job import Job
from submissions.media.words import Refused

THREADS = "2"
SAID_MAX = 256 * 1024
STREAM = re.compile(r"^ +Stream #0:\d+.*?: (Video|Audio|Subtitle): (\w+)(.*)$", re.MULTILINE)
SIZE = re.compile(r", (\d+)x(\d+)\b")
RATE = re.compile(r", (\d+(?:\.\d+)?) fps\b")
DURATION = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
OUT_OF_TIME = {255, -signal.SIGXCPU, -signal.SIGKILL}


@dataclass(frozen=True)
class Contents:
    """What a recording holds, as ffmpeg reads its headers."""

    video: str
    audio: str
    captions: bool
    seconds: float
    edge: int
    rate: float = 0.0  # pictures a second


class Failed(Exception):
    """ffmpeg gave up on a file."""


def source(path: Path, demuxer: str) -> list[str]:
    """How a file is named to ffmpeg. The demuxer is told, so that no playlist can pass as a recording."""
    return ["-protocol_whitelist", "file,pipe", "-threads", THREADS, "-f", demuxer, "-i", f"file:{path}"]


def probe(job: Job, path: Path, demuxer: str) -> Contents:
    """Read the headers. There may be no ffprobe, so this is what ffmpeg says of its input."""
    command = [job.ffmpeg, "-hide_banner", "-nostdin", *source(path, demuxer)]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        preexec_fn=die_with_parent,  # noqa: PLW1509  this process has one thread
    ) as process:
        said = process.stderr.read(SAID_MAX) if process.stderr else b""
        process.kill()
    return _contents(said.decode(errors="replace"))


def _contents(said: str) -> Contents:
    streams = [
        (what, codec, rest) for what, codec, rest in STREAM.findall(said) if "(attached pic)" not in rest
    ]
    lasting = DURATION.search(said)
    hours, minutes, seconds = lasting.groups() if lasting else ("0", "0", "0")
    shown = next((rest for what, _, rest in streams if what == "Video"), "")
    frame, rate = SIZE.search(shown), RATE.search(shown)
    return Contents(
        video=next((codec for what, codec, _ in streams if what == "Video"), ""),
        audio=next((codec for what, codec, _ in streams if what == "Audio"), ""),
        captions=any(what == "Subtitle" for what, _, _ in streams),
        seconds=int(hours) * 3600 + int(minutes) * 60 + float(seconds),
        edge=min(map(int, frame.groups())) if frame else 0,
        rate=float(rate[1]) if rate else 0.0,
    )


def run(job: Job, arguments: Sequence[str], made: Path, seconds: float, span: tuple[int, int]) -> None:
    """Make one file, telling the progress between two percentages."""
    quiet = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "fatal", "-y", "-progress", "pipe:1"]
    command = [job.ffmpeg, *quiet, "-filter_threads", THREADS, "-filter_complex_threads", THREADS]

    def bounds() -> None:
        die_with_parent()
        most = resource.getrlimit(resource.RLIMIT_CPU)[1]
        allowed = job.limits.cpu + int(seconds * job.limits.per_second)
        resource.setrlimit(resource.RLIMIT_CPU, (min(allowed, most), most))

    with subprocess.Popen(
        [*command, *arguments, f"file:{made}"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        preexec_fn=bounds,  # noqa: PLW1509  this process has one thread
        text=True,
    ) as process:
        for line in process.stdout or ():
            key, _, value = line.strip().partition("=")
            if key == "out_time_us" and value.lstrip("-").isdigit() and seconds:
                done = max(0.0, min(1.0, int(value) / 1e6 / seconds))
                job.progress(span[0] + (span[1] - span[0]) * done)
    if process.returncode in OUT_OF_TIME:
        raise Refused("time")
    if process.returncode or not made.exists() or not made.stat().st_size:
        raise Failed
