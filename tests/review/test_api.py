"""Reviews over REST: the same verbs, rules and blindness as the pages, and problems as problem JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import Membership, User
from review import workflow
from review.models import Assessment, Assignment
from submissions.models import Submission
from tests import factories
from tests.people import People, cast
from tests.review.work import ALL_PASS, BELOW, NAMED, claimed, scored, submitted

pytestmark = pytest.mark.django_db
REVIEWS = "/api/v1/reviews/"


@pytest.fixture
def people() -> People:
    return cast()


def call(user: User, method: str, path: str, body: Any = None) -> Any:
    client = Client()
    client.force_login(user)
    return client.generic(method, path, body if isinstance(body, str) else _json(body), "application/json")


def _json(body: Any) -> str:
    return "" if body is None else json.dumps(body)


def test_the_queue_names_nothing_but_the_work(people: People) -> None:
    submission = submitted(people)
    listed = call(people.assessor, "GET", REVIEWS).json()
    assert listed == {
        "next": None,
        "previous": None,
        "results": [
            {
                "submission": str(submission.pk),
                "code": submission.code,
                "micro_credential": submission.enrolment.micro_credential.slug,
                "title": submission.enrolment.version.title,
                "attempt": 1,
                "submitted_on": submission.submitted_at.date().isoformat(),  # type: ignore[union-attr]
                "evidence_kinds": ["plan"],
                "due_on": submission.promised_on.isoformat(),  # type: ignore[union-attr]
                "media_seconds": 0,
                "usual_minutes": 20,
                "kept_until": None,
            }
        ],
    }


def test_what_is_due_comes_first_page_by_page(people: People) -> None:
    unit = factories.published(people.northfield)
    for _number in range(3):
        submitted(people, factories.user(), unit)
    codes = [row.submission.code for row in Assessment.objects.order_by("due", "pk")]
    first = call(people.assessor, "GET", f"{REVIEWS}?page_size=2").json()
    second = call(people.assessor, "GET", first["next"]).json()
    assert [row["code"] for row in first["results"] + second["results"]] == codes


def test_a_review_from_claim_to_decision(people: People) -> None:
    submission = submitted(people)
    review = call(people.assessor, "POST", f"{REVIEWS}{submission.pk}/claim/", {})
    assert (review.status_code, review.json()["state"]) == (201, "claimed")
    path = f"{REVIEWS}{review.json()['id']}/"
    saved = call(people.assessor, "PATCH", path, {"revision": 0, "scores": ALL_PASS, **NAMED})
    assert (saved.json()["revision"], saved.json()["verdict"]) == (1, "earned: every criterion passes.")
    done = call(people.assessor, "POST", f"{path}complete/", {"revision": 1})
    assert (done.json()["state"], Submission.objects.get().state) == ("completed", "earned")
    again = call(people.assessor, "POST", f"{path}complete/", {"revision": 1})
    assert (again.status_code, again.json()["state"]) == (409, "completed")


def test_the_desk_sends_flat_fields(people: People) -> None:
    path = f"{REVIEWS}{claimed(people).pk}/?tab=firsttab1"
    sent = {
        "revision": 0,
        "level-plan": "2",
        "feedback-plan": "More.",
        "strength": "Talk.",
        "level-growth": "",
    }
    saved = call(people.assessor, "PATCH", path, sent).json()
    assert (saved["revision"], saved["scored"], saved["verdict"]) == (1, 1, "not yet (B). 2 criteria left.")
    assert Assignment.objects.get().editor == "firsttab1"


def test_a_stale_save_answers_with_what_is_stored(people: People) -> None:
    assignment = claimed(people)
    path = f"{REVIEWS}{assignment.pk}/"
    call(people.assessor, "PATCH", path, {"revision": 0, "feedback-plan": "Stored."})
    stale = call(people.assessor, "PATCH", path, {"revision": 0, "feedback-plan": "Mine."})
    assert (stale.status_code, stale.json()["revision"]) == (409, 1)
    assert (stale.json()["current"]["feedback-plan"], stale.json()["state"]) == ("Stored.", "claimed")


def test_another_tab_is_told_where_the_pen_is(people: People) -> None:
    path = f"{REVIEWS}{claimed(people).pk}/"
    call(people.assessor, "PATCH", f"{path}?tab=firsttab1", {"revision": 0, "strength": "a"})
    refused = call(people.assessor, "PATCH", f"{path}?tab=othertab2", {"revision": 1, "strength": "b"})
    assert (refused.status_code, "revision" in refused.json()) == (409, False)
    assert "another tab" in refused.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 400),
        ({}, 400),
        ({"revision": -1}, 400),
        ({"revision": 0, "scores": {"plan": {"level": 7}}}, 400),
        ({"revision": 0, "scores": ["plan"]}, 400),
        ({"revision": 0, "feedback-plan": 5}, 400),
        ({"revision": 0, "strength": "a\x00b"}, 400),
        ({"revision": 0, "strength": "x" * 1_000_000}, 400),
        ({"revision": 0, "strength": "x" * 5_300_000}, 413),
    ],
)
def test_strange_bodies_are_problems(people: People, body: Any, status: int) -> None:
    answer = call(people.assessor, "PATCH", f"{REVIEWS}{claimed(people).pk}/", body)
    assert (answer.status_code, answer["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status


def test_unfinished_names_every_gap(people: People) -> None:
    assignment = scored(claimed(people), {"plan": {"level": 1}})
    answer = call(people.assessor, "POST", f"{REVIEWS}{assignment.pk}/complete/", {"revision": 1})
    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == [
        "level-context",
        "feedback-plan",
        "where-plan",
        "next-plan",
        "level-growth",
    ]


def test_an_unseen_draft_is_not_sent(people: People) -> None:
    assignment = scored(claimed(people))
    answer = call(people.assessor, "POST", f"{REVIEWS}{assignment.pk}/complete/", {"revision": 0})
    assert (answer.status_code, answer.json()["revision"]) == (409, 1)


def test_release_and_recuse(people: People) -> None:
    first = claimed(people)
    assert call(people.assessor, "POST", f"{REVIEWS}{first.pk}/release/").json()["state"] == "released"
    second = workflow.claim(first.submission, people.assessor)
    assert call(people.assessor, "POST", f"{REVIEWS}{second.pk}/recuse/", {"reason": "no"}).status_code == 400
    answer = call(people.assessor, "POST", f"{REVIEWS}{second.pk}/recuse/", {"reason": "knows"})
    assert (answer.json()["state"], answer.json()["evidence"]) == ("recused", [])


def test_who_comes_second_gets_409(people: People) -> None:
    submission = claimed(people).submission
    answer = call(people.assessor2, "POST", f"{REVIEWS}{submission.pk}/claim/", {})
    assert (answer.status_code, answer.json()["state"]) == (409, "in_review")


def test_mine_lists_what_i_hold_and_held(people: People) -> None:
    done = workflow.complete(scored(claimed(people), BELOW), people.assessor)
    held = claimed(people, earner=people.educator2)
    listed = call(people.assessor, "GET", f"{REVIEWS}mine/").json()["results"]
    assert [(row["id"], row["state"]) for row in listed] == [
        (str(held.pk), "claimed"),
        (str(done.pk), "completed"),
    ]


@pytest.mark.parametrize("name", ["educator", "author", "district_admin", "admin"])
def test_others_are_refused(people: People, name: str) -> None:
    path = f"{REVIEWS}{claimed(people).pk}/"
    for method, where in (("GET", REVIEWS), ("GET", path), ("PATCH", path), ("POST", f"{path}complete/")):
        assert call(getattr(people, name), method, where, None if method == "GET" else {}).status_code == 403


def test_anonymous_is_asked_to_sign_in(client: Client, people: People) -> None:
    assert client.get(REVIEWS).status_code == 401


def test_nobody_claims_her_own(people: People) -> None:
    factories.member(people.educator, people.northfield, Membership.Role.ASSESSOR)
    own = submitted(people)
    assert call(people.educator, "POST", f"{REVIEWS}{own.pk}/claim/", {}).status_code == 404
