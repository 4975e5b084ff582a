"""Links of several awards and public pages: what opens, what stays shut, and what ends at once."""

from __future__ import annotations

import json
import zipfile
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pypdfium2
import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, RefreshToken

from badges import tasks, workflow
from badges.models import Award, Exchange, PublicProfile, ShareLink
from badges.openbadges.baking import extract_png
from journal.models import Entry
from journal.workflow import GuardError, record
from microcreds import exporting
from microcreds.demo import showing
from microcreds.demo.people import DOMAIN
from tests import factories
from tests.badges.programs import ALL, allowed
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
WORDS = "This link shows nothing"


@pytest.fixture
def people() -> People:
    return cast()


def made(people: People, **fields: Any) -> tuple[ShareLink, Award]:
    """A link of the educator's with one private award."""
    award = factories.award(people)
    return workflow.make_link(
        people.educator, "Principal", [award.pk], name_shown="M. Rivera", **fields
    ), award


def test_a_link_opens_what_is_private_and_nothing_else(people: People) -> None:
    link, award = made(people)
    other = factories.award(people, factories.published(people.northfield))
    base = f"/s/{link.token}/"
    shown = Client().get(base)
    assert (shown.status_code, shown["X-Robots-Tag"], shown["Cache-Control"]) == (
        200,
        "noindex",
        "private, no-store",
    )
    assert "M. Rivera" in shown.content.decode()
    assert "Principal" not in shown.content.decode()
    page = Client().get(f"{base}{award.pk}/").content.decode()
    assert 'award-who">M. Rivera<' in page
    assert f"/badges/{award.pk}" not in page.replace(f"/s/{link.token}", "")
    assert Client().get(f"{base}{award.pk}.json").json() == award.credential
    assert json.loads(extract_png(Client().get(f"{base}{award.pk}.png").content)) == award.credential
    assert Client().get(f"{base}{award.pk}/image.png")["Content-Type"] == "image/png"
    assert Client().get(f"{base}{other.pk}/").status_code == 404
    assert Client().get(f"/badges/{award.pk}/").status_code == 404


