"""Awards on paper, and the picture a link unfolds into."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp
from django.test import Client
from django.utils import timezone
from PIL import Image

from badges import papers, workflow
from badges.models import Award, CertificatePart, StatusList
from badges.openbadges.lettering import font_folders
from badges.papers import Letter
from badges.queries.papers import awards_for_letter, hours_of
from catalog.models import Stack, Version
from tests import factories
from tests.people import People, cast, signed_in

HOST = "http://127.0.0.1:8000"
MARKUP = '#eval("1+1") *b* _i_ $x$ `r` \\ @ref <label> // /* = h #image("/etc/passwd") "q'


@pytest.fixture
def people(db: None) -> People:
    return cast()


def text_of(pdf: bytes) -> str:
    with pypdfium2.PdfDocument(pdf) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join(" ".join(pages).split())


def alternatives(pdf: bytes) -> set[str]:
    """The alternative texts that a screen reader says, and the kinds of what is tagged."""
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(item["/Alt"])
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/Alt" in item
        }


def kinds(pdf: bytes) -> set[str]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return {
            str(item["/S"])
            for item in document.objects
            if isinstance(item, pikepdf.Dictionary) and "/K" in item and "/S" in item
        }


def accessible(pdf: bytes) -> tuple[Any, ...]:
    with pikepdf.open(io.BytesIO(pdf)) as document:
        return (
            bool(document.Root.MarkInfo.Marked),
            str(document.Root.Lang),
            document.open_metadata().get("pdfuaid:part"),
            bool(document.Root.ViewerPreferences.DisplayDocTitle),
        )  # fmt: skip


def codes(pdf: bytes) -> set[str]:
    """What the QR codes on the first page say to a camera."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=3).to_pil()
    return {found.text for found in zxingcpp.read_barcodes(picture)}


def certificate(people: People, part: Award) -> Award:
    """A stack's certificate, earned with one award of ours and one from elsewhere."""
    stack = Stack.objects.create(
        slug="families",
        title="Families",
        description="",
        issuer=people.northfield,
        certificate="Family Specialist",
    )
    row = Award.objects.create(
        earner=people.educator, issuer=people.northfield, origin="certificate", stack=stack, credential={},
        status_list=StatusList.objects.get(), status_index=7, awarded_at=timezone.now(), name_shown="M. Rivera",
        visibility="unlisted",
    )  # fmt: skip
    CertificatePart.objects.create(
        certificate=row, part=part, name=part.title, issuer_name="Northfield", address="a"
    )
    CertificatePart.objects.create(
        certificate=row, name="Leading Talk", issuer_name="Harbor", address="b", order=1
    )
    return row


def test_a_certificate_says_all_and_its_code_leads_to_the_award(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    Award.objects.update(name_shown="Maya R.", valid_until=award.awarded_at + timedelta(days=365))
    answer = Client().get(f"/badges/{award.pk}.pdf")
    said, url = text_of(answer.content), f"{HOST}/badges/{award.pk}/"
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "public, no-cache")
    assert award.version is not None
    for words in ("Maya R.", award.title, award.version.competency, "Northfield", "Valid until", "8 hours"):
        assert words in said
    assert codes(answer.content) == {url}
    assert accessible(answer.content) == (True, "en", "1", True)
    assert alternatives(answer.content) == {f"Badge: {award.title}, Northfield", f"QR code of {url}"}
    assert {"/H1", "/H2", "/Figure", "/L", "/Link"} <= kinds(answer.content)


