"""The drawn badge: readable anywhere, safe with any title."""

from __future__ import annotations

import io

import pytest
from defusedxml import ElementTree
from PIL import Image

from badges.openbadges import image
from badges.openbadges.image import PALETTE, BadgePicture, Colours
from badges.openbadges.text import TextError

SVG = "{http://www.w3.org/2000/svg}"
LONG = (
    "Creating Positive and Productive Home-School Connections That Every Family in the District Can Rely On"
)


def picture(title: str = "Seeking Well-being", **fields: bool) -> BadgePicture:
    return BadgePicture(
        title=title, issuer="Lakes Regional Service Center (demo)", colours=PALETTE["c1"], **fields
    )


def texts(svg: str) -> list[str]:
    return [node.text for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def pixels(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content)).convert("RGB")


def test_title_and_issuer_stand_on_the_badge() -> None:
    assert texts(image.badge_svg(picture())) == [
        "Seeking", "Well-being", "Lakes Regional Service", "Center (demo)",
    ]  # fmt: skip


def test_demonstration_is_said_only_where_it_is_one() -> None:
    assert texts(image.badge_svg(picture(demonstration=True)))[-1] == "DEMONSTRATION"
    assert "DEMONSTRATION" not in image.badge_svg(picture())


def test_accessible_name() -> None:
    root = ElementTree.fromstring(image.badge_svg(picture()))
    assert root.get("aria-label") == "Seeking Well-being, Lakes Regional Service Center (demo)"


@pytest.mark.parametrize(
    "title", ["</svg><script>", '" onload="x', "a & b ]]>", "שלום עולם", "👩🏽‍🏫", "学び合い"]
)
def test_any_title_is_only_text(title: str) -> None:
    root = ElementTree.fromstring(image.badge_svg(picture(title)))
    assert {node.tag.removeprefix(SVG) for node in root.iter()} == {
        "svg",
        "polygon",
        "circle",
        "path",
        "text",
    }
    assert root.get("aria-label") == f"{title}, Lakes Regional Service Center (demo)"
    assert sorted(root.attrib) == ["aria-label", "role", "viewBox"]


def test_control_character_in_the_title_is_refused() -> None:
    with pytest.raises(TextError):
        image.badge_svg(picture("a\x00b"))


def test_short_titles_are_large_and_long_ones_are_cut_visibly() -> None:
    assert image.fit("Equity") == (54, ("Equity",))
    size, lines = image.fit(LONG)
    assert (size, len(lines)) == (25, 4)
    assert lines[-1].endswith("…") or " ".join(lines) == LONG


def test_one_endless_word_is_cut() -> None:
    _, lines = image.fit("W" * 300)
    assert len(lines) == 1
    assert lines[0].endswith("…")


@pytest.mark.parametrize("colour", ["red", "#fff", "#12345g", '#123456"/>', "#123456\n"])
def test_colour_is_a_colour(colour: str) -> None:
    with pytest.raises(ValueError, match="#rrggbb"):
        Colours(colour, "#ffffff")


def test_white_text_is_readable_on_every_issuers_colour() -> None:
    for colours in PALETTE.values():
        channels = [int(colours.disc[n : n + 2], 16) / 255 for n in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
        luminance = sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
        assert 1.05 / (luminance + 0.05) >= 4.5


def test_png_has_the_asked_size_and_a_clear_corner() -> None:
    drawn = Image.open(io.BytesIO(image.badge_png(picture(), 200)))
    assert (drawn.size, drawn.mode, drawn.getpixel((0, 0))) == ((200, 200), "RGBA", (0, 0, 0, 0))


def test_text_is_drawn_without_any_font_of_the_machine() -> None:
    """System fonts are not even looked at for a Latin title, so this holds on a bare machine too."""
    words = pixels(image.badge_png(picture())).crop((150, 200, 450, 400))
    assert words.getcolors(100_000) is not None
    white = sum(count for count, colour in words.getcolors(100_000) or [] if colour == (255, 255, 255))
    assert white > 2_000


def test_png_is_the_same_every_time() -> None:
    assert image.badge_png(picture()) == image.badge_png(picture())
