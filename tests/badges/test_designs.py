"""How an issuer's badges look: who decides, what is refused, and where the new look shows."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from defusedxml import ElementTree
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from playwright.sync_api import Page, expect

from badges.models import BadgeDesign
from badges.openbadges.baking import extract_png
from badges.openbadges.baking_svg import extract_svg
from badges.openbadges.reading import write_json
from badges.openbadges.uploads import Refused, redraw
from badges.redrawing import PictureError, redrawn
from badges.workflow.designing import Place, save_design
from catalog.models import Stack, StackGroup, StackItem
from journal.models import Entry
from tests import factories
from tests.browser import Server, becomes_true, enter
from tests.people import People, cast, signed_in

LOOK = {"source": "drawn", "shape": "shield", "colour": "#112233", "edge": "#ddeeff", "accent": "#ffcc00"}
LIST, EDIT = "/badges/designs/", "/badges/designs/northfield/"
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def people(db: None) -> People:
    return cast()


def file_of(
    size: tuple[int, int] = (400, 400), kind: str = "PNG", colour: str = "#cc0000", **extra: Any
) -> bytes:
    result = io.BytesIO()
    Image.new("RGB", size, colour).save(result, kind, **extra)
    return result.getvalue()


def upload(content: bytes, name: str = "badge.png") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="image/png")


def middle(content: bytes) -> Any:
    picture = Image.open(io.BytesIO(content)).convert("RGBA")
    return picture.getpixel((picture.width // 2, picture.height // 2 + picture.height // 3))


def stacked(people: People, unit: Any) -> Stack:
    stack = Stack.objects.create(
        slug="families",
        title="Families",
        description="",
        issuer=people.northfield,
        certificate="Family Specialist",
    )
    group = StackGroup.objects.create(stack=stack)
    StackItem.objects.create(group=group, micro_credential=unit)
    return stack


# --- who decides what ---------------------------------------------------------------------------------------


def test_an_author_changes_the_look_and_the_badge_shows_it_with_the_same_credential(people: People) -> None:
    award = factories.award(people, visibility="public")
    before = Client().get(f"/badges/{award.pk}/image.png").content
    assert signed_in(people.author).post(EDIT, LOOK).status_code == 302
    after = Client().get(f"/badges/{award.pk}/image.png").content
    assert (before == after, BadgeDesign.objects.get().shape) == (False, "shield")
    baked = Client().get(f"/badges/{award.pk}.png").content
    drawing = Client().get(f"/badges/{award.pk}.svg").content
    award.refresh_from_db()
    assert extract_png(baked) == extract_svg(drawing) == write_json(award.credential)
    assert b"#112233" in drawing
    entry = Entry.objects.get(kind="badges.design_changed")
    assert (entry.actor_id, entry.organisation_id) == (people.author.pk, people.northfield.pk)
    assert entry.data == {"micro_credential": None, "stack": None, "shape": "shield", "picture": False}


def test_its_own_design_goes_before_the_issuers_and_can_be_dropped(people: People) -> None:
    unit = factories.published(people.northfield, title="Wait Time")
    award = factories.award(people, unit, visibility="public")
    client, own = signed_in(people.author), f"{EDIT}?unit={unit.slug}"
    client.post(EDIT, LOOK)
    client.post(own, {**LOOK, "shape": "hexagon", "colour": "#445566", "words": "Wait"})

    def drawing() -> tuple[bool, list[str]]:
        svg = Client().get(f"/badges/{award.pk}.svg").content
        words = [
            "".join(node.itertext())
            for node in ElementTree.fromstring(svg).iter()
            if node.tag.endswith("}text")
        ]
        return b"#445566" in svg, words[:1]

    assert drawing() == (True, ["Wait"])
    rows = {row.title: bool(row.design) for _issuer, row in client.get(LIST).context["page"]}
    assert rows == {"Northfield": True, "Wait Time": True}
    client.post(f"{EDIT}delete/?unit={unit.slug}")
    assert drawing() == (False, ["Wait Time"])
    kinds = (
        Entry.objects.filter(kind__startswith="badges.design")
        .order_by("created")
        .values_list("kind", flat=True)
    )
    assert list(kinds) == ["badges.design_changed", "badges.design_changed", "badges.design_dropped"]


def test_the_catalogue_shows_the_badge_as_it_is_designed_small_and_cached(people: People) -> None:
    unit = factories.published(people.northfield)
    row = stacked(people, unit)
    assert unit.current
    for page, picture in (
        (f"/micro-credentials/{unit.slug}/", f"/achievements/{unit.current.pk}/image.png?small"),
        (f"/stacks/{row.slug}/", f"/ob2/certificates/{row.slug}/image.png?small"),
    ):
        assert f'src="{picture}"' in Client().get(page).content.decode()
        before = Client().get(picture)
        assert Image.open(io.BytesIO(before.content)).size == (352, 352)
        assert before["Cache-Control"] == "public, max-age=3600"
        assert Client().get(picture, headers={"If-None-Match": before["ETag"]}).status_code == 304
        assert signed_in(people.author).post(EDIT, {**LOOK, "shape": "hexagon"}).status_code == 302
        assert Client().get(picture).content != before.content
        BadgeDesign.objects.all().delete()
    draft = factories.draft(people.northfield).micro_credential
    assert (
        "badge-picture"
        not in signed_in(people.author).get(f"/micro-credentials/{draft.slug}/").content.decode()
    )


def test_what_counts_for_a_stack_and_its_certificate_are_marked(people: People) -> None:
    unit = factories.published(people.northfield)
    client, url = signed_in(people.author), f"{EDIT}preview.png?unit={unit.slug}"
    alone = client.get(url).content
    stacked(people, unit)
    part, certificate = client.get(url).content, client.get(f"{EDIT}preview.png?stack=families").content
    assert len({alone, part, certificate}) == 3


def test_a_badge_of_another_issuer_is_no_ones_but_theirs(people: People) -> None:
    unit = factories.published(people.lakes)
    client = signed_in(people.author)
    for url in (
        f"{EDIT}?unit={unit.slug}",
        "/badges/designs/lakes/",
        f"{EDIT}?stack=none",
        f"{EDIT}?unit=%00",
    ):
        assert client.get(url).status_code == 404
    with pytest.raises(PermissionDenied):
        save_design(Place(people.northfield, unit), people.author, LOOK)
    assert not BadgeDesign.objects.exists()


# --- what is refused ----------------------------------------------------------------------------------------


def test_a_ground_on_which_white_cannot_be_read_is_refused_with_a_shade_that_would_do(people: People) -> None:
    client = signed_in(people.author)
    answer = client.post(EDIT, {**LOOK, "colour": "#ffcc00", "words": "Kept"})
    (words,) = answer.context["form"].errors["colour"]
    assert (answer.status_code, answer.context["form"]["words"].value()) == (400, "Kept")
    assert words.startswith("White words cannot be read well on this colour: the contrast is 1.5 to 1")
    shade = words.split("darker shade ")[1].split(" ")[0]
    assert client.post(EDIT, {**LOOK, "colour": shade}).status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"edge": '#123456"/>'}, "edge"),
        ({"shape": "star"}, "shape"),
        ({"words": "a\u202eb"}, "words"),
        ({"source": "picture"}, "picture"),
        ({"source": "picture", "picture": upload(b"")}, "picture"),
        ({"source": "picture", "picture": upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>")}, "picture"),
        ({"source": "picture", "picture": upload(file_of((299, 500)))}, "picture"),
    ],
)
def test_what_cannot_be_drawn_is_said_on_its_field(
    people: People, change: dict[str, Any], field: str
) -> None:
    client = signed_in(people.author)
    answer = client.post(EDIT, {**LOOK, **change})
    assert (answer.status_code, [*answer.context["form"].errors]) == (400, [field])
    if "picture" in change:
        change["picture"].seek(0)
    preview = client.post(f"{EDIT}preview.png", {**LOOK, **change})
    assert (preview.status_code, [*preview.json()["errors"]]) == (400, [field])
    assert not BadgeDesign.objects.exists()


# --- a picture of one's own ---------------------------------------------------------------------------------


def test_a_picture_is_cut_in_the_middle_redrawn_without_what_it_hid_and_shown(people: People) -> None:
    award = factories.award(people, visibility="public")
    client = signed_in(people.author)
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    content = file_of((900, 450), "JPEG", exif=exif)
    answer = client.post(
        EDIT, {**LOOK, "source": "picture", "picture": upload(content, "b.jpg")}, follow=True
    )
    assert "its middle was taken" in answer.content.decode()
    kept = bytes(BadgeDesign.objects.get().upload or b"")
    assert (Image.open(io.BytesIO(kept)).size, b"taken at home" in content, b"taken at home" in kept) == (
        (600, 600),
        True,
        False,
    )
    assert middle(Client().get(f"/badges/{award.pk}/image.png").content)[0] > 180
    client.post(EDIT, {**LOOK, "source": "picture"})
    assert bytes(BadgeDesign.objects.get().upload or b"") == kept
    client.post(EDIT, LOOK)
    assert BadgeDesign.objects.get().upload is None


def test_a_demonstration_issuers_picture_keeps_its_ribbon(people: People) -> None:
    client, picture = signed_in(people.author), {**LOOK, "source": "picture"}
    plain = client.post(f"{EDIT}preview.png", {**picture, "picture": upload(file_of())}).content
    people.northfield.demo = True
    people.northfield.save()
    ribboned = client.post(f"{EDIT}preview.png", {**picture, "picture": upload(file_of())}).content
    assert (middle(plain)[:3], middle(ribboned)[:3] == (204, 0, 0)) == ((204, 0, 0), False)


def moving(kind: str) -> bytes:
    """Two frames."""
    frames = [Image.new("RGB", (300, 300), colour) for colour in ("#cc0000", "#00cc00")]
    result = io.BytesIO()
    frames[0].save(result, kind, save_all=True, append_images=frames[1:])
    return result.getvalue()


def claiming(size: int) -> bytes:
    """A PNG whose head says that it is far larger than its few bytes."""
    content = bytearray(file_of((300, 300)))
    content[16:24] = size.to_bytes(4) * 2
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4)
    return bytes(content)


def test_what_is_no_picture_or_pretends_to_be_a_great_one_is_refused_before_it_costs_anything() -> None:
    hostile = {
        "large": [claiming(30_000), claiming(6_400)],
        "moving": [moving("PNG"), moving("WEBP")],
        "small": [file_of((299, 4000))],
        "unreadable": [
            *(file_of(kind=kind) for kind in ("GIF", "BMP", "TIFF", "PPM")),
            *(file_of()[:200], file_of(kind="WEBP")[:90], file_of(kind="JPEG")[:300], claiming(6_000), b""),
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>",
        ],
    }
    for code, contents in hostile.items():
        for content in contents:
            with pytest.raises(Refused) as error:
                redraw(content, 600)
            assert error.value.code == code
    for mode in ("1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16"):
        result = io.BytesIO()
        Image.new(mode, (700, 300)).save(result, "JPEG" if mode == "CMYK" else "PNG")
        png, cut = redraw(result.getvalue(), 600)
        assert (Image.open(io.BytesIO(png)).size, cut) == ((600, 600), True)


def test_pictures_are_decoded_in_a_process_of_their_own_that_ends_in_time(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, chosen = signed_in(people.author), {**LOOK, "source": "picture"}
    good = file_of()
    files = [upload(content) for content in (good, claiming(30_000), good + bytes(5_000_000))]
    monkeypatch.delattr(Image, "open")
    assert client.post(EDIT, {**chosen, "picture": files[0]}).status_code == 302
    for file, words in zip(files[1:], ("more than 40 million pixels", "larger than 5 MB"), strict=True):
        answer = client.post(EDIT, {**chosen, "picture": file})
        assert (answer.status_code, words in answer.content.decode()) == (400, True)
    monkeypatch.setattr("badges.redrawing.SECONDS", 0.01)
    with pytest.raises(PictureError, match="that can be read"):
        redrawn(good)


# --- in a browser -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_choosing_shows_the_badge_at_once_on_a_phone_and_without_script_by_a_button(
    server: Server, new_page: Callable[..., Page]
) -> None:
    people = cast()
    page = enter(new_page(viewport={"width": 390, "height": 844}), server, people.author)
    page.goto(f"{server.url}{EDIT}")
    picture, note = page.locator(".look-large"), page.locator("[data-design-note]")
    expect(page.get_by_role("button", name="Preview")).to_be_hidden()
    page.get_by_label("Hexagon").check()
    expect(note).to_have_text("The preview shows what you chose.")
    drawn = picture.get_attribute("src") or ""
    assert drawn.startswith("data:image/png")
    becomes_true(page, "document.querySelector('.look-large').naturalWidth === 600")
    page.get_by_label("Ground").fill("#ffee00")
    expect(note).to_contain_text("White words cannot be read well")
    assert picture.get_attribute("src") == drawn
    assert page.evaluate(FITS)
    assert Axe().run(page).response["violations"] == []
    page.get_by_label("Ground").fill("#224466")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    assert page.evaluate(FITS)
    assert Axe().run(page).response["violations"] == []
    assert (BadgeDesign.objects.get().shape, BadgeDesign.objects.get().colour) == ("hexagon", "#224466")
    plain = enter(new_page(java_script_enabled=False), server, people.author)
    plain.goto(f"{server.url}{EDIT}")
    plain.get_by_label("Rounded square").check()
    plain.get_by_role("button", name="Preview").click()
    assert (plain.locator(".look-large").get_attribute("src") or "").startswith("data:image/png")
    expect(plain.get_by_label("Rounded square")).to_be_checked()
    assert BadgeDesign.objects.get().shape == "hexagon"
