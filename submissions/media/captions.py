"""WebVTT as we take it: cues with times and plain text. Styles, regions, notes and voices do not go through."""

from __future__ import annotations

import html
import re

from submissions.media.words import Refused

LARGEST = 1024**2
TIMING = re.compile(
    r"^(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})[ \t]+-->[ \t]+(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})(?:[ \t]+(.*))?$"
)
PLACE = re.compile(
    r"^(?:(?:line|position|size):-?\d{1,3}(?:\.\d+)?%?|align:(?:start|center|end|left|right))$"
)
TAG = re.compile(r"</?[\w:.][^<>\n]*>?|</?>")
PLAIN = {"<b>", "</b>", "<i>", "</i>", "<u>", "</u>"}
DROPPED = ("NOTE", "STYLE", "REGION")


def clean_captions(raw: bytes) -> bytes:
    """The same cues and nothing else; refuses what is no WebVTT, naming the line."""
    blocks = _blocks(_lines(raw))
    cues = [cue for at, block in blocks if (cue := _cue(at, block))]
    if not cues:
        raise Refused("captions_none")
    return ("WEBVTT\n\n" + "\n\n".join(cues) + "\n").encode()


def _lines(raw: bytes) -> list[str]:
    if len(raw) > LARGEST:
        raise Refused("captions_large")
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused("captions_encoding") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\x00", "�").split("\n")
    if not re.match(r"^WEBVTT(?:[ \t].*)?$", lines[0]):
        raise Refused("captions_srt" if re.search(r"\d,\d{3} --> \d", text) else "captions_header")
    return lines


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """Groups of lines between empty ones, after the header's, each with the number of its first line."""
    blocks: list[tuple[int, list[str]]] = []
    open_block = True  # the header's lines belong to no cue
    current: list[str] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            if not open_block:
                current = []
                blocks.append((number, current))
                open_block = True
            current.append(line)
        else:
            open_block = False
    return blocks


def _cue(at: int, block: list[str]) -> str:
    if block[0].split(maxsplit=1)[0] in DROPPED and "-->" not in block[0]:
        return ""
    first = 0 if "-->" in block[0] else 1
    timing = TIMING.match(block[first].strip()) if len(block) > first else None
    if timing is None or any("-->" in line for line in block[first + 1 :]):
        raise Refused("captions_line", line=at, text=block[min(first, len(block) - 1)][:80])
    start, end = _seconds(timing.groups()[:4]), _seconds(timing.groups()[4:8])
    if end <= start:
        raise Refused("captions_line", line=at + first, text=block[first][:80])
    places = " ".join(part for part in (timing[9] or "").split() if PLACE.match(part))
    span = block[first].strip()[: timing.start(9)].rstrip() if timing[9] else block[first].strip()
    return "\n".join([f"{span} {places}".strip(), *map(_plain, block[first + 1 :])])


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return hours * 3600 + minutes * 60 + seconds + thousandths / 1000


def _plain(line: str) -> str:
    """Bold, italic and underline stay; every other tag goes, and a lone sign is written out."""
    kept: list[str] = []
    rest = 0
    for tag in TAG.finditer(line):
        kept += [_escaped(line[rest : tag.start()]), tag[0] if tag[0] in PLAIN else ""]
        rest = tag.end()
    return "".join([*kept, _escaped(line[rest:])])


def _escaped(text: str) -> str:
    return html.escape(html.unescape(text), quote=False)
