"""Office documents: the same package with clean parts. What we do not know how to clean goes, or is emptied."""

from __future__ import annotations

import io
import posixpath
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import PurePosixPath

from lxml import etree

from submissions.kinds import recognise
from submissions.media import officexml
from submissions.media.job import ENDING_OF, Found, Job
from submissions.media.officexml import Authors
from submissions.media.recordings import bare_recording
from submissions.media.segments import bare_picture
from submissions.media.words import Refused

ODT = "application/vnd.oasis.opendocument.text"
MB = 1024**2
SMALL, PARSED_MAX = 4 * MB, 64 * MB
LONG_AGO = (1980, 1, 1, 0, 0, 0)
ROOTS = ("word/", "ppt/", "xl/", "docProps/", "customXml/", "_rels/", "[Content_Types].xml")
ODT_ROOTS = ("content.xml", "styles.xml", "meta.xml", "settings.xml", "manifest.rdf", "mimetype", "META-INF/manifest.xml", "Pictures/", "media/", "Object", "Configurations2/")  # fmt: skip
MACROS = ("xl/macrosheets/", "basic/", "scripts/")
PICTURES = {".png", ".jpg", ".jpeg", ".jpe", ".gif", ".bmp", ".emf", ".wmf"}
RECORDINGS = {".mp4", ".m4v", ".mov", ".m4a", ".mp3", ".wav", ".webm"}
# Large tables of numbers are copied as they are: they name nobody and are not worth their memory.
COPIED = ("xl/worksheets/sheet", "xl/pivotCache/pivotCacheRecords")
BROKEN = (
    zipfile.BadZipFile,
    NotImplementedError,
    EOFError,
    etree.XMLSyntaxError,
    UnicodeDecodeError,
    OSError,
)


def inspect(job: Job) -> Found:
    """Write the package anew, part by part, and read its text on the way."""
    ending = ENDING_OF[job.content_type]
    try:
        with zipfile.ZipFile(job.path) as given:
            parts = bounded(given, job)
            with zipfile.ZipFile(job.made(f"assessed{ending}"), "w", zipfile.ZIP_DEFLATED) as clean:
                texts = list(_Package(job, given, parts, clean).rewritten())
    except BROKEN as error:
        raise Refused("office_damaged") from error
    except RuntimeError as error:  # what zipfile says of an encrypted part
        raise Refused("office_password") from error
    text = "\n".join(texts)[: job.limits.text]
    return Found(job.content_type, ending, facts={"words": len(text.split())}, text=text)


def bounded(given: zipfile.ZipFile, job: Job) -> list[zipfile.ZipInfo]:
    """The parts of a package, before any is unpacked: not too many, not too large, not lying, no macros."""
    parts = [part for part in given.infolist() if not part.is_dir()]
    names = [part.filename for part in parts]
    limits = job.limits
    bomb = (
        len(parts) > limits.entries
        or sum(part.file_size for part in parts) > limits.unpacked
        or any(p.file_size > SMALL and p.file_size > limits.ratio * max(p.compress_size, 1) for p in parts)
    )
    if bomb:
        raise Refused("office_bomb")
    if len(set(names)) < len(names) or any(name.startswith("/") or ".." in name.split("/") for name in names):
        raise Refused("office_damaged")
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("office_password")
    if any(name.lower().startswith(MACROS) for name in names):
        raise Refused("office_macros")
    return parts


class _Package:
    """One document on its way from one ZIP to another."""

    def __init__(
        self, job: Job, given: zipfile.ZipFile, parts: list[zipfile.ZipInfo], clean: zipfile.ZipFile
    ) -> None:
        self.job, self.given, self.clean = job, given, clean
        self.is_odt = job.content_type == ODT
        roots = ODT_ROOTS if self.is_odt else ROOTS
        self.parts = [
            p for p in parts if p.filename.startswith(roots) and "thumbnail" not in p.filename.lower()
        ]
        # A package of OpenDocument is known by its first part.
        self.parts.sort(key=lambda part: part.filename != "mimetype")
        self.names = {part.filename for part in self.parts}
        self.authors = Authors()

    def rewritten(self) -> Iterator[str]:
        """Write each part; gives the text of those that hold some, in the order of slides and parts."""
        for number, part in enumerate(self.parts):
            if part.filename.startswith(COPIED) and part.file_size > SMALL:
                self._copied(part)
            else:
                yield from self._cleaned(part)
            self.job.progress(95 * (number + 1) / len(self.parts))

    def _copied(self, part: zipfile.ZipInfo) -> None:
        with self.given.open(part) as source, self.clean.open(_entry(part.filename), "w") as target:
            shutil.copyfileobj(source, target, MB)

    def _cleaned(self, part: zipfile.ZipInfo) -> Iterator[str]:
        name = part.filename
        ending = PurePosixPath(name).suffix.lower()
        raw = self.given.read(part)
        if ending in {".xml", ".rels", ".vml", ".rdf"}:
            if len(raw) > PARSED_MAX:
                raise Refused("office_bomb")
            raw, text = self._xml(name, raw)
            yield from [text] if text else []
        elif ending in PICTURES:
            raw = bare_picture(raw)
        elif ending in RECORDINGS:
            raw = self._recording(raw, ending)
        elif name != "mimetype":
            raw = b""
        self.clean.writestr(_entry(name, stored=name == "mimetype"), raw)

    def _xml(self, name: str, raw: bytes) -> tuple[bytes, str]:
        fixed = officexml.FIXED.get(name) or (officexml.EMPTY if name.startswith("customXml/item") else None)
        if fixed and "Props" not in PurePosixPath(name).name and "/_rels/" not in name:
            return fixed, ""
        root = officexml.parse(raw)
        if name.endswith(".rels"):
            officexml.clean_relations(root, lambda target: self._there(name, target))
        elif name in {"[Content_Types].xml", "META-INF/manifest.xml"}:
            officexml.clean_list(root, self.names)
        elif self.is_odt:
            officexml.clean_opendocument(root, self.authors)
        else:
            officexml.clean_part(root, self.authors)
        return officexml.written(root), officexml.text_of(name, root)

    def _there(self, relations: str, target: str) -> bool:
        """Whether a part that a list of relations points to is kept."""
        base = posixpath.dirname(posixpath.dirname(relations))
        return posixpath.normpath(posixpath.join("/", base, target)).lstrip("/") in self.names

    def _recording(self, raw: bytes, ending: str) -> bytes:
        """A film in a presentation is cleaned like one that is sent by itself; what is none is emptied."""
        try:
            kind, _ = recognise(io.BytesIO(raw), f"film{ending}", len(raw))
            return bare_recording(self.job, raw, kind.content_type)
        except Refused:
            return b""


def _entry(name: str, *, stored: bool = False) -> zipfile.ZipInfo:
    """A part that does not say when it was written."""
    entry = zipfile.ZipInfo(name, LONG_AGO)
    entry.compress_type = zipfile.ZIP_STORED if stored else zipfile.ZIP_DEFLATED
    return entry
