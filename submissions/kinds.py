"""What a file is, told from its content: an allow-list, and words for what is refused."""

from __future__ import annotations

import codecs
import re
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from django.utils.functional import Promise

from submissions.media.words import LABELS, OFFICE, Refused

HEAD = 4096
BLOCK = 64 * 1024
OFFICE_MAX = 300 * 1024**2  # the directory of a ZIP is read into memory, so it is bounded


@dataclass(frozen=True)
class FileKind:
    """One kind of file we take: its media type, a name for people, and the endings it goes by."""

    content_type: str
    label: str | Promise
    endings: tuple[str, ...]


def _kind(content_type: str, *endings: str) -> FileKind:
    return FileKind(content_type, LABELS[content_type], endings)


PDF = _kind("application/pdf", ".pdf")
JPEG = _kind("image/jpeg", ".jpg", ".jpeg", ".jpe")
PNG = _kind("image/png", ".png")
HEIC = _kind("image/heic", ".heic", ".heif")
WEBP = _kind("image/webp", ".webp")
MP4 = _kind("video/mp4", ".mp4", ".m4v", ".mov", ".3gp")
MOV = _kind("video/quicktime", ".mov", ".qt", ".mp4")
THREE_GP = _kind("video/3gpp", ".3gp", ".3gpp", ".3g2", ".mp4")
THREE_GP_SOUND = _kind("audio/3gpp", *THREE_GP.endings)
WEBM = _kind("video/webm", ".webm", ".weba")
WEBM_SOUND = _kind("audio/webm", *WEBM.endings)
MP3 = _kind("audio/mpeg", ".mp3")
M4A = _kind("audio/mp4", ".m4a", ".m4b", ".mp4")
WAV = _kind("audio/wav", ".wav")
OGG = _kind("audio/ogg", ".ogg", ".oga", ".opus")
DOCX = _kind(f"{OFFICE}.wordprocessingml.document", ".docx")
PPTX = _kind(f"{OFFICE}.presentationml.presentation", ".pptx")
XLSX = _kind(f"{OFFICE}.spreadsheetml.sheet", ".xlsx")
ODT = _kind("application/vnd.oasis.opendocument.text", ".odt")
TXT = _kind("text/plain", ".txt", ".text", ".md", ".csv")

KINDS = (
    PDF, JPEG, PNG, HEIC, WEBP, MP4, MOV, THREE_GP, THREE_GP_SOUND, WEBM, WEBM_SOUND, MP3, M4A, WAV, OGG, DOCX, PPTX, XLSX,
    ODT, TXT,
)  # fmt: skip
ENDINGS = frozenset(ending for kind in KINDS for ending in kind.endings)
# What a browser may show in place; everything else is handed over as a download.
INLINE = ("image/", "audio/", "video/", "application/pdf")

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"dash", b"MSNV")  # fmt: skip
FOREIGN = {b"GIF8": "gif", b"\xd0\xcf\x11\xe0": "office_old", b"\x1a\x45\xdf\xa3": "mkv"}
LATE_PDF = re.compile(rb"(?s).%PDF-[12]\.\d")
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"#!")  # fmt: skip
MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<?php")


def accept() -> str:
    """For the `accept` attribute of a file field."""
    return ",".join(sorted(ENDINGS))


def recognise(file: BinaryIO, name: str, size: int) -> tuple[FileKind, str]:
    """The kind of a file by its content, and its name with the right ending. Refuses what does not fit."""
    file.seek(0)
    head = file.read(HEAD)
    if not head:
        raise Refused("empty")
    _refuse_active(head)
    kind = _binary(head) or _audio_or_zip(file, head, size) or _text(file, head)
    if (kind is None or kind is TXT) and LATE_PDF.search(head):
        raise Refused("late_pdf")
    if kind is None:
        raise Refused("unknown")
    return _fit(kind, name)


def glance(head: bytes, name: str) -> None:
    """Refuse by its first bytes what could never pass, before the rest of a long file is sent."""
    _refuse_active(head)
    if kind := _binary(head):
        _fit(kind, name)


