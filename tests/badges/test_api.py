"""Awards through the REST API: the same verbs and rules as the pages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from badges import workflow
from badges.models import Award, Share
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def as_(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def send(client: Client, method: str, url: str, body: Any) -> Any:
    return client.generic(method, url, json.dumps(body), content_type="application/json")


def test_the_list_is_ones_own(people: People) -> None:
    award = factories.award(people)
    factories.award(people, earner=people.educator2, visibility="public")
    body = as_(people.educator).get("/api/v1/awards/").json()
    assert body == {
        "next": None,
        "previous": None,
        "results": [
            {
                "id": str(award.pk),
                "title": award.title,
                "micro_credential": award.slug,
                "stack": None,
                "issuer": "northfield",
                "origin": "assessed",
                "state": "active",
                "visibility": "private",
                "name_shown": "Maya Rivera",
                "awarded_at": award.awarded_at.isoformat().replace("+00:00", "Z"),
                "revoked_at": None,
                "revocation_reason": "",
                "valid_until": None,
                "expired": False,
                "renewed_by": None,
                "url": f"http://127.0.0.1:8000/badges/{award.pk}/",
                "credential_url": f"http://127.0.0.1:8000/badges/{award.pk}",
                "image_url": f"http://127.0.0.1:8000/badges/{award.pk}/image.png",
            }
        ],
    }
    assert Client().get("/api/v1/awards/").status_code == 401


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_of_the_list(people: People, rows: int, django_assert_max_num_queries: Any) -> None:
    for _number in range(rows):
        factories.award(people, factories.published(people.northfield))
    client = as_(people.educator)
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/awards/").json()["results"]) == rows


def test_issuers_list_what_they_issued(people: People) -> None:
    award = factories.award(people)
    for person, found in ((people.approver, [str(award.pk)]), (people.author, []), (people.educator, [])):
        results = as_(person).get("/api/v1/awards/?issued=1").json()["results"]
        assert [row["id"] for row in results] == found


@pytest.mark.parametrize(
    ("person", "code"),
    [("educator", 200), ("educator2", 404), ("approver", 200), ("assessor", 404), ("district_admin", 404)],
)
def test_who_sees_a_private_award(people: People, person: str, code: int) -> None:
    award = factories.award(people)
    assert as_(getattr(people, person)).get(f"/api/v1/awards/{award.pk}/").status_code == code


def test_the_earner_changes_its_visibility(people: People) -> None:
    award = factories.award(people)
    url = f"/api/v1/awards/{award.pk}/"
    answer = send(as_(people.educator), "PATCH", url, {"visibility": "public", "name_shown": "M. R."})
    assert (answer.status_code, answer.json()["visibility"], answer.json()["name_shown"]) == (
        200,
        "public",
        "M. R.",
    )
    assert send(as_(people.educator2), "PATCH", url, {"visibility": "private"}).status_code == 403
    assert Award.objects.get().visibility == "public"


@pytest.mark.parametrize(
    "body", [{"visibility": "all"}, {"name_shown": "x" * 121}, {"name_shown": "a\u202eb"}, [], "x"]
)
def test_nonsense_is_a_problem_with_its_field(people: People, body: Any) -> None:
    award = factories.award(people)
    answer = send(as_(people.educator), "PATCH", f"/api/v1/awards/{award.pk}/", body)
    assert (answer.status_code, answer["Content-Type"]) == (400, "application/problem+json")
    assert answer.json()["errors"]


def test_why_it_was_revoked_is_for_the_earner_and_the_issuer(people: People) -> None:
    award = factories.revoke(factories.award(people, visibility="public"), people, "Copied.")
    seen = {
        name: as_(getattr(people, name)).get(f"/api/v1/awards/{award.pk}/").json()["revocation_reason"]
        for name in ("educator", "approver", "educator2")
    }
    assert seen == {"educator": "Copied.", "approver": "Copied.", "educator2": ""}


def test_sharing_with_a_district(people: People) -> None:
    award = factories.award(people)
    client, url = as_(people.educator), f"/api/v1/awards/{award.pk}/share/"
    assert send(client, "POST", url, {"organization": "riverbend"}).json() == {
        "organization": "riverbend",
        "shared": True,
    }
    assert Share.objects.get().state == "active"
    assert send(client, "POST", url, {"organization": "riverbend", "shared": False}).status_code == 200
    assert send(client, "POST", url, {"organization": "riverbend", "shared": False}).status_code == 409
    for slug in ("hillside", "nowhere"):
        answer = send(client, "POST", url, {"organization": slug})
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["organization"])
    assert send(as_(people.educator2), "POST", url, {"organization": "hillside"}).status_code == 404
    workflow.set_visibility(award, people.educator, "public")
    assert send(as_(people.educator2), "POST", url, {"organization": "hillside"}).status_code == 403
