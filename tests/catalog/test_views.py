"""The public pages: what they show, to whom, and what they cost."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Membership
from catalog import workflow
from catalog.models import Collection, CollectionItem, MicroCredential, Stack, StackGroup, StackItem, Version
from microcreds.demo import catalogue
from tests import factories

pytestmark = pytest.mark.django_db


def stack_of(rows: list[MicroCredential], rule: str = "all", minimum: int = 0) -> Stack:
    stack = Stack.objects.create(
        slug="a-stack", title="A stack", description="…", issuer=rows[0].issuer, rule=rule, minimum=minimum,
        certificate="A certificate",
    )  # fmt: skip
    group = StackGroup.objects.create(stack=stack, title="First group", minimum=1)
    for order, row in enumerate(rows):
        StackItem.objects.create(group=group, micro_credential=row, order=order)
    return stack


def collection_of(rows: list[MicroCredential]) -> Collection:
    row = Collection.objects.create(
        slug="a-collection", title="A collection", description="…", editor="Ana Lise"
    )
    for order, member in enumerate(reversed(rows)):
        CollectionItem.objects.create(collection=row, micro_credential=member, order=order)
    return row


def page(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


@pytest.mark.parametrize("number", [1, 3])
def test_anonymous_pages_cost_at_most_three_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, number: int
) -> None:
    term = factories.term("role", "teacher")
    rows = [factories.published(terms=[term], without_students=True) for _number in range(number)]
    stack_of(rows)
    collection_of(rows)
    costs = {
        "/explore/": 3,
        "/explore/?q=students&role=teacher&without_students=1&sort=shortest": 3,
        f"/micro-credentials/{rows[0].slug}/": 3,
        "/collections/a-collection/": 2,
        "/stacks/a-stack/": 2,
        "/issuers/northfield/": 3,
    }
    for url, cost in costs.items():
        with django_assert_num_queries(cost):
            page(client, url)


def test_signed_in_pages_cost_at_most_six_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    row = factories.published()
    client.force_login(factories.user())
    for url in ("/explore/?q=students", f"/micro-credentials/{row.slug}/", "/issuers/northfield/"):
        client.get(url)
        with django_assert_max_num_queries(6):
            page(client, url)


def test_the_whole_demo_catalogue_fits_into_30_kb(client: Client) -> None:
    catalogue.load()
    for query in (
        "",
        "?role=teacher",
        "?q=students&role=teacher&topic=belonging&grade=3-5&evidence=plan&hours=5-8",
    ):
        assert len(client.get(f"/explore/{query}").content) <= 30_000, query


def test_explorer_shows_cards_counts_chips_and_zeros(client: Client) -> None:
    factories.term("topic", "leadership")
    factories.published(terms=[factories.term("role", "teacher")], title="Listening to families")
    html = page(client, "/explore/?role=teacher")
    assert "1 micro-credential" in words(html)
    assert '<a href="/micro-credentials/' in html
    assert re.search(r'value="teacher" checked>Teacher<small>1</small>', html)
    assert re.search(
        r'class="facet--none"><input type="checkbox" name="topic" value="leadership">Leadership<small>0<',
        html,
    )
    assert '<a class="chip chip--on" href="?">' in html


def test_nothing_found_says_what_to_do(client: Client) -> None:
    factories.published()
    assert "Nothing matches all of this" in words(page(client, "/explore/?q=zebra"))


def test_unknown_filters_and_foreign_cursors_are_answered_in_words(client: Client) -> None:
    factories.published()
    html = words(page(client, "/explore/?topic=%3Cb%3E&cursor=nonsense&q=%00"))
    assert "This filter is not in our lists and was left out: topic “&lt;b&gt;”" in html
    assert "That page of the list is no longer there" in html
    assert client.get("/issuers/northfield/?cursor=nonsense").status_code == 200


def test_the_page_shows_every_part_and_the_rubric_without_an_account(client: Client) -> None:
    row = factories.published(title="Listening to families")
    stack_of([row])
    collection_of([row])
    text = words(page(client, f"/micro-credentials/{row.slug}/"))
    for part in (
        "Listening to families", "The educator plans and leads a discussion", "Open questions, wait time", "Open questions Ask what",
        "Mehan, H. (1979)", "A talk protocol", "Part 1: Overview questions Who are your students? 3–50 words", "Lesson plan One lesson.",
        "1 to 2 artifacts · Plan", "Part 3: Reflection What changed?", "I removed or covered", "Developing plan at Developing", "plan at Proficient",
        "Not yet calibrated", "6–8 hours", "Usually 4 weeks", "A stack stack of 1", "A collection", "Ask the issuer", "Version 1, published",
    ):  # fmt: skip
        assert part in text


def test_enrol_is_a_form_that_anybody_may_send(client: Client) -> None:
    row = factories.published()
    html = page(client, f"/micro-credentials/{row.slug}/")
    assert f'<form class="no-print" method="post" action="/micro-credentials/{row.slug}/enrol/">' in html
    assert "csrfmiddlewaretoken" in html


def test_markdown_of_an_author_carries_no_script(client: Client) -> None:
    rationale = "**Bold** <script>alert(1)</script> [x](javascript:alert(1)) <img src=x onerror=alert(1)>"
    html = page(client, f"/micro-credentials/{factories.published(rationale=rationale).slug}/")
    assert "<strong>Bold</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert 'href="javascript' not in html
    assert html.count("<img") == html.count('<img class="badge-picture" src="/achievements/') == 1


def test_examples_are_annotated_by_criterion(client: Client) -> None:
    note = {"criterion": "plan", "level": "Basic", "note": "Because of this."}
    examples = [{"outcome": "not_yet", "title": "Grade 4", "text": "An *excerpt*.", "annotations": [note]}]
    html = page(client, f"/micro-credentials/{factories.published(examples=examples).slug}/")
    assert "<em>excerpt</em>" in html
    assert "Plan Basic Because of this." in words(html)


def test_drafts_are_for_their_authors_only(client: Client) -> None:
    version: Version = factories.draft(title="A secret draft")
    url = f"/micro-credentials/{version.micro_credential.slug}/"
    assert client.get(url).status_code == 404
    author, stranger = factories.user(), factories.user()
    factories.member(author, version.micro_credential.issuer, Membership.Role.AUTHOR)
    factories.member(stranger, factories.organisation("lakes"), Membership.Role.AUTHOR)
    client.force_login(stranger)
    assert client.get(url).status_code == 404
    client.force_login(author)
    html = page(client, url)
    assert "A draft: only its issuer" in html
    assert 'action="/micro-credentials/' not in html


def test_a_retired_one_stays_readable_and_cannot_be_enrolled_in(client: Client) -> None:
    row = factories.published()
    workflow.retire(row, None)
    html = page(client, f"/micro-credentials/{row.slug}/")
    assert "This micro-credential is retired" in html
    assert 'action="/micro-credentials/' not in html


@pytest.mark.parametrize(
    ("rule", "minimum", "sentence"),
    [
        ("all", 0, "Earn all 3 micro-credentials below, in any order."),
        ("n_of_m", 2, "Earn any 2 of the 3 micro-credentials below."),
        ("groups", 0, "Earn from each group below the number named with it."),
    ],
)
def test_a_stack_says_its_rule_in_words(client: Client, rule: str, minimum: int, sentence: str) -> None:
    stack_of([factories.published() for _number in range(3)], rule, minimum)
    text = words(page(client, "/stacks/a-stack/"))
    assert sentence in text
    assert ("1 of 3 needed" in text) == (rule == "groups")


def test_a_collection_keeps_its_editors_order_and_name(client: Client) -> None:
    collection_of([factories.published(title=title) for title in ("Alpha", "Beta", "Gamma")])
    html = page(client, "/collections/a-collection/")
    assert "Chosen by Ana Lise" in html
    assert re.findall(r"(Alpha|Beta|Gamma)</a>", html) == ["Gamma", "Beta", "Alpha"]


@pytest.mark.parametrize(
    "url", ["/micro-credentials/none/", "/collections/none/", "/stacks/none/", "/issuers/oak-school/"]
)
def test_unknown_addresses_are_not_found(client: Client, url: str) -> None:
    factories.organisation("oak-school", "district")
    assert client.get(url).status_code == 404


def test_pages_are_read_only(client: Client) -> None:
    assert client.post("/explore/").status_code == 405