def _fit(kind: FileKind, name: str) -> tuple[FileKind, str]:
    """Content decides. A name without a known ending gets the right one; one that says otherwise is refused."""
    ending = PurePath(name).suffix.lower()
    if kind is MP4 and ending in M4A.endings and ending not in MP4.endings:
        return M4A, name
    if ending in kind.endings:
        return kind, name
    if ending in ENDINGS or ending in SUSPICIOUS:
        raise Refused("wrong_ending", ending=ending, kind=kind.content_type)
    return kind, name[: 255 - len(kind.endings[0])] + kind.endings[0]


SUSPICIOUS = frozenset(
    {
        ".html", ".htm", ".xhtml", ".svg", ".svgz", ".xml", ".js", ".mjs", ".php", ".exe", ".dll", ".com", ".bat",
        ".cmd", ".ps1", ".sh", ".jar", ".apk", ".msi", ".scr", ".vbs", ".docm", ".xlsm", ".pptm", ".doc", ".xls",
        ".ppt", ".zip", ".rar", ".7z", ".iso", ".dmg", ".py", ".pl", ".rb", ".hta", ".lnk", ".swf",
    }
)  # fmt: skip


def _refuse_active(head: bytes) -> None:
    """Content that a browser or a machine would run."""
    if head.startswith(PROGRAMS):
        raise Refused("program")
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        raise Refused("svg")
    if any(mark in text for mark in MARKUP) and b"\x00" not in text and not head.startswith(b"%PDF-"):
        raise Refused("html")


def _refuse_foreign(head: bytes) -> None:
    """What people do send and we do not take, each with a way out."""
    if code := FOREIGN.get(head[:4]):
        raise Refused(code)


def _binary(head: bytes) -> FileKind | None:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return MOV
    _refuse_foreign(head)
    return None


def _iso_media(head: bytes) -> FileKind | None:
    """The family of MP4 by its brand; an unknown major brand is judged by the compatible ones."""
    length = min(int.from_bytes(head[:4], "big"), len(head))
    brands = [head[8:12], *(head[at : at + 4] for at in range(16, length, 4))]
    for brand in brands:
        if brand in HEIC_BRANDS:
            return HEIC
        if brand in {b"M4A ", b"M4B "}:
            return M4A
        if brand[:3] in {b"3gp", b"3g2"}:
            return THREE_GP
        if brand == b"qt  ":
            return MOV
        if brand in MP4_BRANDS:
            return MP4
    return None


def _audio_or_zip(file: BinaryIO, head: bytes, size: int) -> FileKind | None:
    if head.startswith(b"OggS"):
        return OGG
    if head.startswith(b"ID3") or _mp3_frame(head):
        return MP3
    if head.startswith(b"PK\x03\x04"):
        return _office(file, size)
    return None


def _mp3_frame(head: bytes) -> bool:
    """A frame header of MPEG audio, layer III, with a bit rate and a sampling rate that exist."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[2] >> 4 not in {0, 15} and (head[2] >> 2) & 3 != 3


def _office(file: BinaryIO, size: int) -> FileKind | None:
    if size > OFFICE_MAX:
        raise Refused("office_large")
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = (
                archive.read("mimetype")[:80]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 200
                else b""
            )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused("office_damaged") from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused("office_macros")
    if kind == ODT.content_type.encode():
        return ODT
    parts = (("word/document.xml", DOCX), ("ppt/presentation.xml", PPTX), ("xl/workbook.xml", XLSX))
    found = next((one for part, one in parts if part in names and "[Content_Types].xml" in names), None)
    if found is None:
        raise Refused("zip")
    return found


def _text(file: BinaryIO, head: bytes) -> FileKind | None:
    """Plain text from its first byte to its last, read block by block."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    try:
        while block := file.read(BLOCK):
            if any(sign < 32 and sign not in b"\t\n\r\f" for sign in set(block)):
                return None
            decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return None
    return TXT
