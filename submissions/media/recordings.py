"""Video and sound: the same streams in a new container that knows nothing of place, device and time."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from submissions.media.ffmpeg import Contents, Failed, probe, run, source
from submissions.media.job import ENDING_OF, Found, Job
from submissions.media.webp import save_previews
from submissions.media.words import Refused

DEMUXERS = {
    "video/mp4": "mov", "video/quicktime": "mov", "video/3gpp": "mov", "audio/3gpp": "mov", "audio/mp4": "mov",
    "video/webm": "matroska", "audio/webm": "matroska", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg",
}  # fmt: skip
MUXERS = {
    "video/mp4": "mp4", "video/quicktime": "mov", "video/3gpp": "3gp", "audio/3gpp": "3gp", "audio/mp4": "ipod",
    "video/webm": "webm", "audio/webm": "webm", "audio/mpeg": "mp3", "audio/wav": "wav", "audio/ogg": "ogg",
}  # fmt: skip
# What a container is called once it is known whether there is a picture in it.
SOUND_ONLY = {"video/mp4": "audio/mp4", "video/quicktime": "audio/mp4", "video/3gpp": "audio/3gpp", "video/webm": "audio/webm"}  # fmt: skip
WITH_PICTURE = {"audio/mp4": "video/mp4", "audio/3gpp": "video/3gpp", "audio/webm": "video/webm"}
BARE = (
    "-map_metadata", "-1", "-map_metadata:s", "-1", "-map_chapters", "-1", "-dn", "-sn",
    "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact",
)  # fmt: skip
# Cameras write position and settings between the pictures too (supplemental enhancement information).
UNTOLD = {
    "h264": ("-bsf:v", "filter_units=remove_types=6"),
    "hevc": ("-bsf:v", "filter_units=remove_types=39-40"),
}
ISO = {"mp4", "mov", "3gp", "ipod"}
# Frames of 16:9 by their shorter edge, with constant quality and a bound for slow lines (kbit/s).
SIZES = {"video_360": (360, 27, 800), "video_720": (720, 25, 2500)}


@dataclass(frozen=True)
class Recording:
    """A recording with what is known of it."""

    path: Path
    content_type: str
    contents: Contents

    @property
    def source(self) -> list[str]:
        return source(self.path, DEMUXERS[self.content_type])


def inspect(job: Job) -> Found:
    """Clean a recording, measure it by what it really holds, and draw poster and waveform."""
    given = _opened(job, job.path, job.content_type)
    job.tell(seconds=given.contents.seconds)
    clean = _rewrapped(job, given)
    seconds = clean.contents.seconds
    if seconds > job.limits.longest:
        raise Refused("media_long", hours=f"{seconds / 3600:.1f}", most=job.limits.longest // 3600)
    facts = {
        "duration": round(seconds, 2),
        "codec": clean.contents.video or clean.contents.audio,
        "sound": bool(clean.contents.audio),
        "has_captions": given.contents.captions,
    }
    found = Found(clean.content_type, ENDING_OF[clean.content_type], facts)
    if clean.contents.video:
        with _poster(job, clean) as poster:
            found.facts |= {"width": poster.width, "height": poster.height, "rate": clean.contents.rate}
            found.previews += save_previews(poster.convert("RGB"), job, "poster")
    if clean.contents.audio:
        found.previews += _waveform(job, clean)
    return found


def bare_recording(job: Job, raw: bytes, content_type: str) -> bytes:
    """A recording from inside a document, without what it tells beside picture and sound."""
    given, made = job.made("inside"), job.made("inside.clean")
    given.write_bytes(raw)
    try:
        recording = _opened(job, given, content_type)
        run(job, _copying(recording, recording.content_type, ()), made, recording.contents.seconds, (0, 0))
        return made.read_bytes()
    except Failed as error:
        raise Refused("media_damaged") from error
    finally:
        given.unlink()
        made.unlink(missing_ok=True)


def _opened(job: Job, path: Path, content_type: str) -> Recording:
    if not job.ffmpeg:
        raise Refused("no_decoder")
    contents = probe(job, path, DEMUXERS[content_type])
    if not (contents.video or contents.audio):
        raise Refused("media_damaged")
    known = (WITH_PICTURE if contents.video else SOUND_ONLY).get(content_type, content_type)
    return Recording(path, known, contents)


def _rewrapped(job: Job, given: Recording) -> Recording:
    """Copy the streams without decoding them, in the same kind of container where that can hold them."""
    untold = UNTOLD.get(given.contents.video, ())
    for content_type, more in (
        (given.content_type, untold),
        (given.content_type, ()),
        ("video/quicktime", ()),
    ):
        made = job.made(f"assessed{ENDING_OF[content_type]}")
        with contextlib.suppress(Failed):
            run(job, _copying(given, content_type, more), made, given.contents.seconds, (0, 50))
            return _opened(job, made, content_type)
        made.unlink(missing_ok=True)
        if MUXERS[given.content_type] not in ISO and not more:
            break
    raise Refused("media_damaged")


def _copying(given: Recording, content_type: str, more: Sequence[str]) -> list[str]:
    muxer = MUXERS[content_type]
    picture = ["-map", "0:V:0"] if given.contents.video and content_type.startswith("video/") else []
    sound = ["-map", "0:a:0"] if given.contents.audio else []
    head = ["-movflags", "+faststart", "-write_tmcd", "0"] if muxer in ISO else []
    tags = ["-id3v2_version", "0", "-write_id3v1", "0"] if muxer == "mp3" else []
    return [*given.source, *picture, *sound, "-c", "copy", *BARE, *more, *head, *tags, "-f", muxer]


def _poster(job: Job, clean: Recording) -> Image.Image:
    """A typical picture from the beginning; a recording whose pictures cannot be decoded is damaged."""
    made = job.made("poster.png")
    for start in (min(10.0, clean.contents.seconds / 10), 0.0):
        seek = ["-ss", f"{start:.2f}"]
        shape = ["-map", "0:V:0", "-vf", "thumbnail=n=12", "-frames:v", "1", "-c:v", "png", "-f", "image2"]
        with contextlib.suppress(Failed):
            run(job, [*seek, *clean.source, *shape, "-update", "1"], made, clean.contents.seconds, (50, 60))
            job.progress(60)
            return Image.open(made, formats=["PNG"])
    raise Refused("media_damaged")


def _waveform(job: Job, clean: Recording) -> list[str]:
    """Loudness over time, in a grey that can be seen on light and dark; it takes decoding all of the sound."""
    made = job.made("waveform.png")
    drawn = "[0:a:0]aformat=channel_layouts=mono,showwavespic=s=1200x160:colors=0x808080:scale=sqrt[picture]"
    shape = ["-filter_complex", drawn, "-map", "[picture]", "-frames:v", "1", "-c:v", "png", "-f", "image2"]
    try:
        run(job, [*clean.source, *shape, "-update", "1"], made, clean.contents.seconds, (60, 98))
    except Failed:
        if clean.contents.video:
            return []
        raise Refused("media_damaged") from None
    with Image.open(made, formats=["PNG"]) as picture:
        picture.save(job.made("waveform.webp"), "WEBP", lossless=True)
    return ["waveform"]


def previews(job: Job, kinds: Sequence[str]) -> list[str]:
    """Copies that every browser plays and a slow line carries. None is larger than its source."""
    given = _opened(job, job.path, job.content_type)
    wanted = [kind for kind in kinds if _worth_making(kind, given.contents)]
    job.tell(seconds=given.contents.seconds * len(wanted))
    made = []
    for number, kind in enumerate(wanted):
        span = (100 * number // len(wanted), 100 * (number + 1) // len(wanted))
        ending = ".mp4" if kind in SIZES else ".m4a"
        shape = _smaller(kind) if kind in SIZES else _sound()
        with contextlib.suppress(Failed):
            run(job, [*given.source, *shape], job.made(f"{kind}{ending}"), given.contents.seconds, span)
            made.append(kind)
    return made


def _worth_making(kind: str, contents: Contents) -> bool:
    if kind == "audio":
        return bool(contents.audio)
    return bool(contents.video) and (kind == "video_360" or contents.edge > SIZES["video_360"][0])


def _smaller(kind: str) -> list[str]:
    """H.264 and AAC. Slow motion is cut to 30 pictures a second."""
    edge, quality, most = SIZES[kind]
    factor = f"min(1,min({edge}/min(iw,ih),{edge * 2}/max(iw,ih)))"
    scale = (
        f"scale=w='max(2,trunc(iw*{factor}/2)*2)':h='max(2,trunc(ih*{factor}/2)*2)',setsar=1,format=yuv420p"
    )
    return [
        "-map", "0:V:0", "-map", "0:a:0?", *BARE, "-vf", scale, "-fpsmax", "30",
        "-c:v", "libx264", "-preset", "veryfast", "-crf", str(quality), "-maxrate", f"{most}k", "-bufsize", f"{most * 2}k",
        "-threads", "2", *_aac(), "-movflags", "+faststart", "-f", "mp4",
    ]  # fmt: skip


def _sound() -> list[str]:
    return ["-map", "0:a:0", *BARE, "-vn", *_aac(), "-movflags", "+faststart", "-f", "ipod"]


def _aac() -> list[str]:
    return ["-c:a", "aac", "-b:a", "96k", "-ac", "2", "-ar", "44100"]