def test_what_was_granted_does_not_look_assessed_on_paper(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    Award.objects.update(origin="granted", submission=None)
    paper = text_of(Client().get(f"/badges/{award.pk}.pdf").content)
    letter = text_of(papers.transcript_pdf(Letter("Maya", list(awards_for_letter(people.educator)))))
    assert "granted for prior learning and not assessed here" in paper
    assert ("Every criterion was met" in paper, "earned" in paper) == (False, False)
    assert "Granted, not assessed here" in letter


def test_the_holder_alone_reads_a_private_one_under_her_own_name(people: People) -> None:
    award = factories.award(people)
    assert Client().get(f"/badges/{award.pk}.pdf").status_code == 404
    own = signed_in(people.educator).get(f"/badges/{award.pk}.pdf?paper=us-letter")
    assert own["Cache-Control"] == "private, no-store"
    assert ("Maya Rivera" in text_of(own.content), "once its holder shows it" in text_of(own.content)) == (
        True,
        True,
    )
    with pypdfium2.PdfDocument(own.content) as document:
        assert document[0].get_size() == (792, 612)


def test_a_stacks_certificate_names_its_parts_and_counts_their_hours(people: People) -> None:
    award = factories.award(people)
    row = certificate(people, award)
    assert hours_of([row, award]) == {row.pk: 8, award.pk: 8}
    said = text_of(Client().get(f"/badges/{row.pk}.pdf").content)
    for words in (
        "Family Specialist",
        "M. Rivera",
        f"{award.title}, Northfield",
        "Leading Talk, Harbor",
        "8 hours",
    ):
        assert words in said


@pytest.mark.parametrize("state", ["revoked", "suspended", "demo"])
def test_paper_says_when_it_is_worth_nothing(people: People, state: str) -> None:
    award = factories.award(people, visibility="public")
    if state == "demo":
        people.northfield.demo = True
        people.northfield.save()
    else:
        Award.objects.update(state=state, revoked_at=timezone.now())
    said = text_of(Client().get(f"/badges/{award.pk}.pdf").content)
    words = {
        "revoked": "Revoked on",
        "suspended": "not valid at present",
        "demo": "No real organisation stands",
    }
    assert words[state] in said


def test_words_are_data_in_every_script_and_never_markup(people: People) -> None:
    award = factories.award(people, visibility="public")
    Version.objects.update(title=MARKUP[:100], competency=MARKUP)
    names = "学び合い 한국어 שלום नमस्ते สวัสดี Ωμέγα"
    Award.objects.update(name_shown=f"{names} #evil")
    for pdf in (
        Client().get(f"/badges/{award.pk}.pdf").content,
        papers.transcript_pdf(Letter(f"{names} #evil", list(awards_for_letter(people.educator)))),
    ):
        said = text_of(pdf)
        assert ('#eval("1+1") *b* _i_ $x$ `r` \\ @ref <label>' in said, "#evil" in said) == (True, True)
        assert [word for word in ("学び合い", "한국어", "שלום", "Ωμέγα") if word not in said] == []
        assert accessible(pdf)[2] == "1"  # every letter has a sign in a packaged font


def test_letters_that_no_font_has_make_a_plain_paper_and_no_error(people: People) -> None:
    award = factories.award(people, visibility="public")
    Award.objects.update(name_shown="ᚠᚢᚦ \U00012000")
    assert Client().get(f"/badges/{award.pk}.pdf").content.startswith(b"%PDF-")
    assert all(folder.is_dir() for folder in font_folders())


def test_the_letter_lists_what_was_chosen_with_hours_states_and_codes(people: People) -> None:
    first = factories.award(
        people, factories.published(people.northfield, title="First One"), visibility="unlisted"
    )
    second = factories.award(people, factories.published(people.northfield, title="Second One"))
    certificate(people, first)
    client = signed_in(people.educator)
    page = client.get("/badges/transcript/")
    form = page.context["form"]
    assert (len(form["awards"].value()), form["name"].value()) == (3, "Maya Rivera")
    chosen = [str(first.pk), str(second.pk), form["awards"].value()[0]]
    answer = client.post("/badges/transcript/", {"awards": chosen, "name": "Maya Rivera", "paper": "a4"})
    said = text_of(answer.content)
    for words in (
        "First One",
        "Second One",
        "Family Specialist",
        "Valid, without an end",
        "on request",
        ": 16 hours",
    ):
        assert words in said
    assert f"{HOST}/badges/{first.pk}/" in codes(answer.content)
    assert f"{HOST}/badges/{second.pk}/" not in codes(answer.content)
    assert accessible(answer.content)[0::2] == (True, "1")
    assert {"/Table", "/TH", "/TD", "/H1", "/Figure"} <= kinds(answer.content)
    assert answer["Cache-Control"] == "private, no-store"


def test_a_letter_with_an_address_for_all_of_it(people: People) -> None:
    factories.award(people, visibility="unlisted")
    address = f"{HOST}/links/abc/"
    pdf = papers.transcript_pdf(Letter("M", list(awards_for_letter(people.educator)), address))
    assert address in codes(pdf)


def test_what_the_letter_refuses_and_never_shows(people: People) -> None:
    mine, other = factories.award(people), factories.award(people, earner=people.educator2)
    client = signed_in(people.educator)
    for data, field in (
        ({"awards": [], "name": "M", "paper": "a4"}, "awards"),
        ({"awards": [str(other.pk)], "name": "M", "paper": "a4"}, "awards"),
        ({"awards": [str(mine.pk)], "name": "", "paper": "a4"}, "name"),
        ({"awards": [str(mine.pk)], "name": "a\u202eb", "paper": "a4"}, "name"),
        ({"awards": [str(mine.pk)], "name": "M", "paper": "a0"}, "paper"),
    ):
        answer = client.post("/badges/transcript/", data)
        assert (answer.status_code, [*answer.context["form"].errors]) == (400, [field])
    workflow.set_visibility(mine, people.educator, "unlisted")
    Award.objects.filter(pk=mine.pk).update(state="revoked", revoked_at=timezone.now())
    assert client.get("/badges/transcript/").context["form"].rows == []


def test_the_card_is_everybodys_or_nobodys(people: People, django_assert_max_num_queries: Any) -> None:
    award = factories.award(people)
    assert signed_in(people.educator).get(f"/badges/{award.pk}/card.png").status_code == 404
    workflow.set_visibility(award, people.educator, "unlisted")
    with django_assert_max_num_queries(3):
        answer = Client().get(f"/badges/{award.pk}/card.png")
    assert Image.open(io.BytesIO(answer.content)).size == (1200, 630)
    assert (answer["Cache-Control"], answer["Access-Control-Allow-Origin"]) == ("public, no-cache", "*")
    again = Client().get(f"/badges/{award.pk}/card.png", headers={"If-None-Match": answer["ETag"]})
    assert again.status_code == 304
    workflow.set_visibility(award, people.educator, "unlisted", name_shown="Somebody Else")
    assert Client().get(f"/badges/{award.pk}/card.png").content != answer.content
