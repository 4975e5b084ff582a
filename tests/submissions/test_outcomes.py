"""What she reads of an outcome: the places it cites one click away, and how useful she finds it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import Criterion
from journal.models import Entry
from microcreds.demo import evidence
from review import workflow as review
from submissions import workflow
from submissions.models import Artifact, Outcome, Preview, Submission
from submissions.places import cut
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import claimed, desk, submitted
from tests.submissions.stories import decided

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def outcome(people: People) -> Submission:
    """Not yet on the plan, with three cited places and one in words."""
    first = decided(people.educator, factories.published(people.northfield), below="plan")
    film = factories.kept(first, b"film", "video/mp4", "Lesson video")
    photo = factories.kept(first, evidence.plan(), "image/png", "Board photo")
    assert film.content is not None
    Preview.objects.create(content=film.content, kind="captions", file="x", content_type="text/vtt", size=1)
    places = [
        {"artifact": str(film.pk), "question": "", "kind": "time", "place": {"start": 408.2, "end": 420}, "text": "Here two answer each other."},
        {"artifact": str(photo.pk), "question": "", "kind": "region", "place": {"page": 1, "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.25}, "text": ""},
        {"artifact": None, "question": "growth", "kind": "passage", "place": {"start": 2, "end": 11, "quote": "wait much"}, "text": ""},
    ]  # fmt: skip
    places.append(
        {"artifact": None, "question": "", "kind": "words", "place": {}, "text": "Minute two & after."}
    )
    Outcome.objects.filter(submission=first, criterion__key="plan").update(
        places=places, next_step="Film who speaks after whom."
    )
    Outcome.objects.filter(submission=first, criterion__key="context").update(carried_from=1)
    return first


def test_each_criterion_says_what_was_seen_where_and_what_comes_next(
    people: People, outcome: Submission
) -> None:
    client = signed_in(people.educator)
    page = client.get(f"/submissions/{outcome.pk}/").content.decode()
    for words in (
        "at 06:48 in Lesson video", "a part of Board photo", "“wait much” in What changed?",
        "Here two answer each other.", "<li>Minute two &amp; after.</li>", "Film who speaks after whom.", "Passed in attempt 1, stays passed.",
        "What to do next", "2 of 3 criteria are there. The rest is within reach.",
    ):  # fmt: skip
        assert words in page
    links = re.findall(rf"/submissions/{outcome.pk}/places/plan/(\d)/", page)
    assert links == ["1", "2", "3"]
    film, photo, passage = (
        client.get(f"/submissions/{outcome.pk}/places/plan/{number}/").content.decode() for number in links
    )
    assert (film.count("#t=408.2,420"), 'kind="captions"' in film, "<video" in film) == (2, True, True)
    assert '<rect x="100.0" y="200.0" width="300.0" height="250.0"/>' in photo
    assert 'I <mark id="here">wait much</mark> longer now' in passage
    for wrong in ("plan/4", "plan/0", "context/1", "none/1"):
        assert client.get(f"/submissions/{outcome.pk}/places/{wrong}/").status_code == 404
    assert signed_in(people.educator2).get(f"/submissions/{outcome.pk}/places/plan/1/").status_code == 404


def test_a_piece_that_is_gone_is_still_described(people: People, outcome: Submission) -> None:
    Artifact.objects.filter(title="Lesson video").update(state="deleted", content=None)
    client = signed_in(people.educator)
    assert "at 06:48 in Lesson video" in client.get(f"/submissions/{outcome.pk}/").content.decode()
    page = client.get(f"/submissions/{outcome.pk}/places/plan/1/").content.decode()
    assert ("This piece has been deleted since" in page, "<video" in page) == (True, False)


def test_the_api_gives_the_same(people: People, outcome: Submission) -> None:
    body = signed_in(people.educator).get(f"/api/v1/submissions/{outcome.pk}/").json()
    plan = next(one for one in body["outcomes"] if one["criterion"] == "plan")
    assert (plan["next_step"], plan["carried_from"]) == ("Film who speaks after whom.", None)
    assert [one["words"] for one in plan["places"]] == [
        "at 06:48 in Lesson video", "a part of Board photo", "“wait much” in What changed?", "Minute two & after.",
    ]  # fmt: skip
    assert (plan["places"][2]["artifact"], plan["places"][0]["place"]["start"]) == (None, 408.2)


@pytest.mark.parametrize(
    ("start", "quote", "found"),
    [(4, "b", "b"), (99, "second b", "second b"), (0, "nowhere", ""), (10, "b", "b")],
)
def test_a_passage_is_found_by_its_words(start: int, quote: str, found: str) -> None:
    text = "one b, second b"
    before, middle, after = cut(text, {"start": start, "end": start, "quote": quote})
    assert (before + middle + after, middle) == (text, found)
    assert len(cut(text, {"start": 10, "end": 11, "quote": "b"})[0]) == 14, "the nearest one"


def test_she_says_how_useful_it_was_and_may_change_it_for_some_time(
    people: People, outcome: Submission
) -> None:
    client, address = signed_in(people.educator), f"/submissions/{outcome.pk}/useful/"
    assert client.post(address, {"rating": "4"}).status_code == 302
    assert client.post(f"/api/v1{address}", {"rating": 2}, "application/json").json()["useful"] == 2
    assert client.post(address, {"rating": "9"}).status_code == 400
    assert [one.data for one in Entry.objects.filter(kind="submissions.feedback_rated").order_by("created")] == [
        {"rating": 4, "before": None}, {"rating": 2, "before": 4},
    ]  # fmt: skip
    page = client.get(f"/submissions/{outcome.pk}/").content.decode()
    assert re.findall(r'value="(\d)" aria-pressed="true"', page) == ["2"]
    assert signed_in(people.educator2).post(address, {"rating": "4"}).status_code == 404
    Submission.objects.filter(pk=outcome.pk).update(decided_at=timezone.now() - timedelta(days=61))
    assert "How useful is this feedback" not in client.get(f"/submissions/{outcome.pk}/").content.decode()
    assert client.post(address, {"rating": "1"}).status_code == 409


def test_who_may_be_recognised_is_told_and_may_ask_for_somebody_from_elsewhere(people: People) -> None:
    draft = workflow.enrol(people.educator, factories.published(people.northfield))
    workflow.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    workflow.add_text(draft, people.educator, requirement="plan", text="First we look.")
    client, address = signed_in(people.educator), f"/submissions/{draft.pk}/"
    assert "you may be recognised" not in client.get(address).content.decode()
    factories.kept(draft, b"film", "video/mp4", "film.mp4", coverage="nobody")
    page = client.get(address).content.decode()
    assert ("Your name is hidden; you may be recognised" in page, 'name="outside"' in page) == (True, True)
    sent = {**{f"answers.{key}": text for key, text in factories.ANSWERS.items()}, "revision": "1"}
    assert (
        client.post(f"{address}submit/", {**sent, "attest-privacy": "on", "outside": "on"}).status_code == 302
    )
    draft.refresh_from_db()
    assert (draft.state, draft.outside) == ("submitted", True)
    factories.member(people.assessor, people.hillside, "coach")
    factories.member(people.assessor2, people.riverbend, "educator")
    review.enter(draft)
    assert review.claim(draft, people.assessor).state == "claimed"
    with pytest.raises(Exception, match="not yours"):
        review.claim(draft, people.assessor2)


def test_outside_can_be_asked_and_taken_back_by_the_api(people: People) -> None:
    unit = factories.published(people.northfield)
    draft = workflow.enrol(people.educator, unit)
    workflow.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    workflow.add_text(draft, people.educator, requirement="plan", text="First we look.")
    client, address = signed_in(people.educator), f"/api/v1/submissions/{draft.pk}/"
    for given, kept in (({"outside": True}, True), ({}, True), ({"outside": False}, False)):
        body = client.post(
            f"{address}submit/", {"attestations": ["privacy"], **given}, "application/json"
        ).json()
        assert (body["outside"], body["may_be_recognised"]) == (kept, False)
        client.post(f"{address}withdraw/")


def test_the_desk_shows_what_changed_without_names(people: People) -> None:
    first = submitted(people)
    assignment = review.claim(first, people.assessor)
    scores = {
        row.key: {
            "level": row.passing - (row.key == "plan"),
            "feedback": "More.",
            "where": "p. 1",
            "next_step": "Add.",
        }
        for row in Criterion.objects.filter(version=first.enrolment.version_id)
    }
    review.save(assignment, people.assessor, revision=0, scores=scores, strength="A.", next_step="B.")
    review.complete(assignment, people.assessor)
    first.refresh_from_db()
    draft = workflow.resubmit(first, people.educator)
    workflow.save(
        draft,
        people.educator,
        revision=0,
        resubmission_note="Names.",
        answers={"growth": "I wait a little longer"},
    )
    workflow.remove_artifact(draft.artifacts.get(), people.educator)
    workflow.add_text(
        draft, people.educator, requirement="plan", title="Maya's plan", text="Ask, wait, film it."
    )
    workflow.submit(draft, people.educator, ["privacy"])
    review.enter(draft)
    again = review.claim(draft, people.assessor)
    client = signed_in(people.assessor)
    assert f'data-src="{desk(again)}changed/"' in client.get(desk(again)).content.decode()
    page = client.get(f"{desk(again)}changed/").content.decode()
    assert "<del> much</del><ins> a little</ins>" in page
    assert ("Replaced</span> Lesson plan" in page, "1 answer is as it was." in page) == (True, True)
    assert "<ins> film it.</ins>" in page
    assert "Maya" not in page
    assert signed_in(people.assessor2).get(f"{desk(again)}changed/").status_code == 404
    assert claimed(people, earner=people.educator2).state == "claimed"
