"""The badge's page, its documents and the issuer's pages, through their doors."""

from __future__ import annotations

import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.core.cache import cache
from django.test import Client

from badges import queries, workflow
from badges.models import Award, Revocation
from catalog import workflow as catalog_workflow
from catalog.models import MicroCredential, Part, Stack, StackGroup, StackItem
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db
JSON_LD = "application/vc+ld+json"
WORDS = "The holder has not shared this"


@pytest.fixture
def people() -> People:
    return cast()


def page(client: Client, award: Award, **headers: str) -> Any:
    return client.get(f"/badges/{award.pk}/", headers=headers)


# --- who sees it --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/html", JSON_LD, "application/json", "*/*"])
def test_private_and_unknown_answer_alike(people: People, accept: str) -> None:
    award = factories.award(people)
    client = Client()
    for template in ("/badges/{}/", "/badges/{}.json", "/badges/{}.png", "/badges/{}/image.png"):
        private = client.get(template.format(award.pk), headers={"accept": accept})
        unknown = client.get(template.format(uuid4()), headers={"accept": accept})
        assert (private.status_code, unknown.status_code) == (404, 404)
        assert (private.content, dict(private.headers)) == (unknown.content, dict(unknown.headers))
        assert WORDS in private.content.decode()


@pytest.mark.parametrize("person", ["educator2", "approver", "author", "assessor", "district_admin", "admin"])
def test_a_private_badge_exists_for_its_earner_only(people: People, person: str) -> None:
    award = factories.award(people)
    client = signed_in(getattr(people, person))
    private, unknown = page(client, award), client.get(f"/badges/{uuid4()}/")
    assert (private.status_code, private.content) == (404, unknown.content)
    assert page(signed_in(people.educator), award).status_code == 200


def test_sharing_is_one_tap(people: People) -> None:
    award = factories.award(people)
    client = signed_in(people.educator)
    assert "Only you can see this" in page(client, award).content.decode()
    answer = client.post(f"/badges/{award.pk}/share/", {"visibility": "unlisted"})
    assert (answer.status_code, answer["Location"]) == (302, f"/badges/{award.pk}/")
    shown = page(Client(), award).content.decode()
    assert '<meta name="robots" content="noindex">' in shown
    assert "Maya Rivera" in shown


def test_a_public_badge_may_be_found(people: People) -> None:
    award = factories.award(people, visibility="public")
    assert "noindex" not in page(Client(), award).content.decode()


def test_the_page_says_who_can_do_what_and_who_judged(people: People) -> None:
    shown = page(Client(), factories.award(people, visibility="public")).content.decode()
    for words in (
        "Maya Rivera",
        "The educator plans and leads a discussion in which students build on one another&#x27;s ideas.",
        'Lesson plan <span class="muted">(Lesson or project plan)</span>',
        "An assessor trained by Northfield, without knowing whose work it was, against a public rubric",
        "Valid now",
        "How we checked",
        "<strong>Proficient</strong>",
    ):
        assert words in shown
    assert "Demonstration" not in shown


def test_a_demonstration_says_so(people: People) -> None:
    people.northfield.demo = True
    people.northfield.save()
    shown = page(Client(), factories.award(people, visibility="public")).content.decode()
    assert "Demonstration" in shown


