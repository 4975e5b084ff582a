"""A credential inside an SVG: JSON in CDATA right after `<svg>`, or a JWT in `verify` (Open Badges 3.0, section 5.3.2)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET  # only to write: all reading is done by defusedxml
from xml.sax.saxutils import quoteattr

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser
from django.utils.translation import gettext as _

from badges.openbadges.baking import BakingError

SVG: Final = "http://www.w3.org/2000/svg"
NAMESPACE: Final = "https://purl.imsglobal.org/ob/v3p0"
NAMESPACE_2: Final = "http://openbadges.org"
MAX_SVG_BYTES: Final = 5_000_000
MAX_DEPTH: Final = 100
_CREDENTIAL: Final = f"{{{NAMESPACE}}}credential"
_ASSERTION: Final = f"{{{NAMESPACE_2}}}assertion"
_BADGES: Final = (_CREDENTIAL, _ASSERTION)
_PREFIXES: Final = {"": SVG, "xlink": "http://www.w3.org/1999/xlink"}
# What XML cannot hold, but a JSON string may.
_NOT_XML: Final = re.compile("[\ufffe\uffff]")


def bake_svg(svg: str | bytes, credential: str) -> bytes:
    """Return the drawing carrying this credential and no other, however often and by whomever it was baked before."""
    root = _parse(svg.encode() if isinstance(svg, str) else svg, _Tree())
    for prefix, address in _PREFIXES.items():
        ET.register_namespace(prefix, address)
    drawing = ET.tostring(root, encoding="unicode", short_empty_elements=False)
    head, rest = drawing.split(">", 1)  # a ">" within an attribute is written as an entity
    return f'{head} xmlns:openbadges="{NAMESPACE}">{_element(credential)}{rest}'.encode()


def extract_svg(content: bytes) -> str:
    """Return what is baked in: JSON or a JWT, of Open Badges 2.0 an address too. A 3.0 credential goes before a 2.0 one."""
    found: dict[str, list[str]] = _parse(content, _Finder())
    for name in _BADGES:
        if len(found[name]) > 1:
            raise BakingError(_("This picture carries more than one badge."))
        if found[name]:
            return found[name][0]
    raise BakingError(_("This picture carries no badge."))


def is_svg(content: bytes) -> bool:
    """Tell an SVG by its beginning; whether it is whole shows in reading it."""
    start = content[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"<") and b"<svg" in start


def _element(credential: str) -> str:
    if credential.lstrip().startswith("{"):
        text = credential.replace("]]>", "]]\\u003e")
        text = _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
        return f"<openbadges:credential><![CDATA[{text}]]></openbadges:credential>"
    return f"<openbadges:credential verify={quoteattr(credential)}></openbadges:credential>"


def _parse(content: bytes, target: Any) -> Any:
    if len(content) > MAX_SVG_BYTES:
        raise BakingError(_("The picture is larger than 5 MB."))
    parser = DefusedXMLParser(target=target, forbid_dtd=False, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(content)
        return parser.close()
    except (ET.ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise BakingError(_("The picture is not a whole SVG.")) from error


class _Bounded:
    """What both readers watch: the outermost element, and how deep a stranger nests."""

    depth = 0

    def enter(self, tag: str) -> None:
        if self.depth == 0 and tag not in ("svg", f"{{{SVG}}}svg"):
            raise BakingError(_("The picture is not an SVG."))
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise BakingError(_("The picture is nested too deeply."))


class _Finder(_Bounded):
    """Collects the badges and nothing else, so that a large drawing takes no memory."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {name: [] for name in _BADGES}
        self.text: list[str] | None = None
        self.verify = ""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.enter(tag)
        if tag in _BADGES:
            self.text, self.verify = [], attributes.get("verify", "")

    def data(self, text: str) -> None:
        if self.text is not None:
            self.text.append(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if tag in _BADGES and self.text is not None:
            self.found[tag].append((self.verify or "".join(self.text)).strip())
            self.text = None

    def close(self) -> dict[str, list[str]]:
        return self.found


class _Tree(_Bounded):
    """Builds the drawing without the badges in it."""

    def __init__(self) -> None:
        self.builder = ET.TreeBuilder()
        self.within = 0  # a badge: nothing of it is kept

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self.enter(tag)
        if self.within or tag in _BADGES:
            self.within += 1
        else:
            self.builder.start(tag, dict(attributes))

    def data(self, text: str) -> None:
        if not self.within:
            self.builder.data(text)

    def end(self, tag: str) -> None:
        self.depth -= 1
        if self.within:
            self.within -= 1
        else:
            self.builder.end(tag)

    def close(self) -> ET.Element:
        return self.builder.close()
