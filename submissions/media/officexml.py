"""The XML inside office documents: who wrote, where it lay and what it would fetch or run go; what is read stays."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any

from lxml import etree

from submissions.media.words import Refused

Element = Any  # lxml comes without types
PARSER = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
EMPTY = b"<removed/>"
PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006"
FIXED = {
    "docProps/core.xml": b'<coreProperties xmlns="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>',
    "docProps/app.xml": f'<Properties xmlns="{PROPERTIES}/extended-properties"/>'.encode(),
    "docProps/custom.xml": f'<Properties xmlns="{PROPERTIES}/custom-properties"/>'.encode(),
    "meta.xml": b'<office:document-meta xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" office:version="1.3">'
    b"<office:meta/></office:document-meta>",
}
# Attributes that name a person, by the element they stand on; "*" is any.
NAMING = {
    "*": {"author", "initials", "userId", "providerId", "lastModifiedBy"},
    "person": {"displayName"},
    "cmAuthor": {"name"},
    "author": {"name"},
    "connection": {"sourceFile", "odcFile", "description"},
    "dbPr": {"connection", "command"},
    "ddeLink": {"ddeService", "ddeTopic"},
    "annotation": {"creator-initials"},
}
GONE = {"absPath", "attachedTemplate", "mailMerge", "docVars", "fileSharing", "scripts", "event-listeners", "event-listener"}  # fmt: skip
REACHING = re.compile(r"\b(DDE|DDEAUTO|INCLUDEPICTURE|INCLUDETEXT|IMPORT|LINK|DATABASE)\b")
ADDRESS = re.compile(r"^(https?:|mailto:|#)", re.IGNORECASE)
LOCAL = re.compile(r"^(?![a-z][a-z0-9+.-]*:|/|\\|\.\.)", re.IGNORECASE)
NOWHERE = "about:blank"
XLINK = "{http://www.w3.org/1999/xlink}href"
SPACES = {"tab", "br", "line-break", "s"}
UNREAD = {"creator", "creator-initials", "sender-initials", "date"}
PARAGRAPHS = {"p", "h", "si", "is"}
TEXTUAL = re.compile(r"^(word/(document|footnotes|endnotes)\d*|ppt/(slides|notesSlides)/[^/]+|xl/sharedStrings|xl/worksheets/[^/]+|content)\.xml$")  # fmt: skip


class Authors:
    """The same person keeps the same number all through a document, so that remarks can still be told apart."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}

    def named(self, name: str) -> str:
        """What stands in place of a name."""
        return (
            f"Author {self.numbers.setdefault(name.strip(), len(self.numbers) + 1)}" if name.strip() else name
        )


def parse(raw: bytes) -> Element:
    """A part as a tree. Office documents have no document type; one that does tries something."""
    root = etree.fromstring(raw, etree.XMLParser(**PARSER))
    if root.getroottree().docinfo.internalDTD is not None and root.getroottree().docinfo.doctype:
        raise Refused("office_damaged")
    return root


def written(root: Element) -> bytes:
    """The tree as a part again."""
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def clean_relations(root: Element, there: Callable[[str], bool]) -> None:
    """Pointers to parts that went are taken out, those to other places lead nowhere; links for readers stay."""
    for relation in list(root):
        kind, target = relation.get("Type", ""), relation.get("Target", "")
        if relation.get("TargetMode") == "External":
            if kind.endswith("/attachedTemplate"):
                root.remove(relation)
            elif not (kind.endswith("/hyperlink") and ADDRESS.match(target)):
                relation.set("Target", NOWHERE)
        elif not there(target) and not target.startswith("#"):
            root.remove(relation)


def clean_list(root: Element, names: Collection[str]) -> None:
    """Lists of a package's parts: those that went are struck off."""
    for item in list(root):
        if any(_local(inner) == "encryption-data" for inner in item):
            raise Refused("office_password")
        if "macroEnabled" in item.get("ContentType", ""):
            raise Refused("office_macros")
        path = item.get("PartName") or next(
            (v for k, v in item.attrib.items() if k.endswith("full-path")), ""
        )
        if path and not path.endswith("/") and path.lstrip("/") not in names:
            root.remove(item)


def clean_part(root: Element, authors: Authors) -> None:
    """A part of a Word, PowerPoint or Excel file."""
    for element in list(_elements(root)):
        if _local(element) in GONE:
            _remove(element)
            continue
        _unname(element, authors)
        if _local(element) == "author" and element.text:
            element.text = authors.named(element.text)
        if _local(element) == "fldSimple":
            _still_attribute(element, "instr")
    _still_fields(root)


def clean_opendocument(root: Element, authors: Authors) -> None:
    """A part of an OpenDocument file."""
    for element in list(_elements(root)):
        name = _local(element)
        if name in GONE:
            _remove(element)
            continue
        _unname(element, authors)
        if name in {"creator", "creator-initials", "sender-initials"} and element.text:
            element.text = authors.named(element.text) if name == "creator" else "A"
        if name == "config-item" and any(str(v).startswith("Printer") for v in element.attrib.values()):
            element.text = ""
        href = element.get(XLINK)
        if href and not (ADDRESS if name == "a" else LOCAL).match(href):
            element.set(XLINK, "" if name != "a" else NOWHERE)


def _unname(element: Element, authors: Authors) -> None:
    named = NAMING["*"] | NAMING.get(_local(element), set())
    for key, value in element.attrib.items():
        attribute = key.rpartition("}")[2]
        if attribute in named and value:
            element.set(key, _instead(attribute, value, authors))


def _instead(attribute: str, value: str, authors: Authors) -> str:
    if attribute in {"author", "name", "displayName", "lastModifiedBy"}:
        return authors.named(value)
    return {"initials": "A", "creator-initials": "A", "providerId": "None"}.get(attribute, "0")


def _still_attribute(element: Element, attribute: str) -> None:
    for key, value in element.attrib.items():
        if key.rpartition("}")[2] == attribute and REACHING.search(value.upper()):
            element.set(key, " QUOTE ")


def _still_fields(root: Element) -> None:
    """Fields that fetch or start something, though their code be split over many runs."""
    code: list[Element] = []
    for element in _elements(root):
        name = _local(element)
        if name == "instrText":
            code.append(element)
        elif name == "fldChar" and code:
            if REACHING.search("".join(part.text or "" for part in code).upper()):
                for part in code:
                    part.text = ""
            code = []


def text_of(name: str, root: Element) -> str:
    """What a person reads in a part, paragraph by paragraph."""
    if not TEXTUAL.match(name):
        return ""
    lines = ("".join(_runs(element)) for element in _elements(root) if _local(element) in PARAGRAPHS)
    return "\n".join(line for line in lines if line.strip())


def _runs(paragraph: Element) -> Iterator[str]:
    """The text of a paragraph without that of paragraphs inside it, which come by themselves."""
    mixed = "opendocument" in paragraph.tag
    for element in paragraph.iter(etree.Element):
        if _owner(element) is not paragraph:
            continue
        name = _local(element)
        if name in SPACES:
            yield " "
        if name == "t" or (mixed and name not in UNREAD):
            yield element.text or ""
        if mixed and element is not paragraph:
            yield element.tail or ""


def _owner(element: Element) -> Element:
    while element is not None and _local(element) not in PARAGRAPHS:
        element = element.getparent()
    return element


def _elements(root: Element) -> Iterator[Element]:
    yield from root.iter(etree.Element)


def _local(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _remove(element: Element) -> None:
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)
