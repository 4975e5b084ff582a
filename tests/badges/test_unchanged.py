"""Whoever kept a page hears that it still stands, before anything else is made ready; nobody hears it of what changed."""

from __future__ import annotations

import pytest
from django.core.cache import caches
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from badges import workflow
from badges.models import Award
from tests import factories
from tests.people import People, cast, signed_in

pytestmark = pytest.mark.django_db(transaction=True)
SAME = ("ETag", "Cache-Control", "Vary", "Content-Language", "Content-Security-Policy", "Referrer-Policy")


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def award(people: People) -> Award:
    caches["pages"].clear()
    return factories.award(people, visibility="unlisted")


def test_it_costs_one_query_and_carries_what_the_page_carried(
    award: Award, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for url, robots in ((f"/badges/{award.pk}/", "noindex"), ("/explore/", None)):
        first = Client().get(url)
        with django_assert_num_queries(1):
            again = Client().get(url, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content, again.cookies) == (304, b"", {})
        assert {name: again.get(name) for name in SAME} == {name: first.get(name) for name in SAME}
        assert again.get("X-Robots-Tag") == robots
        head = Client().head(url, headers={"if-none-match": first["ETag"]})
        assert (head.status_code, head["ETag"]) == (304, first["ETag"])


def test_what_changed_is_sent_and_what_is_hidden_is_gone(award: Award, people: People) -> None:
    url = f"/badges/{award.pk}/"
    headers = {"if-none-match": Client().get(url)["ETag"]}
    program = Client().get(url, headers={**headers, "accept": "application/vc"})
    assert (program.status_code, program["Content-Type"]) == (200, "application/vc")
    assert signed_in(people.educator).get(url, headers=headers).status_code == 200
    workflow.set_visibility(award, people.educator, Award.Visibility.PRIVATE)
    assert Client().get(url, headers=headers).status_code == 404
    assert Client().get("/badges/nowhere/", headers=headers).status_code == 404
    assert Client().get("/badges/%00/", headers=headers).status_code == 404


def test_a_form_is_always_sent_with_its_own_token(award: Award) -> None:
    url = f"/micro-credentials/{award.slug}/"
    client = Client()
    for _time in range(2):
        assert client.get(url, headers={"if-none-match": "*"}).status_code == 200


def test_a_foreign_host_is_refused_first(award: Award) -> None:
    url = f"/badges/{award.pk}/"
    headers = {"if-none-match": Client().get(url)["ETag"], "host": "elsewhere.example"}
    assert Client().get(url, headers=headers).status_code == 400
