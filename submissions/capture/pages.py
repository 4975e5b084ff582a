"""The words of a web page as plain text: what a reader would read, without programs, menus and pictures.

libxml2's reader goes through a page once, in linear time, and builds no tree. That matters: on hostile nesting the
other parsers at hand take minutes (measured: a sanitiser over a minute for 2 MB of open `<div>`, the standard
library's nine minutes for 800 kB of open comments).
"""

from __future__ import annotations

import codecs
import contextlib
import re
from dataclasses import dataclass, field

from lxml import etree

DROPPED = {
    "script", "style", "noscript", "template", "nav", "footer", "aside", "svg", "math", "iframe", "object", "button",
    "select", "textarea", "audio", "video", "canvas", "dialog", "datalist",
}  # fmt: skip
PARAGRAPHS = {
    "p", "div", "section", "article", "main", "header", "table", "ul", "ol", "dl", "blockquote", "pre", "figure",
    "figcaption", "form", "fieldset", "details", "hr", "address", "body",
}  # fmt: skip
LINES = {"br", "tr", "dt", "dd", "caption", "summary", "legend", "option"}
HEADINGS = {f"h{level}": "#" * level for level in range(1, 7)}
HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
CHARSET = re.compile(rb"charset\s*=\s*[\"']?\s*([\w:.-]{1,40})", re.IGNORECASE)
ENOUGH = 200  # characters in <main> or <article> that make the rest of a page unimportant


@dataclass
class Page:
    """What a page says."""

    title: str = ""
    text: str = ""
    cut: bool = False
    asks_password: bool = False


@dataclass
class _Reader:
    """Collects words as libxml2 comes by them."""

    room: int
    pieces: list[str] = field(default_factory=list)
    main: list[str] = field(default_factory=list)
    titles: list[str] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    dropped: int = 0
    password: bool = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.open[tag] = self.open.get(tag, 0) + 1
        self.dropped += tag in DROPPED
        self.password |= tag == "input" and attributes.get("type", "").lower() == "password"
        if tag in HEADINGS:
            self._add(f"\n\n{HEADINGS[tag]} ")
        elif tag == "li":
            self._add("\n- ")
        elif tag in {"td", "th"}:
            self._add(" | ")
        elif tag in PARAGRAPHS:
            self._add("\n\n")
        elif tag in LINES:
            self._add("\n")

    def end(self, tag: str) -> None:
        self.open[tag] = max(0, self.open.get(tag, 0) - 1)
        self.dropped = max(0, self.dropped - (tag in DROPPED))
        if tag in PARAGRAPHS or tag in HEADINGS:
            self._add("\n\n")

    def data(self, text: str) -> None:
        if self.open.get("title") and not self.open.get("body"):
            self.titles.append(text[:1000])
        elif not self.open.get("head"):
            self._add(text if self.open.get("pre") else re.sub(r"\s+", " ", text))

    def comment(self, text: str) -> None:
        """Comments are not for readers."""

    def close(self) -> _Reader:
        return self

    def _add(self, text: str) -> None:
        if self.room <= 0 or self.dropped:
            return
        self.room -= len(text)
        self.pieces.append(text)
        if self.open.get("main") or self.open.get("article"):
            self.main.append(text)


def is_html(start: bytes, content_type: str) -> bool:
    """By what it is, else by what the server says, unless it is plainly no text."""
    if start.removeprefix(codecs.BOM_UTF8).lstrip().startswith(b"<") and HTML.search(start[:2048]):
        return True
    said = content_type.split(";", maxsplit=1)[0].strip().lower() in {"text/html", "application/xhtml+xml"}
    return said and b"\0" not in start and not start.startswith((b"%PDF", b"\x89", b"\xff\xd8", b"PK\x03"))


def extract(content: bytes, content_type: str, room: int) -> Page:
    """The text of a page, at most about `room` characters of it."""
    reader = _Reader(room)
    parser = etree.HTMLParser(target=reader, encoding="utf-8", no_network=True)
    text = _decoded(content, content_type).replace("\0", "")
    try:
        parser.feed(text.encode("utf-8", "replace"))
        parser.close()
    except etree.LxmlError:
        return Page(asks_password=reader.password)
    main = _tidy("".join(reader.main))
    whole = main if len(main) >= ENOUGH else _tidy("".join(reader.pieces))
    title = " ".join("".join(reader.titles).split())[:300]
    return Page(title, whole, reader.room <= 0, reader.password)


def _decoded(content: bytes, content_type: str) -> str:
    """By the encoding that is named, where it is one for texts; else UTF-8; else what old pages were written in."""
    named = CHARSET.search(content_type.encode("ascii", "ignore")) or CHARSET.search(content[:2048])
    if named:
        with contextlib.suppress(LookupError, ValueError):
            return content.decode(named[1].decode("ascii"), "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def _tidy(text: str) -> str:
    """No space at the ends of lines, no line of nothing but marks, at most one empty line in a row."""
    lines = [re.sub(r"[ \t]+", " ", line).strip(" |") for line in text.splitlines()]
    kept: list[str] = []
    for line in lines:
        if line.strip("#- ") or (not line and kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip()