def test_an_ended_link_says_so_and_nothing_else(people: People) -> None:
    link, award = made(people, expires_at=timezone.now() + timedelta(days=1))
    withdrawn = workflow.make_link(people.educator, "Other", [award.pk])
    ShareLink.objects.filter(pk=link.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert signed_in(people.educator2).post(f"/badges/links/{withdrawn.pk}/withdraw/").status_code == 404
    for _time in range(2):
        assert signed_in(people.educator).post(f"/badges/links/{withdrawn.pk}/withdraw/").status_code == 302
    assert Entry.objects.filter(kind="badges.link_withdrawn").count() == 1
    rests = ("", "letter.pdf", f"{award.pk}/", f"{award.pk}.json", f"{award.pk}/image.png", f"{uuid4()}/")
    gone = [Client().get(f"/s/{one.token}/{rest}") for one in (link, withdrawn) for rest in rests]
    never = [Client().get(f"/s/never-was/{rest}") for rest in rests]
    for answers, status, words in ((gone, 410, "This link has ended"), (never, 404, WORDS)):
        assert {(one.status_code, one.content, one["Referrer-Policy"]) for one in answers} == {
            (status, answers[0].content, "no-referrer")
        }
        assert {(one["X-Robots-Tag"], one["Cache-Control"]) for one in answers} == {
            ("noindex", "private, no-store")
        }
        assert words in answers[0].content.decode()
    assert Client().post(f"/s/{link.token}/{award.pk}/", {"email": "a@b.test"}).status_code == 410


def test_a_form_sent_twice_makes_one_link_and_one_hand_over(people: People) -> None:
    award, client = factories.award(people), signed_in(people.educator)
    form = {"title": "Principal", "awards": [str(award.pk)]}
    sent = [client.post("/badges/links/", form)["Location"] for _time in range(2)]
    assert (sent[0], ShareLink.objects.count()) == (sent[1], 1)
    client.post("/badges/links/", {**form, "name_shown": "M. Rivera"})
    assert ShareLink.objects.count() == 2
    for _time in range(2):
        assert client.post(f"/badges/{award.pk}/wallet/").status_code == 302
    assert Exchange.objects.filter(state="open").count() == 1


def test_what_is_hidden_again_is_shown_by_no_cache(people: People) -> None:
    award = factories.award(people, visibility="public")
    paths = [f"/badges/{award.pk}/{name}" for name in ("image.png", "card.png", "qr.svg")]
    first = [Client().get(path) for path in paths]
    assert {one["Cache-Control"] for one in first} == {"public, no-cache"}
    again = Client().get(paths[0], headers={"if-none-match": first[0]["ETag"]})
    assert again.status_code == 304
    workflow.set_visibility(award, people.educator, "private")
    assert {Client().get(path).status_code for path in paths} == {404}
    assert signed_in(people.educator).get(paths[0])["Cache-Control"] == "private, no-cache"
    link = workflow.make_link(people.educator, "Principal", [award.pk])
    assert Client().get(f"/s/{link.token}/{award.pk}/image.png")["Cache-Control"] == "private, no-store"


def test_all_of_a_link_on_one_sheet(people: People) -> None:
    link, award = made(people)
    assert f"/s/{link.token}/letter.pdf" in Client().get(f"/s/{link.token}/").content.decode()
    sheet = Client().get(f"/s/{link.token}/letter.pdf")
    assert (sheet["Content-Type"], sheet["Cache-Control"]) == ("application/pdf", "private, no-store")
    with pypdfium2.PdfDocument(sheet.content) as document:
        text = "".join(page.get_textpage().get_text_bounded() for page in document)
    plain = "".join(text.split()).replace("\x02", "-")
    assert [
        "".join(words.split()) in plain
        for words in (
            "M. Rivera",
            award.title,
            f"/s/{link.token}/{award.pk}/",
            "on request",
            f"/badges/{award.pk}/",
        )
    ] == [True, True, True, False, False]
    nameless = workflow.make_link(people.educator, "Other", [award.pk])
    assert Client().get(f"/s/{nameless.token}/letter.pdf").content.startswith(b"%PDF")


def test_the_copy_of_her_data_says_whom_she_shows_what(people: People, tmp_path: Path) -> None:
    cache.clear()
    link, award = made(people)
    workflow.save_profile(people.educator, **PROFILE)
    allowed(people.educator)
    exporting.pack(people.educator, tmp_path / "all.zip", lambda percent: None)
    with zipfile.ZipFile(tmp_path / "all.zip") as archive:
        told = json.loads(archive.read("badges/sharing.json"))
    assert [(row["token"], row["awards"]) for row in told["links"]] == [(link.token, [str(award.pk)])]
    assert (told["public_page"]["slug"], told["badges"][0]["visibility"]) == ("maya-rivera", "private")
    assert [(row["name"], row["scopes"]) for row in told["programs"]] == [("Wallet", sorted(ALL.split()))]


def test_making_a_link_by_hand(people: People) -> None:
    mine, theirs = factories.award(people), factories.award(people, earner=people.educator2)
    client = signed_in(people.educator)
    bad = client.post(
        "/badges/links/", {"title": "X", "awards": [str(theirs.pk)], "expires_on": "2020-01-01"}
    )
    assert (bad.status_code, list(bad.context["form"].errors)) == (400, ["awards"])
    past = client.post("/badges/links/", {"title": "X", "awards": [str(mine.pk)], "expires_on": "2020-01-01"})
    assert list(past.context["form"].errors) == ["expires_on"]
    good = client.post("/badges/links/", {"title": "Principal", "awards": [str(mine.pk)]})
    assert good.status_code == 302
    link = ShareLink.objects.get()
    assert (link.title, link.name_shown, link.expires_at) == ("Principal", "", None)
    assert f"http://127.0.0.1:8000/s/{link.token}/" in client.get("/badges/links/").content.decode()
    assert Entry.objects.filter(kind="badges.link_made").count() == 1
    with pytest.raises(GuardError):
        workflow.make_link(people.educator, "X", [theirs.pk])


def test_a_sign_leads_to_the_link(people: People) -> None:
    link, _award = made(people)
    client = signed_in(people.educator)
    assert client.get(f"/badges/links/{link.pk}/qr.svg").content.startswith(b"<svg")
    assert client.get(f"/badges/links/{link.pk}/qr.png").content.startswith(b"\x89PNG")
    assert signed_in(people.educator2).get(f"/badges/links/{link.pk}/qr.svg").status_code == 404


# --- the public page ----------------------------------------------------------------------------------------

PROFILE: dict[str, Any] = {"slug": "maya-rivera", "name_shown": "Maya Rivera", "headline": "Teaches grade 4"}


def test_a_public_page_is_hidden_until_shown_and_holds_only_what_is_public(people: People) -> None:
    public, private = (
        factories.award(people, visibility="public"),
        factories.award(people, factories.published()),
    )
    workflow.save_profile(people.educator, **PROFILE, awards=[public.pk, private.pk])
    assert Client().get("/people/maya-rivera/").status_code == 404
    workflow.save_profile(people.educator, **PROFILE, shown=True, awards=[public.pk, private.pk])
    shown = Client().get("/people/maya-rivera/")
    assert [row.pk for row in shown.context["awards"]] == [public.pk]
    workflow.set_visibility(public, people.educator, "unlisted")
    workflow.set_visibility(public, people.educator, "public")
    assert Client().get("/people/maya-rivera/").context["awards"] == []


@pytest.mark.parametrize("slug", ["admin", "Ab", "a--b", "maya_rivera", "é", "taken"])
def test_an_address_that_cannot_be_says_so_on_its_field(people: People, slug: str) -> None:
    workflow.save_profile(people.educator2, slug="taken", name_shown="Tomás")
    answer = signed_in(people.educator).post("/badges/profile/", {**PROFILE, "slug": slug, "shown": "on"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (400, ["slug"])
    assert not PublicProfile.objects.filter(user=people.educator).exists()


def test_leaving_hides_everything(people: People) -> None:
    link, award = made(people)
    exchange = workflow.begin_exchange(award, people.educator)
    workflow.save_profile(people.educator, **PROFILE, shown=True)
    cache.clear()
    allowed(people.educator)
    people.educator.is_active = False
    people.educator.save()
    paths = ("/people/maya-rivera/", f"/s/{link.token}/", f"/exchanges/{exchange.token}")
    assert [Client().get(path).status_code for path in paths] == [404, 410, 404]
    tasks.closed(str(record("accounts.closed", people.educator).pk))
    profile = PublicProfile.objects.get()
    assert (profile.state, profile.name_shown, profile.headline) == ("hidden", "", "")
    assert ShareLink.objects.get().state == "withdrawn"
    assert [model.objects.count() for model in (AccessToken, RefreshToken)] == [0, 0]


def test_the_demonstration_has_a_page_and_a_link_once(people: People) -> None:
    educator = factories.user(f"educator@{DOMAIN}", name="Demo Educator")
    public = factories.award(people, earner=educator, visibility="public")
    factories.award(people, factories.published(people.northfield), earner=educator)
    for _time in range(2):
        showing.load()
    link = ShareLink.objects.get()
    assert len(Client().get(f"/s/{link.token}/").context["awards"]) == 2
    page = Client().get(f"/people/{showing.SLUG}/")
    assert [row.pk for row in page.context["awards"]] == [public.pk]
