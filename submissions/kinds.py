"""What a file is, told from its content: an allow-list, and words for what is refused."""

from __future__ import annotations

import codecs
import zipfile
from dataclasses import dataclass
from pathlib import PurePath
from typing import BinaryIO

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

HEAD = 4096
BLOCK = 64 * 1024
OFFICE_MAX = 300 * 1024**2  # the directory of a ZIP is read into memory, so it is bounded


class Refused(Exception):
    """A file we do not take, in words for the person who sent it."""


@dataclass(frozen=True)
class FileKind:
    """One kind of file we take: its media type, a name for people, and the endings it goes by."""

    content_type: str
    label: str | Promise
    endings: tuple[str, ...]


PDF = FileKind("application/pdf", gettext_lazy("PDF document"), (".pdf",))
JPEG = FileKind("image/jpeg", gettext_lazy("JPEG picture"), (".jpg", ".jpeg", ".jpe"))
PNG = FileKind("image/png", gettext_lazy("PNG picture"), (".png",))
HEIC = FileKind("image/heic", gettext_lazy("HEIC picture"), (".heic", ".heif"))
WEBP = FileKind("image/webp", gettext_lazy("WebP picture"), (".webp",))
MP4 = FileKind("video/mp4", gettext_lazy("MP4 video"), (".mp4", ".m4v", ".mov"))
MOV = FileKind("video/quicktime", gettext_lazy("QuickTime video"), (".mov", ".qt", ".mp4"))
WEBM = FileKind("video/webm", gettext_lazy("WebM video"), (".webm",))
MP3 = FileKind("audio/mpeg", gettext_lazy("MP3 recording"), (".mp3",))
M4A = FileKind("audio/mp4", gettext_lazy("M4A recording"), (".m4a", ".m4b", ".mp4"))
WAV = FileKind("audio/wav", gettext_lazy("WAV recording"), (".wav",))
OGG = FileKind("audio/ogg", gettext_lazy("Ogg recording"), (".ogg", ".oga", ".opus"))
OFFICE = "application/vnd.openxmlformats-officedocument"
DOCX = FileKind(f"{OFFICE}.wordprocessingml.document", gettext_lazy("Word document"), (".docx",))
PPTX = FileKind(f"{OFFICE}.presentationml.presentation", gettext_lazy("PowerPoint presentation"), (".pptx",))
XLSX = FileKind(f"{OFFICE}.spreadsheetml.sheet", gettext_lazy("Excel workbook"), (".xlsx",))
ODT = FileKind("application/vnd.oasis.opendocument.text", gettext_lazy("OpenDocument text"), (".odt",))
TXT = FileKind("text/plain", gettext_lazy("plain text"), (".txt", ".text", ".md", ".csv"))

KINDS = (PDF, JPEG, PNG, HEIC, WEBP, MP4, MOV, WEBM, MP3, M4A, WAV, OGG, DOCX, PPTX, XLSX, ODT, TXT)
ENDINGS = frozenset(ending for kind in KINDS for ending in kind.endings)
# What a browser may show in place; everything else is handed over as a download.
INLINE = ("image/", "audio/", "video/", "application/pdf")

HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")
MP4_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ", b"M4VH", b"dash", b"MSNV", b"3gp4", b"3gp5", b"3gp6")  # fmt: skip
PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe", b"#!")  # fmt: skip
MARKUP = (b"<!doctype html", b"<html", b"<head", b"<body", b"<script", b"<iframe", b"<?php")


def accept() -> str:
    """For the `accept` attribute of a file field."""
    return ",".join(sorted(ENDINGS))


def recognise(file: BinaryIO, name: str, size: int) -> tuple[FileKind, str]:
    """The kind of a file by its content, and its name with the right ending. Refuses what does not fit."""
    file.seek(0)
    head = file.read(HEAD)
    _refuse_active(head)
    kind = _binary(head) or _audio_or_zip(file, head, size) or _text(file, head)
    if kind is None:
        raise Refused(
            _(
                "We cannot tell what kind of file this is. You can send PDF, pictures, video, sound, office documents or plain text."
            )
        )
    return _fit(kind, name)


def _fit(kind: FileKind, name: str) -> tuple[FileKind, str]:
    """Content decides. A name without a known ending gets the right one; one that says otherwise is refused."""
    ending = PurePath(name).suffix.lower()
    if kind is MP4 and ending in M4A.endings and ending not in MP4.endings:
        return M4A, name
    if ending in kind.endings:
        return kind, name
    if ending in ENDINGS or ending in SUSPICIOUS:
        raise Refused(
            _(
                "The name ends in %(ending)s, but the content is a %(kind)s. Rename it or choose the file you meant."
            )
            % {"ending": ending, "kind": kind.label}
        )
    return kind, name[: 255 - len(kind.endings[0])] + kind.endings[0]


SUSPICIOUS = frozenset(
    [
        ".html",
        ".htm",
        ".xhtml",
        ".svg",
        ".svgz",
        ".xml",
        ".js",
        ".mjs",
        ".php",
        ".exe",
        ".dll",
        ".com",
        ".bat",
        ".cmd",
        ".ps1",
        ".sh",
        ".jar",
        ".apk",
        ".msi",
        ".scr",
        ".vbs",
        ".docm",
        ".xlsm",
        ".pptm",
        ".doc",
        ".xls",
        ".ppt",
        ".zip",
        ".rar",
        ".7z",
        ".iso",
        ".dmg",
        ".py",
        ".pl",
        ".rb",
        ".hta",
        ".lnk",
        ".swf",
    ]
)


def _refuse_active(head: bytes) -> None:
    """Content that a browser or a machine would run."""
    if head.startswith(PROGRAMS):
        raise Refused(_("This is a program or a script. Programs cannot be sent as evidence."))
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"<svg" in text and text.startswith(b"<"):
        raise Refused(
            _("SVG drawings can carry scripts, so we do not take them. Save the drawing as PNG or PDF.")
        )
    if any(mark in text for mark in MARKUP) and b"\x00" not in text:
        raise Refused(_("This is a web page (HTML). Save it as PDF, or add its address as a link."))


def _binary(head: bytes) -> FileKind | None:
    if head.startswith(b"%PDF-"):
        return PDF
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF"):
        return {b"WEBP": WEBP, b"WAVE": WAV}.get(head[8:12])
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return WEBM if b"webm" in head[:64] else None
    if head[4:8] == b"ftyp":
        return _iso_media(head)
    if head[4:8] in {b"moov", b"mdat", b"wide", b"free", b"skip"}:
        return MOV
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
        raise Refused(
            _("Office documents can have up to 300 MB. Save the document as PDF, or with smaller pictures.")
        )
    try:
        with zipfile.ZipFile(file) as archive:
            names = set(archive.namelist())
            kind = (
                archive.read("mimetype")[:80]
                if "mimetype" in names and archive.getinfo("mimetype").file_size < 200
                else b""
            )
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError) as error:
        raise Refused(
            _("This document is damaged: it cannot be opened. Save it again and send the new file.")
        ) from error
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(
            _("This document carries macros. Save it without macros (.docx, .xlsx or .pptx), or as PDF.")
        )
    if kind == ODT.content_type.encode():
        return ODT
    parts = (("word/document.xml", DOCX), ("ppt/presentation.xml", PPTX), ("xl/workbook.xml", XLSX))
    found = next((one for part, one in parts if part in names and "[Content_Types].xml" in names), None)
    if found is None:
        raise Refused(_("ZIP archives cannot be sent. Add the files in it one by one."))
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
