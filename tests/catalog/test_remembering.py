"""What visitors get is made once and never stale."""

from __future__ import annotations

import re

import pytest
from django.core.cache import caches
from django.db import connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from accounts.models import Organisation
from catalog import workflow
from catalog.models import Collection
from catalog.remembering import stamp_now
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _forgotten() -> None:
    caches["pages"].clear()


def test_a_page_is_made_once(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    factories.published(title="Waiting time")
    first = Client().get("/explore/")
    with django_assert_num_queries(1):
        again = Client().get("/explore/")
    assert again.content == first.content
    assert (again["ETag"], again["Cache-Control"]) == (first["ETag"], "private, no-cache")
    assert {"Cookie", "Accept-Language"} == set(again["Vary"].split(", "))


def test_asking_again_sends_nothing_until_something_is_published() -> None:
    unit = factories.published(title="Waiting time")
    etag = Client().get("/explore/")["ETag"]
    same = Client().get("/explore/", headers={"if-none-match": etag})
    assert (same.status_code, same.content) == (304, b"")
    workflow.retire(unit, None)
    gone = Client().get("/explore/", headers={"if-none-match": etag})
    assert gone.status_code == 200
    assert "Waiting time" not in gone.content.decode()


def test_every_way_to_change_the_catalogue_shows_at_once() -> None:
    unit = factories.published(title="Waiting time")
    url = f"/micro-credentials/{unit.slug}/"
    assert "Harbour" not in Client().get(url).content.decode()
    Organisation.objects.filter(pk=unit.issuer_id).update(name="Harbour Institute")
    assert "Harbour Institute" in Client().get(url).content.decode()
    workflow.publish_figures(unit.current, {"least_agreement": 87, "double_scored": 40})  # type: ignore[arg-type]
    assert "87 %" in Client().get(url).content.decode()
    Collection.objects.create(slug="first-term", title="First term", description="…", editor="Ana Lise")
    assert "First term" in Client().get("/explore/").content.decode()


def test_addresses_and_languages_are_kept_apart() -> None:
    factories.published(title="Waiting time")
    factories.published(title="Reading aloud")
    everything = Client().get("/explore/").content
    assert b"Waiting time" in everything
    assert b"Waiting time" not in Client().get("/explore/?q=aloud").content
    assert Client().get("/explore/").content == everything


def test_each_visitor_has_her_own_token_and_can_enrol() -> None:
    url = f"/micro-credentials/{factories.published().slug}/"
    tokens = []
    for client in (Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)):
        html = client.get(url).content.decode()
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', html)
        assert token
        tokens.append(token[1])
        assert client.post(f"{url}enrol/", {"csrfmiddlewaretoken": token[1]}).status_code == 302
    assert tokens[0] != tokens[1]
    stranger = Client(enforce_csrf_checks=True)
    stranger.get(url)
    assert stranger.post(f"{url}enrol/", {"csrfmiddlewaretoken": tokens[0]}).status_code == 403


def test_who_is_signed_in_is_never_shown_a_visitors_page() -> None:
    factories.published()
    Client().get("/explore/")
    client = Client()
    client.force_login(factories.user(name="Maya Rivera"))
    shown = client.get("/explore/")
    assert "Maya Rivera" in shown.content.decode()
    assert not shown.has_header("ETag")
    assert "Maya Rivera" not in Client().get("/explore/").content.decode()


def test_people_share_the_explorer_and_nothing_of_each_other(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    unit = factories.published(title="Waiting time")
    maya, sam = Client(), Client()
    maya.force_login(factories.user(name="Maya Rivera"))
    sam.force_login(factories.user(name="Sam Whitlock"))
    assert "Maya Rivera" in maya.get("/explore/").content.decode()
    with django_assert_num_queries(3):
        shown = sam.get("/explore/").content.decode()
    assert "Sam Whitlock" in shown
    assert "Waiting time" in shown
    assert "Maya" not in shown
    workflow.retire(unit, None)
    assert "Waiting time" not in sam.get("/explore/").content.decode()


def test_people_share_a_micro_credential_but_no_token(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    url = f"/micro-credentials/{factories.published().slug}/"
    maya, sam = Client(enforce_csrf_checks=True), Client(enforce_csrf_checks=True)
    maya.force_login(factories.user(name="Maya Rivera"))
    sam.force_login(factories.user(name="Sam Whitlock"))
    maya.get(url)
    with django_assert_num_queries(3):
        shown = sam.get(url).content.decode()
    assert "Maya" not in shown
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', shown)
    assert token
    assert maya.post(f"{url}enrol/", {"csrfmiddlewaretoken": token[1]}).status_code == 403
    assert sam.post(f"{url}enrol/", {"csrfmiddlewaretoken": token[1]}).status_code == 302


def test_a_draft_is_shared_with_nobody() -> None:
    draft = factories.draft(factories.organisation("northfield"))
    url = f"/micro-credentials/{draft.micro_credential.slug}/"
    author = Client()
    person = factories.user()
    factories.member(person, draft.micro_credential.issuer, "author")
    author.force_login(person)
    stranger = Client()
    stranger.force_login(factories.user())
    assert [client.get(url).status_code for client in (author, stranger, Client())] == [200, 404, 404]


def test_what_is_missing_is_not_remembered() -> None:
    assert Client().get("/micro-credentials/later/").status_code == 404
    factories.published(slug="later")
    assert Client().get("/micro-credentials/later/").status_code == 200


def test_the_stamp_changes_once_a_transaction_and_is_not_asked_within() -> None:
    factories.published()
    before = stamp_now()
    assert stamp_now() == before
    with transaction.atomic():
        factories.published()
        assert stamp_now() is None
    after = stamp_now()
    assert before != after
    Organisation.objects.update(about="…")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM catalog_stamp")
        assert cursor.fetchone() == (1,)
    assert stamp_now() not in {before, after}
