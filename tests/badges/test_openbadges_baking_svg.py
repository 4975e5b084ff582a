"""A credential inside a drawing, and inside pictures that others baked."""

from __future__ import annotations

import json
import zlib
from typing import Any

import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st
from openbadgeslib import baking as theirs

from badges.openbadges import baking, baking_svg
from badges.openbadges.baking import BakingError
from badges.openbadges.image import PALETTE, BadgePicture, badge_svg
from badges.openbadges.reading import write_json
from tests.badges.test_openbadges_baking import chunks, picture, with_chunk

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJpZCI6IngifQ.c2ln-_"
HARD = {"name": 'a ]]> b <svg> & "q" \' שלום 🎉 \ufffe\uffff \x7f \u2028', "n": [1, {"x": None}]}
OB3: Any = {"element": "openbadges:credential", "text_fallback": True}


def drawing(title: str = "Equity & <Care> ]]>") -> str:
    return badge_svg(BadgePicture(title=title, issuer="Northfield", colours=PALETTE["c1"]))


@given(
    st.dictionaries(
        st.text(st.characters(exclude_categories=["Cs"])), st.text(st.characters(exclude_categories=["Cs"]))
    )
)
@settings(max_examples=60, deadline=None)
def test_any_json_comes_back_from_both_pictures_by_us_and_by_another_reader(value: dict[str, str]) -> None:
    svg = baking_svg.bake_svg(drawing(), write_json(value))
    assert json.loads(baking_svg.extract_svg(svg)) == value
    assert json.loads(theirs.extract_svg(svg, **OB3) or "") == value
    assert json.loads(baking.extract_png(baking.bake_png(picture(), write_json(value)))) == value


def test_what_xml_cannot_hold_is_escaped_within_the_json() -> None:
    baked = baking_svg.bake_svg(drawing(), write_json(HARD))
    assert json.loads(baking_svg.extract_svg(baked)) == HARD
    assert json.loads(theirs.extract_svg(baked, **OB3) or "") == HARD
    first = next(iter(ElementTree.fromstring(baked)))
    assert first.tag == "{https://purl.imsglobal.org/ob/v3p0}credential"
    assert b"><openbadges:credential><![CDATA[{" in baked


def test_a_jwt_goes_into_the_verify_attribute_and_into_the_same_chunk() -> None:
    svg, png = baking_svg.bake_svg(drawing(), JWT), baking.bake_png(picture(), JWT)
    assert (baking_svg.extract_svg(svg), baking.extract_png(png)) == (JWT, JWT)
    assert theirs.extract_svg(svg, element="openbadges:credential") == JWT
    assert theirs.extract_png(png, keyword=b"openbadgecredential") == JWT


def test_baking_again_leaves_one_badge_whoever_baked_before() -> None:
    svg = drawing().encode()
    for element, namespace in (
        ("openbadges:credential", baking_svg.NAMESPACE), ("openbadges:assertion", baking_svg.NAMESPACE_2),
    ):  # fmt: skip
        svg = theirs.bake_svg(svg, "theirs", element=element, namespace=namespace)
    twice = baking_svg.bake_svg(baking_svg.bake_svg(svg, '{"n":1}'), '{"n":2}')
    assert baking_svg.extract_svg(twice) == '{"n":2}'
    assert [twice.count(b"<openbadges:credential"), twice.count(b"assertion")] == [1, 0]
    assert [node.text for node in ElementTree.fromstring(twice).iter(f"{{{baking_svg.SVG}}}text")] == [
        node.text for node in ElementTree.fromstring(drawing()).iter(f"{{{baking_svg.SVG}}}text")
    ]


def test_png_loses_every_badge_of_others_and_keeps_their_other_texts() -> None:
    source = with_chunk(b"Author\0\0\0\0\0Ada")
    for keyword in (baking.KEYWORD, baking.KEYWORD_2):
        source = theirs.bake_png(source, "theirs", keyword=keyword)
        for kind, content in ((b"tEXt", b"\0x"), (b"zTXt", b"\0\0" + zlib.compress(b"x"))):
            source = _added(source, kind, keyword + content)
    baked = baking.bake_png(source, "{}")
    texts = [content.split(b"\0")[0] for kind, content in chunks(baked) if kind.endswith(b"Xt")]
    assert (texts, baking.extract_png(baked)) == ([b"openbadgecredential", b"Author"], "{}")


def _added(source: bytes, kind: bytes, content: bytes) -> bytes:
    length, check = len(content).to_bytes(4), zlib.crc32(kind + content).to_bytes(4)
    return source[:33] + length + kind + content + check + source[33:]


def test_badges_of_2_0_are_read() -> None:
    url = "https://badges.example/assertion/1"
    assert baking.extract_png(theirs.bake_png(picture(), url)) == url
    assert baking.extract_png(_added(picture(), b"tEXt", b"openbadges\0" + url.encode())) == url
    assert baking_svg.extract_svg(theirs.bake_svg(drawing().encode(), url)) == url
    both = theirs.bake_png(baking.bake_png(picture(), "{}"), url)
    assert baking.extract_png(both) == "{}"


BOMB = '<!DOCTYPE svg [<!ENTITY a "aaaaaaaaaa">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>'
OUTSIDE = '<!DOCTYPE svg [<!ENTITY a SYSTEM "file:///etc/passwd">]><svg>&a;</svg>'


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "not a whole SVG"),
        (b"<html></html>", "not an SVG"),
        (b"<svg>", "not a whole SVG"),
        (b'<?xml version="1.0" encoding="nonsense"?><svg/>', "not a whole SVG"),
        (BOMB.encode(), "not a whole SVG"),
        (OUTSIDE.encode(), "not a whole SVG"),
        (b"<svg>" + b"<g>" * 200_000, "nested too deeply"),
        (b"<svg>" + b" " * baking_svg.MAX_SVG_BYTES, "larger than 5 MB"),
        (b"<svg/>", "carries no badge"),
        (b'<svg xmlns:o="https://purl.imsglobal.org/ob/v3p0"><o:credential/><o:credential/></svg>', "one badge"),
    ],
    ids=["empty", "html", "cut", "encoding", "entities", "file", "deep", "large", "bare", "two"],
)  # fmt: skip
def test_hostile_drawings_are_refused(content: bytes, words: str) -> None:
    with pytest.raises(BakingError, match=words):
        baking_svg.extract_svg(content)


def test_a_drawing_of_an_editor_with_its_doctype_is_read() -> None:
    head = '<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/x.dtd">'
    baked: Any = head.encode() + baking_svg.bake_svg(drawing(), "{}")
    assert (baking_svg.is_svg(baked), baking_svg.extract_svg(baked)) == (True, "{}")
    assert not baking_svg.is_svg(picture())
