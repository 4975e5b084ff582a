"""Notes on places of the evidence, the scores that cite them, and what of them reaches the educator."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review import queries, workflow
from review.models import Assessment, Assignment, Note, Score
from review.places import Misplaced, Piece, checked, occurrences
from review.rules import may_write
from submissions import workflow as submissions
from submissions.models import Artifact, Content, Outcome
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.test_api import call
from tests.review.work import ALL_PASS, NAMED, SHOWN, claimed, desk, fill, scored, submitted

pytestmark = pytest.mark.django_db
WAIT: dict[str, Any] = {"kind": "passage", "question": "growth", "place": {"quote": "much longer"}}


@pytest.fixture
def people() -> People:
    return cast()


def filmed(people: People) -> tuple[Assignment, Artifact, Artifact]:
    """A claim on an attempt with a recording of 90 seconds and a document of two pages."""
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    video = factories.kept(draft, b"film", "video/mp4", "lesson.mp4")
    plan = factories.kept(draft, b"paper", "application/pdf", "plan.pdf")
    Content.objects.filter(artifacts=video).update(facts={"duration": 90})
    Content.objects.filter(artifacts=plan).update(facts={"pages": 2}, text="We wait.\nWe wait again.")
    sent = submissions.submit(draft, people.educator, ["privacy"])
    return workflow.claim(sent, people.assessor), video, plan


def add(assignment: Assignment, **given: Any) -> Note:
    return workflow.add_note(assignment, assignment.assessor, **{**WAIT, **given})


class TestPlaces:
    PAGE = Piece(frozenset({"region"}), pages=2)
    FILM = Piece(frozenset({"time"}), duration=90)

    @pytest.mark.parametrize(
        ("kind", "given", "piece"),
        [
            ("time", {"start": 12, "end": 3}, FILM),
            ("time", {"start": 95}, FILM),
            ("time", {"start": float("nan")}, FILM),
            ("time", {"start": True}, FILM),
            ("time", {}, FILM),
            ("region", {"page": 3, "x": 0, "y": 0, "width": 1, "height": 1}, PAGE),
            ("region", {"page": 1, "x": 0.5, "y": 0, "width": 0.6, "height": 1}, PAGE),
            ("region", {"page": 1, "x": 0, "y": 0, "width": 0, "height": 1}, PAGE),
            ("passage", {"quote": "We"}, FILM),
            ("passage", {"quote": " * "}, Piece(frozenset({"passage"}), text="We * wait")),
            ("passage", {"quote": "hurry"}, Piece(frozenset({"passage"}), text="We wait")),
        ],
    )
    def test_what_is_not_there_is_refused(self, kind: str, given: dict[str, Any], piece: Piece) -> None:
        with pytest.raises(Misplaced):
            checked(kind, given, piece)

    def test_words_are_found_by_their_letters_whatever_the_page_made_of_the_rest(self) -> None:
        text = "# We *wait*\n- we\n  wait, and Straße; we wait"
        assert [text[a:b] for a, b in occurrences(text, "we wait")] == ["We *wait", "we\n  wait", "we wait"]
        assert occurrences(text, "wait - we")[0][0] == text.index("wait")
        second = checked("passage", {"quote": "we wait", "nth": 2}, Piece(frozenset({"passage"}), text=text))
        assert (second["quote"], second["nth"]) == ("we wait", 2)


class TestNotes:
    def test_have_a_place_of_each_kind(self, people: People) -> None:
        assignment, video, plan = filmed(people)
        box = {"page": 2, "x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4}
        add(assignment, kind="time", question="", artifact=video.pk, place={"start": 61.5})
        add(assignment, kind="region", question="", artifact=plan.pk, place=box)
        add(assignment, kind="passage", question="", artifact=plan.pk, place={"quote": "we wait"})
        labels = {placed.note.kind: placed.label for placed in queries.notes(assignment)}
        assert labels == {"time": "01:01", "region": "page 2", "passage": "“We wait”"}
        assert Note.objects.get(kind="region").place == box

    def test_stay_inside_this_submission(self, people: People) -> None:
        assignment, _video, _plan = filmed(people)
        other = submitted(people, people.educator2).artifacts.get()
        for wrong in (
            {"artifact": other.pk, "question": "", "place": {"quote": "Ask"}},
            {"question": "nothing"},
            {"question": "", "artifact": None},
            {"criterion": "nothing"},
            {"criterion": "", "cited": True},
            {"text": "x" * 2001},
        ):
            with pytest.raises(GuardError):
                add(assignment, **wrong)
        assert Note.objects.count() == 0

    def test_are_added_once_however_often_they_are_sent(self, people: People) -> None:
        assignment, pk = claimed(people), uuid4()
        first, again = add(assignment, pk=pk, text="One."), add(assignment, pk=pk, text="Two.")
        assert (first.pk, again.text, Note.objects.count()) == (pk, "One.", 1)
        theirs = claimed(people, earner=people.educator2)
        with pytest.raises(GuardError):
            add(theirs, pk=pk)

    def test_have_a_limit(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("review.workflow.noting.MOST_NOTES", 1)
        assignment = claimed(people)
        add(assignment)
        with pytest.raises(GuardError):
            add(assignment)

    def test_are_the_claimers_only_and_end_with_the_claim(self, people: People) -> None:
        assignment = scored(claimed(people))
        note = add(assignment)
        verbs: list[Any] = [
            lambda user: workflow.add_note(assignment, user, **WAIT),
            lambda user: workflow.change_note(assignment, user, note.pk, text="x"),
            lambda user: workflow.cite(assignment, user, note.pk, "growth"),
            lambda user: workflow.remove_note(assignment, user, note.pk),
        ]
        for verb in verbs:
            with pytest.raises(GuardError):
                verb(people.assessor2)
        workflow.complete(assignment, people.assessor)
        for verb in verbs:
            with pytest.raises(TransitionError):
                verb(people.assessor)
        assert Note.objects.get().text == ""

    def test_wait_for_the_tab_that_writes(self, people: People) -> None:
        assignment = claimed(people)
        workflow.save(assignment, people.assessor, revision=0, editor="tab-one1")
        with pytest.raises(workflow.EditedElsewhere):
            add(assignment, editor="tab-two2")

    def test_change_with_the_draft_and_are_part_of_a_conflict(self, people: People) -> None:
        assignment = claimed(people)
        note = add(assignment)
        said = {str(note.pk): {"text": "Wait time.", "criterion": "growth", "cited": True, "shared": True}}
        workflow.save(assignment, people.assessor, revision=0, notes=said)
        with pytest.raises(workflow.StaleDraft) as stale:
            workflow.save(assignment, people.assessor, revision=0, notes={str(note.pk): {"text": "Else."}})
        current = {
            name: stale.value.current[f"{name}-{note.pk}"] for name in ("note", "about", "shared", "cited")
        }
        assert current == {"note": "Wait time.", "about": "growth", "shared": True, "cited": True}
        with pytest.raises(GuardError) as refused:
            workflow.save(assignment, people.assessor, revision=1, notes={str(uuid4()): {"text": "x"}})
        assert next(iter(refused.value.errors)).startswith("note-")


class TestDelivery:
    def test_the_educator_gets_the_cited_places_and_never_a_private_word(self, people: People) -> None:
        below = {**ALL_PASS, "growth": {"level": 1, **SHOWN, "where": ""}}
        assignment = scored(claimed(people), below)
        for text, shared, cited in (
            ("Shared.", True, True),
            ("Private.", False, True),
            ("Loose.", True, False),
        ):
            add(assignment, text=text, shared=shared, cited=cited, criterion="growth")
        workflow.complete(assignment, people.assessor)
        outcome = Outcome.objects.get(criterion__key="growth")
        place = {"start": 7, "end": 18, "quote": "much longer", "nth": 0}
        one = {"artifact": None, "question": "growth", "kind": "passage", "place": place}
        assert outcome.next_step == SHOWN["next_step"]
        assert outcome.places == [{**one, "text": "Shared."}, {**one, "text": ""}]

    def test_words_say_where_as_well(self, people: People) -> None:
        assignment = scored(claimed(people), {**ALL_PASS, "plan": {"level": 2, **SHOWN}})
        workflow.complete(assignment, people.assessor)
        words: dict[str, Any] = {
            "artifact": None,
            "question": "",
            "kind": "words",
            "place": {},
            "text": "Minute two.",
        }
        assert Outcome.objects.get(criterion__key="plan").places == [words]

    def test_without_a_place_nothing_below_the_passing_level_is_sent(self, people: People) -> None:
        assignment = scored(claimed(people), {**ALL_PASS, "growth": {"level": 1, "feedback": "x"}})
        with pytest.raises(GuardError) as refused:
            workflow.complete(assignment, people.assessor)
        assert list(refused.value.errors) == ["where-growth", "next-growth"]
        add(assignment, criterion="growth", cited=True)
        scored(Assignment.objects.get(), {"growth": {"next_step": "Film it."}})
        assert workflow.complete(assignment, people.assessor).state == "completed"


class TestWhatPassedBefore:
    def second(self, people: People) -> Assignment:
        below = {**ALL_PASS, "plan": {"level": 2, **SHOWN}}
        first = workflow.complete(scored(claimed(people), below), people.assessor)
        again = fill(submissions.resubmit(first.submission, people.educator), people.educator)
        return workflow.claim(again, people.assessor)

    def test_stays_closed_on_the_desk_and_in_the_verb(self, people: People) -> None:
        assignment = self.second(people)
        whole = assignment.assessment
        assert isinstance(whole, Assessment)
        assert len(whole.carried) == 2
        page = signed_in(people.assessor).get(f"/review/{assignment.pk}/").content.decode()
        assert page.count("Passed in attempt 1: stays passed") == 2
        assert ('name="level-growth"' in page, 'name="level-plan"' in page) == (False, True)
        for given in ({"scores": {"growth": {"level": 1}}}, {"scores": {"growth": {"feedback": "x"}}}):
            with pytest.raises(GuardError):
                workflow.save(assignment, people.assessor, revision=assignment.revision, **given)
        with pytest.raises(GuardError):
            add(assignment, criterion="growth", cited=True)
        assert Score.objects.filter(assignment=assignment).count() == 0

    def test_is_sent_along(self, people: People) -> None:
        assignment = scored(self.second(people), {"plan": {"level": 3}})
        preview = signed_in(people.assessor).get(f"/review/{assignment.pk}/complete/").content.decode()
        assert preview.count("Passed in attempt 1: stays passed") == 2
        workflow.complete(assignment, people.assessor)
        rows = Outcome.objects.filter(submission=assignment.submission)
        assert sorted(rows.values_list("criterion__key", "carried_from")) == [
            ("context", 1),
            ("growth", 1),
            ("plan", None),
        ]


class TestOverRest:
    def path(self, assignment: Assignment) -> str:
        return f"/api/v1/reviews/{assignment.pk}/notes/"

    def test_added_listed_changed_removed(self, people: People) -> None:
        assignment, pk = claimed(people), str(uuid4())
        body = {**WAIT, "id": pk, "text": "Here.", "criterion": "growth"}
        made = call(people.assessor, "POST", self.path(assignment), body)
        assert (made.status_code, call(people.assessor, "POST", self.path(assignment), body).status_code) == (
            201,
            201,
        )
        changed = call(people.assessor, "PATCH", f"{self.path(assignment)}{pk}/", {"cited": True}).json()
        assert changed == {
            "id": pk,
            "artifact": None,
            "question": "growth",
            "kind": "passage",
            "place": {"start": 7, "end": 18, "quote": "much longer", "nth": 0},
            "label": "“much longer”",
            "criterion": "growth",
            "text": "Here.",
            "shared": False,
            "cited": True,
        }
        assert call(people.assessor, "GET", self.path(assignment)).json() == {"results": [changed]}
        assert call(people.assessor, "DELETE", f"{self.path(assignment)}{pk}/").status_code == 204
        assert call(people.assessor, "DELETE", f"{self.path(assignment)}{pk}/").status_code == 404

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ({**WAIT, "place": {"quote": "not there"}}, "place"),
            ({**WAIT, "place": "x"}, "place"),
            ({**WAIT, "kind": "smell"}, "kind"),
            ({**WAIT, "criterion": "a\x00"}, "criterion"),
            ({**WAIT, "text": "a\x00"}, "text"),
        ],
    )
    def test_problems_name_their_field(self, people: People, body: dict[str, Any], field: str) -> None:
        answer = call(people.assessor, "POST", self.path(claimed(people)), body)
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


class TestOnTheDesk:
    def post(self, user: User, assignment: Assignment, **more: Any) -> Any:
        fields = {
            "revision": Assignment.objects.get(pk=assignment.pk).revision,
            **NAMED,
            "strength": "Typed.",
        }
        return signed_in(user).post(f"{desk(assignment)}?tab=abcdefgh12", {**fields, **more})

    def test_the_plain_form_adds_and_removes_and_keeps_the_draft(self, people: People) -> None:
        assignment, video, _plan = filmed(people)
        page = signed_in(people.assessor).get(desk(assignment)).content.decode()
        number = page.split(f'data-notes="{video.pk}"')[1].split('name="new-')[1].split("-")[0]
        typed = {f"new-{number}-start": "1:02", f"new-{number}-text": "Look."}
        answer = self.post(people.assessor, assignment, note=number, **typed)
        note = Note.objects.get()
        assert (answer.status_code, answer["Location"].split("#")[1]) == (302, f"row-{note.pk}")
        assert (note.place, note.text) == ({"start": 62.0, "end": 62.0}, "Look.")
        assert Assignment.objects.get(pk=assignment.pk).strength == "Typed."
        late = self.post(people.assessor, assignment, note=number, **{**typed, f"new-{number}-start": "9:00"})
        assert late.status_code == 400
        assert b"The recording is shorter than that." in late.content
        assert b'value="9:00"' in late.content
        self.post(people.assessor, assignment, drop=str(note.pk))
        assert Note.objects.count() == 0

    def test_what_is_missing_is_said_at_its_field(self, people: People) -> None:
        assignment = claimed(people)
        answer = self.post(
            people.assessor, assignment, preview="1", **{"level-plan": "2", "level-context": "2"}
        )
        page = answer.content.decode()
        assert answer.status_code == 400
        for words in ("Say where you saw it for “", "Name one next step for “", "Choose a level for “"):
            assert page.count(words) == 2
        focused = page.split("data-focus")[0].rsplit("<", 1)[1]
        assert 'name="feedback-plan"' in focused

    def test_eight_queries_with_notes_everywhere(self, people: People) -> None:
        assignment, video, plan = filmed(people)
        for at in range(10):
            add(
                assignment,
                kind="time",
                question="",
                artifact=video.pk,
                place={"start": at},
                criterion="plan",
                cited=True,
            )
            add(assignment, kind="passage", question="", artifact=plan.pk, place={"quote": "wait"})
        workflow.save(assignment, people.assessor, revision=0)
        client = signed_in(people.assessor)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(desk(assignment)).status_code == 200
        assert len(asked) <= 8

    def test_the_region_is_for_the_claimer(self, people: People) -> None:
        assignment = claimed(people)
        add(assignment, text="Mine alone.")
        address = f"{desk(assignment)}notes/"
        assert b"Mine alone." in signed_in(people.assessor).get(address).content
        assert signed_in(people.assessor2).get(address).status_code == 404
        assert may_write(people.assessor, assignment)
