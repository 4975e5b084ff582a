"""The drawn badge: readable anywhere, safe with any title, in any shape."""

from __future__ import annotations

import io
from typing import Any

import pytest
from defusedxml import ElementTree
from PIL import Image

from badges.openbadges import colours, image, lettering
from badges.openbadges.card import Card, card_png
from badges.openbadges.image import MARKS, PALETTE, BadgePicture, Colours
from badges.openbadges.shapes import SHAPES
from badges.openbadges.text import TextError

SVG = "{http://www.w3.org/2000/svg}"
ISSUER = "Lakes Regional Service Center (demo)"
LONG = (
    "Creating Positive and Productive Home-School Connections That Every Family in the District Can Rely On"
)


def picture(title: str = "Seeking Well-being", **fields: Any) -> BadgePicture:
    return BadgePicture(**{"title": title, "issuer": ISSUER, "colours": PALETTE["c1"], **fields})


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGBA")


def whites(content: bytes, area: tuple[int, int, int, int]) -> int:
    counted = pixels(content).crop(area).getcolors(100_000) or []
    return sum(count for count, colour in counted if colour == (255, 255, 255, 255))


def test_title_and_issuer_stand_on_the_badge() -> None:
    assert texts(image.badge_svg(picture())) == ["Seeking", "Well-being", ISSUER]
    straight = texts(image.badge_svg(picture(shape="shield")))
    assert straight == ["Seeking", "Well-being", "Lakes Regional Service", "Center (demo)"]


def test_demonstration_is_said_over_every_picture_where_it_is_one_and_nowhere_else() -> None:
    upload = image.badge_png(picture(), 60)
    for given in (picture(), picture(upload=upload)):
        assert "DEMONSTRATION" not in image.badge_svg(given)
    for shown in (picture(demonstration=True), picture(demonstration=True, upload=upload)):
        assert texts(image.badge_svg(shown))[-1] == "DEMONSTRATION"


def test_accessible_name() -> None:
    root = ElementTree.fromstring(image.badge_svg(picture()))
    assert root.get("aria-label") == f"Seeking Well-being, {ISSUER}"


@pytest.mark.parametrize(
    "title", ["</svg><script>", '" onload="x', "a & b ]]>", "שלום עולם", "👩🏽‍🏫", "学び合い"]
)
def test_any_title_is_only_text(title: str) -> None:
    root = ElementTree.fromstring(image.badge_svg(picture(title)))
    plain = ElementTree.fromstring(image.badge_svg(picture()))
    assert {node.tag for node in root.iter()} == {node.tag for node in plain.iter()}
    assert root.get("aria-label") == f"{title}, {ISSUER}"
    assert sorted(root.attrib) == ["aria-label", "role", "viewBox"]


def test_control_character_in_the_title_is_refused() -> None:
    with pytest.raises(TextError):
        image.badge_svg(picture("a\x00b"))


@pytest.mark.parametrize("shape", SHAPES)
def test_titles_of_any_length_stay_within_every_shape(shape: str) -> None:
    box = SHAPES[shape].box
    assert lettering.fit("Equity", box) == (76, ("Equity",))
    for title in (LONG, "学び合いの教室をつくる" * 6, "W" * 300, "Seeking Well-being"):
        size, lines = lettering.fit(title, box)
        for line, y in zip(lines, lettering.middles(box, size, len(lines)), strict=True):
            assert lettering.width(line, lettering.Letters(size)) <= box.width(y)
    _size, lines = lettering.fit("W" * 300, box)
    assert (len(lines), lines[0][-1]) == (1, "…")


def test_lines_are_even() -> None:
    assert lettering.fit("Checking for Understanding Using Gestures", SHAPES["square"].box)[1] == (
        "Checking for",
        "Understanding",
        "Using Gestures",
    )


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", '#123456"/>', "#123456\n"])
def test_colour_is_a_colour(colour: str) -> None:
    for given in ((colour, "#ffffff"), ("#ffffff", "#ffffff", colour)):
        with pytest.raises(ValueError, match="#rrggbb"):
            Colours(*given)


def test_white_words_are_readable_and_a_darker_shade_is_known_where_they_are_not() -> None:
    assert all(colours.contrast("#ffffff", row.disc) >= 4.5 for row in PALETTE.values())
    assert (round(colours.contrast("#ffffff", "#000000")), colours.contrast("#777777", "#777777")) == (21, 1)
    for light in ("#ffffff", "#f0b23e", "#ff0000", "#00ff88"):
        assert 4.5 <= colours.contrast("#ffffff", colours.darkened(light)) < 4.75
    assert colours.darkened("#0b5f59") == "#0b5f59"


def test_every_shape_and_mark_has_its_own_look_and_clear_corners() -> None:
    drawn = {
        image.badge_png(picture(shape=shape, mark=mark), 48): (shape, mark)
        for shape in SHAPES
        for mark in MARKS
    }
    assert len(drawn) == len(SHAPES) * len(MARKS)
    assert {pixels(content).size for content in drawn} == {(48, 48)}
    assert {pixels(content).getpixel((0, 0)) for content in drawn} == {(0, 0, 0, 0)}


@pytest.mark.parametrize("title", ["Seeking Well-being", "学び合い", "שלום עולם", "सुनना और समझना", "الإصغاء"])
def test_words_of_many_scripts_are_drawn_without_any_font_of_the_machine(title: str) -> None:
    assert whites(image.badge_png(picture(title)), (100, 190, 500, 420)) > 2_000


def test_png_is_the_same_every_time() -> None:
    assert image.badge_png(picture()) == image.badge_png(picture())


def test_the_card_has_the_size_that_other_sites_ask_for_and_the_name_only_if_there_is_one() -> None:
    def drawn(name: str) -> bytes:
        return card_png(Card(picture=picture(), title=LONG, issuer=ISSUER * 4, name=name, line="x" * 200))

    assert Image.open(io.BytesIO(drawn(""))).size == (1200, 630)
    assert drawn("") != drawn("Maya Rivera </text>")