def test_a_revoked_badge_says_so_and_tells_only_the_earner_why(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    assert "Revoked" not in page(Client(), award).content.decode()
    factories.revoke(award, people, "Copied from a colleague.")
    shown = page(Client(), award).content.decode()
    assert "the issuer revoked it on" in shown
    assert "Copied" not in shown
    assert "Copied from a colleague." in page(signed_in(people.educator), award).content.decode()


def test_a_changed_document_is_not_called_valid(people: People) -> None:
    award = factories.award(people, visibility="public")
    page(Client(), award)
    award.credential["name"] = "Something grander"
    award.save()
    cache.clear()
    shown = page(Client(), award).content.decode()
    assert "Not valid" in shown
    assert "something in it was changed" in shown


def test_a_name_with_markup_is_text(people: People) -> None:
    award = factories.award(people)
    workflow.set_visibility(award, people.educator, "public", name_shown="<script>x</script>")
    assert "<script>x" not in page(Client(), award).content.decode()


def test_a_bad_name_is_told_on_its_field(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    data = {"visibility": "public", "name_shown": "Maya\u202e"}
    answer = signed_in(people.educator).post(f"/badges/{award.pk}/share/", data)
    assert answer.status_code == 400
    assert 'id="id_name_shown_error"' in answer.content.decode()
    assert Award.objects.get().visibility == "unlisted"


def test_others_may_not_share_it(people: People) -> None:
    award = factories.award(people)
    url = f"/badges/{award.pk}/share/"
    assert signed_in(people.educator2).post(url, {"visibility": "public"}).status_code == 404
    workflow.set_visibility(award, people.educator, "unlisted")
    assert signed_in(people.educator2).post(url, {"visibility": "public"}).status_code == 403
    assert Client().post(url, {"visibility": "public"}).status_code == 302
    assert Award.objects.get().visibility == "unlisted"


def test_linkedin_gets_a_filled_in_form(people: People) -> None:
    award = factories.award(people, visibility="unlisted")
    query = parse_qs(urlsplit(page(signed_in(people.educator), award).context["linkedin"]).query)
    assert query == {
        "startTask": ["CERTIFICATION_NAME"],
        "name": [award.title],
        "organizationName": ["Northfield"],
        "issueYear": [str(award.awarded_at.year)],
        "issueMonth": [str(award.awarded_at.month)],
        "certUrl": [f"http://127.0.0.1:8000/badges/{award.pk}/"],
        "certId": [str(award.pk)],
    }


def test_sharing_with_the_district_and_taking_it_back(people: People) -> None:
    award = factories.award(people)
    client, url = signed_in(people.educator), f"/badges/{award.pk}/district/"
    assert client.post(url, {"organization": "hillside"}).status_code == 404
    assert client.post(url, {"organization": "riverbend"}).status_code == 302
    assert [row.sees for row in page(client, award).context["districts"]] == [True]
    assert client.post(url, {"organization": "riverbend", "end": "1"}).status_code == 302
    assert [row.sees for row in page(client, award).context["districts"]] == [False]


# --- queries ------------------------------------------------------------------------------------------------


def levels(award: Award) -> int:
    return len(queries.reached(award))


def wide(people: People) -> Award:
    """A badge with more rows of levels."""
    version = factories.draft(people.northfield)
    for number in range(3):
        factories.criterion(version, f"more-{number}", Part.ARTIFACTS, factories.PROFICIENCY)
    catalog_workflow.publish(version, None)
    version.micro_credential.refresh_from_db()
    return factories.award(people, version.micro_credential, visibility="public")


@pytest.mark.parametrize("of", ["three", "six"])
def test_queries_of_the_page(people: People, of: str, django_assert_max_num_queries: Any) -> None:
    award = factories.award(people, visibility="public") if of == "three" else wide(people)
    assert levels(award) == {"three": 3, "six": 6}[of]
    with django_assert_max_num_queries(3):
        page(Client(), award)
    for person in (people.educator, people.educator2, people.approver):
        client = signed_in(person)
        with django_assert_max_num_queries(6):
            assert page(client, award).status_code == 200


def test_what_visitors_get_is_remembered_until_it_changes(
    people: People, django_assert_num_queries: Any
) -> None:
    award = factories.award(people, visibility="public")
    first = page(Client(), award)
    with django_assert_num_queries(1):
        again = page(Client(), award)
    assert again.content == first.content
    assert (
        {"Accept", "Accept-Language", "Cookie"}
        == set(again["Vary"].split(", "))
        == set(first["Vary"].split(", "))
    )
    workflow.set_visibility(award, people.educator, "public", name_shown="M. R.")
    assert "M. R." in page(Client(), award).content.decode()
    factories.revoke(award, people)
    assert "the issuer revoked it on" in page(Client(), award).content.decode()
    workflow.set_visibility(award, people.educator, "private")
    assert page(Client(), award).status_code == 404


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_issuers_list(people: People, rows: int, django_assert_max_num_queries: Any) -> None:
    for _number in range(rows):
        factories.award(people, factories.published(people.northfield))
    client = signed_in(people.approver)
    with django_assert_max_num_queries(6):
        assert len(client.get("/badges/issued/").context["awards"]) == rows


def test_ones_own_badges_are_one_query(people: People, django_assert_num_queries: Any) -> None:
    award = factories.award(people)
    factories.award(people, factories.published(people.northfield), visibility="public")
    with django_assert_num_queries(1):
        cards = queries.awards_of(people.educator)
    assert [card.visibility for card in cards] == ["public", "private"]
    assert (cards[1].url, cards[1].issuer) == (f"/badges/{award.pk}/", "Northfield")


# --- the issuer's pages -------------------------------------------------------------------------------------


def test_the_issuer_sees_what_it_awarded_and_no_hidden_name(people: People) -> None:
    factories.award(people)
    shown = signed_in(people.approver).get("/badges/issued/").content.decode()
    assert "Maya Rivera" not in shown
    Award.objects.update(visibility="unlisted")
    assert "Maya Rivera" in signed_in(people.approver).get("/badges/issued/").content.decode()
    assert signed_in(people.educator).get("/badges/issued/").status_code == 403


def test_the_list_goes_on_by_key(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    awards = [factories.award(people, factories.published(people.northfield)) for _number in range(3)]
    monkeypatch.setattr(sys.modules["badges.views.issued"], "PAGE", 2)
    client = signed_in(people.approver)
    first = client.get("/badges/issued/")
    second = client.get("/badges/issued/" + first.context["older"])
    listed = [row.pk for answer in (first, second) for row in answer.context["awards"]]
    assert listed == [row.pk for row in reversed(awards)]
    assert second.context["older"] == ""
    assert client.get("/badges/issued/?before=x&at=y").status_code == 200


def test_revoking_asks_and_needs_a_reason(people: People) -> None:
    award = factories.award(people)
    client, url = signed_in(people.approver), f"/badges/{award.pk}/revoke/"
    assert client.get(url).status_code == 200
    empty = client.post(url, {"reason": " "})
    assert (empty.status_code, list(empty.context["form"].errors)) == (400, ["reason"])
    opened = client.post(url, {"reason": "Copied."})["Location"]
    assert opened == f"/badges/revocations/{Revocation.objects.get().pk}/"
    again = client.post(url, {"reason": "Again, and at length."})
    assert (again.status_code, "Again, and at length." in again.content.decode()) == (409, True)
    assert Award.objects.get().state == "active"


@pytest.mark.parametrize(("person", "code"), [("educator2", 404), ("author", 403), ("educator", 403)])
def test_others_cannot_revoke(people: People, person: str, code: int) -> None:
    award = factories.award(people)
    url = f"/badges/{award.pk}/revoke/"
    assert signed_in(getattr(people, person)).post(url, {"reason": "Because."}).status_code == code
    assert Award.objects.get().state == "active"


# --- progress with a stack ----------------------------------------------------------------------------------


def stack(people: People, rule: str, minimum: int = 0) -> tuple[Stack, list[MicroCredential]]:
    """Two groups of two."""
    row = Stack.objects.create(
        slug="talk",
        title="Talk",
        description="",
        issuer=people.northfield,
        rule=rule,
        minimum=minimum,
        certificate="Talk",
    )
    units = [factories.published(people.northfield) for _number in range(4)]
    for order in (0, 1):
        group = StackGroup.objects.create(stack=row, minimum=1, order=order)
        for unit in units[order * 2 : order * 2 + 2]:
            StackItem.objects.create(group=group, micro_credential=unit)
    return row, units


@pytest.mark.parametrize(
    ("rule", "minimum", "expected"),
    [("all", 0, (2, 4)), ("n_of_m", 3, (2, 3)), ("n_of_m", 1, (1, 1)), ("groups", 0, (1, 2))],
)
def test_progress_counts_by_the_rule(
    people: People, rule: str, minimum: int, expected: tuple[int, int]
) -> None:
    row, units = stack(people, rule, minimum)
    factories.award(people, units[0])
    factories.award(people, units[1])
    progress = queries.progress(row, people.educator)
    assert (progress.done, progress.needed) == expected
    assert [member.earned for member in progress.members] == [True, True, False, False]
    assert queries.progress(row, people.educator2).done == 0


def test_a_revoked_badge_does_not_count(people: People) -> None:
    row, units = stack(people, "all")
    factories.revoke(factories.award(people, units[0]), people)
    assert queries.progress(row, people.educator).done == 0


def test_the_region_is_a_page_of_its_own(people: People, django_assert_max_num_queries: Any) -> None:
    stack(people, "all")
    client = signed_in(people.educator)
    with django_assert_max_num_queries(6):
        answer = client.get("/stacks/talk/progress/")
    assert "0 of 4" in answer.content.decode()
    assert client.get("/stacks/none/progress/").status_code == 404
    assert Client().get("/stacks/talk/progress/").status_code == 302


def test_addresses_nothing_can_have_lead_nowhere(people: People) -> None:
    award = factories.award(people)
    of_issuer = f"/issuers/{award.issuer.slug}/keys/a%00"
    for address in ("/s/a%00/", f"/s/a%00/{award.pk}/", "/keys/a%00", of_issuer, "/exchanges/a%00"):
        assert (address, Client().get(address).status_code) == (address, 404)
    to_district = signed_in(people.educator).post(f"/badges/{award.pk}/district/", {"organization": "a\0"})
    assert to_district.status_code == 404
    far = f"/badges/issued/?before=9999-12-31T23:59:59-23:59&at={award.pk}"
    assert signed_in(people.approver).get(far).status_code == 200
