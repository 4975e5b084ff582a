"""The catalog over REST."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Collection, CollectionItem, Stack, StackGroup, StackItem
from tests import factories

pytestmark = pytest.mark.django_db
ROOT = "/api/v1"


def get(client: Client, path: str, status: int = 200) -> Any:
    response = client.get(f"{ROOT}{path}" if path.startswith("/") else path)
    assert response.status_code == status, response.content
    return response.json()


def test_list_takes_the_explorers_filters(client: Client) -> None:
    teacher = factories.term("role", "teacher")
    factories.published(terms=[teacher], title="Listening to families", slug="listening")
    factories.published(title="Keeping data private")
    body = get(client, "/micro-credentials/?role=teacher&q=famil")
    assert (body["next"], body["previous"]) == (None, None)
    row = body["results"][0]
    assert [item["slug"] for item in body["results"]] == ["listening"]
    assert row["issuer"] == {"slug": "northfield", "name": "Northfield"}
    assert row["url"].endswith("/micro-credentials/listening/")


def test_list_is_paged_by_cursor_in_both_directions(client: Client) -> None:
    for title in "ABC":
        factories.published(title=title)
    first = get(client, "/micro-credentials/?page_size=2")
    second = get(client, first["next"])
    back = get(client, second["previous"])
    assert [[row["title"] for row in body["results"]] for body in (first, second, back)] == [
        ["A", "B"],
        ["C"],
        ["A", "B"],
    ]
    assert second["next"] is None


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("topic=zzz", "topic"),
        ("sort=luck", "sort"),
        ("cursor=x", "cursor"),
        ("page_size=many", "page_size"),
        ("role=%00", "role"),
    ],
)
def test_bad_input_is_a_problem_that_names_the_field(client: Client, query: str, field: str) -> None:
    body = get(client, f"/micro-credentials/?{query}", 400)
    assert (body["status"], list(body["errors"])) == (400, [field])


@pytest.mark.parametrize("path", ["collections", "stacks", "issuers"])
@pytest.mark.parametrize("cursor", ["x", "cD0lMDA=", "bz0tMQ=="])
def test_made_up_cursors_are_bad_input(client: Client, path: str, cursor: str) -> None:
    assert get(client, f"/{path}/?cursor={cursor}", 400)["errors"].keys() == {"cursor"}


def test_detail_is_the_whole_template(client: Client) -> None:
    row = factories.published(terms=[factories.term("role", "teacher")], slug="listening")
    body = get(client, "/micro-credentials/listening/")
    assert body["version"] == str(row.current_id)
    assert body["job_roles"] == [{"slug": "teacher", "name": "Teacher"}]
    assert [(item["part"], item["key"]) for item in body["questions"]] == [(1, "context"), (3, "growth")]
    assert [item["key"] for item in body["criteria"]] == ["context", "plan", "growth"]
    assert [(level["title"], level["passing"]) for level in body["criteria"][1]["levels"]] == [
        ("Developing", False),
        ("Basic", False),
        ("Proficient", True),
    ]
    assert body["criteria"][1]["requirements"] == ["plan"]


def test_drafts_are_not_found(client: Client) -> None:
    slug = factories.draft().micro_credential.slug
    assert get(client, f"/micro-credentials/{slug}/", 404)["status"] == 404
    assert get(client, "/micro-credentials/")["results"] == []


def test_groups_name_their_public_members_in_order(client: Client) -> None:
    rows = [factories.published(slug=slug) for slug in ("one", "two")] + [
        factories.draft(slug="three").micro_credential
    ]
    stack = Stack.objects.create(
        slug="s", title="S", description="…", issuer=rows[0].issuer, rule="n_of_m", minimum=1
    )
    group = StackGroup.objects.create(stack=stack, title="G", minimum=1)
    collection = Collection.objects.create(slug="c", title="C", description="…", editor="E")
    for order, row in enumerate(reversed(rows)):
        StackItem.objects.create(group=group, micro_credential=row, order=order)
        CollectionItem.objects.create(collection=collection, micro_credential=row, order=order)
    assert get(client, "/stacks/s/")["groups"] == [
        {"title": "G", "minimum": 1, "micro_credentials": ["two", "one"]}
    ]
    assert get(client, "/stacks/")["results"][0]["slug"] == "s"
    assert get(client, "/collections/c/")["micro_credentials"] == ["two", "one"]
    assert get(client, "/collections/")["results"][0]["curator"] is None


def test_issuers_are_those_who_may_publish(client: Client) -> None:
    factories.organisation("northfield")
    factories.organisation("hillside", "district")
    assert [row["slug"] for row in get(client, "/issuers/")["results"]] == ["northfield"]
    assert get(client, "/issuers/northfield/")["name"] == "Northfield"
    get(client, "/issuers/hillside/", 404)
