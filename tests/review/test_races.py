"""What nobody can order happens at the same moment, on real PostgreSQL: one end, counted once, and nothing is lost."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from accounts.models import User
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import TransitionError
from review import models, workflow
from review.models import Assessment, AssessmentPolicy, Assignment, Licence
from review.rules import may_assess
from submissions import workflow as submissions
from submissions.models import Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, BELOW, scored, submitted

pytestmark = pytest.mark.django_db(transaction=True)
DONE = "done"
ROUNDS = range(2)  # who comes first is not ours to say: each race is run twice


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def at_once(*calls: Callable[[], Any]) -> list[str]:
    """What became of calls that start together, each with a connection of its own: done, or the refusal's code."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], Any]) -> str:
        try:
            gate.wait(30)
            call()
        except TransitionError as error:
            return error.code
        finally:
            connection.close()
        return DONE

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def assessors(people: People, number: int, role: str = "assessor") -> list[User]:
    persons = [factories.user() for _number in range(number)]
    for person in persons:
        factories.member(person, people.northfield, role)
    return persons


def twice(people: People, **fields: Any) -> None:
    """From now on every submission gets two readings."""
    AssessmentPolicy.objects.create(
        organisation=people.northfield, double_rate=100, licensed_only=False, **fields
    )


def fresh(people: People, unit: MicroCredential | None = None) -> Submission:
    """Waiting work of somebody who appears nowhere else."""
    return submitted(people, factories.user(), unit)


def kinds(thing: Any) -> list[str]:
    """What the journal says of one thing, without its entering the queue."""
    rows = Entry.objects.filter(subject_id=str(thing.pk)).exclude(kind="review.entered")
    return list(rows.order_by("created").values_list("kind", flat=True))


def told(submission: Submission, kind: str) -> int:
    """How often the journal says this of an attempt, or of what belongs to it."""
    rows = Entry.objects.filter(kind=kind)
    return (
        rows.filter(data__submission=str(submission.pk)).count()
        + rows.filter(subject_id=str(submission.pk)).count()
    )


def whole(submission: Submission) -> Assessment:
    return Assessment.objects.get(submission=submission)


def state(row: Assignment | Submission) -> str:
    row.refresh_from_db()
    return str(row.state)


class TestClaiming:
    @pytest.mark.parametrize("readings", [1, 2])
    def test_of_eight_as_many_win_as_readings_are_wanted(self, people: People, readings: int) -> None:
        if readings == 2:
            twice(people)
        submission = submitted(people)
        persons = assessors(people, 8)
        ends = at_once(
            *(partial(workflow.claim, Submission.objects.get(pk=submission.pk), person) for person in persons)
        )
        assert Counter(ends) == {DONE: readings, "state": 8 - readings}
        assert (whole(submission).places, state(submission)) == (0, "in_review")
        assert set(Assignment.objects.values_list("state", flat=True)) == {"claimed"}
        assert (Assignment.objects.count(), told(submission, "review.claimed")) == (readings, readings)

    def test_programs_that_ask_for_the_next_get_each_another(self, people: People) -> None:
        unit = factories.published(people.northfield)
        waiting = {fresh(people, unit).pk for _number in range(5)}
        clients = [signed_in(person) for person in assessors(people, 8)]
        answers: list[int] = []

        def ask(client: Client) -> None:
            answers.append(client.post("/api/v1/reviews/next/").status_code)

        assert at_once(*(partial(ask, client) for client in clients)) == [DONE] * 8
        assert Counter(answers) == {201: 5, 404: 3}
        assert Counter(Assignment.objects.values_list("submission", flat=True)) == dict.fromkeys(waiting, 1)

    def test_who_takes_the_next_gets_the_second_reading_of_what_is_just_taken(self, people: People) -> None:
        twice(people)
        unit = factories.published(people.northfield)
        waiting = {fresh(people, unit).pk for _number in range(2)}
        taken: list[Assignment | None] = []
        ends = at_once(
            *(
                lambda person=person: taken.append(workflow.claim_next(person))
                for person in assessors(people, 4)
            )
        )
        assert (ends, taken.count(None)) == ([DONE] * 4, 0)
        assert Counter(Assignment.objects.values_list("submission", flat=True)) == dict.fromkeys(waiting, 2)

    def test_taking_it_back_and_claiming_it_leave_one_end(self, people: People) -> None:
        unit = factories.published(people.northfield)

        def take_back(submission: Submission) -> None:
            mine = Submission.objects.get(pk=submission.pk)
            submissions.withdraw(mine, mine.enrolment.earner)
            workflow.leave(mine)

        for _round in ROUNDS:
            submission = fresh(people, unit)
            ends = at_once(
                partial(take_back, submission),
                partial(workflow.claim, Submission.objects.get(pk=submission.pk), people.assessor),
            )
            assert Counter(ends) == {DONE: 1, "state": 1}
            row, claims = whole(submission), Assignment.objects.filter(submission=submission).count()
            assert (state(submission), row.state, row.places, claims) == (
                ("draft", "ended", 0, 0) if ends[0] == DONE else ("in_review", "open", 0, 1)
            )


class TestSteppingBack:
    def test_while_a_draft_is_being_saved_keeps_it_and_frees_the_place_once(self, people: People) -> None:
        unit = factories.published(people.northfield)
        for _round in ROUNDS:
            assignment = workflow.claim(fresh(people, unit), people.assessor)
            copies = [Assignment.objects.get(pk=assignment.pk) for _number in range(3)]
            saved, *recused = at_once(
                partial(
                    workflow.save, copies[0], people.assessor, revision=0, scores=BELOW, strength="In flight."
                ),
                partial(workflow.recuse, copies[1], people.assessor, "expertise"),
                partial(workflow.recuse, copies[2], people.assessor, "other"),
            )
            assert Counter(recused) == {DONE: 1, "state": 1}
            row = Assignment.objects.get(pk=assignment.pk)
            kept = (row.strength, row.revision, row.scores.count())
            assert kept == (("In flight.", 1, 3) if saved == DONE else ("", 0, 0))
            assert (row.state, kinds(row)) == ("recused", ["review.claimed", "review.recused"])
            assert (whole(row.submission).places, state(row.submission)) == (1, "submitted")
            assert not may_assess(people.assessor, row.submission)
            assert workflow.claim(row.submission, people.assessor2).strength == ""

    def test_and_sending_leave_one_end(self, people: People) -> None:
        unit = factories.published(people.northfield)
        for _round in ROUNDS:
            assignment = scored(workflow.claim(fresh(people, unit), people.assessor))
            copy = Assignment.objects.get(pk=assignment.pk)
            ends = at_once(
                partial(workflow.complete, assignment, people.assessor),
                partial(workflow.recuse, copy, people.assessor, "knows"),
            )
            assert Counter(ends) == {DONE: 1, "state": 1}
            row = whole(assignment.submission)
            assert (state(assignment), row.state, row.places, state(assignment.submission)) == (
                ("completed", "decided", 0, "earned")
                if ends[0] == DONE
                else ("recused", "open", 1, "submitted")
            )

    def test_returning_it_as_incomplete_ends_the_other_reading_or_comes_too_late(
        self, people: People
    ) -> None:
        twice(people, checklist=[{"key": "film", "text": "A film"}])
        unit = factories.published(people.northfield)
        for _round in ROUNDS:
            submission = fresh(people, unit)
            mine = workflow.claim(submission, people.assessor)
            other = workflow.claim(submission, people.assessor2)
            workflow.check_complete(other, people.assessor2, ["film"])
            other.refresh_from_db()
            other = scored(other)
            ends = at_once(
                partial(workflow.return_incomplete, mine, people.assessor, ["film"]),
                partial(workflow.complete, other, people.assessor2),
            )
            row = whole(submission)
            assert ends[0] == DONE
            assert (row.state, row.places, state(submission)) == ("returned", 0, "draft")
            assert (state(mine), state(other)) == (
                "released",
                "completed" if ends[1] == DONE else "lapsed",
            )
            assert told(submission, "submissions.returned") == 1


class TestAdjudication:
    def differing(self, people: People, unit: MicroCredential) -> tuple[Submission, Assignment]:
        """One reading sent, and another on the other side that is ready to be."""
        submission = fresh(people, unit)
        rows = [
            scored(workflow.claim(submission, user), scores)
            for user, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW))
        ]
        workflow.complete(rows[0], people.assessor)
        return submission, rows[1]

    def waiting(self, people: People, unit: MicroCredential) -> tuple[Submission, Assignment]:
        submission, second = self.differing(people, unit)
        return submission, workflow.complete(second, people.assessor2)

    def test_a_second_reading_comes_while_an_approver_looks_for_work(self, people: People) -> None:
        twice(people)
        unit = factories.published(people.northfield)
        for _round in ROUNDS:
            submission, second = self.differing(people, unit)
            begun, sent = at_once(
                partial(workflow.begin_adjudication, whole(submission), people.approver),
                partial(workflow.complete, second, people.assessor2),
            )
            assert (begun in {DONE, "guard"}, sent) == (True, DONE)
            workflow.begin_adjudication(whole(submission), people.approver)
            rows = Assignment.objects.filter(submission=submission, role="adjudication")
            assert (rows.count(), whole(submission).state, state(submission)) == (
                1,
                "adjudication",
                "in_review",
            )

    def test_a_reading_sent_again_during_an_adjudication_changes_nothing(self, people: People) -> None:
        twice(people)
        submission, second = self.waiting(people, factories.published(people.northfield))
        late = Assignment.objects.get(pk=second.pk)
        ends = at_once(
            lambda: workflow.complete(late, people.assessor2),
            lambda: workflow.save(late, people.assessor2, revision=late.revision, scores=ALL_PASS),
            lambda: workflow.begin_adjudication(whole(submission), people.approver),
        )
        assert ends == ["state", "state", DONE]
        row = whole(submission)
        assert (row.state, kinds(row)) == ("adjudication", ["review.disagreed"])
        assert second.scores.get(criterion__key="plan").level == 2

    def test_settling_it_several_times_decides_once(self, people: People) -> None:
        twice(people)
        submission, _second = self.waiting(people, factories.published(people.northfield))
        mine = scored(workflow.begin_adjudication(whole(submission), people.approver))
        ends = at_once(*[lambda: workflow.complete(mine, people.approver)] * 4)
        assert Counter(ends) == {DONE: 1, "state": 3}
        assert (kinds(whole(submission)), state(submission)) == (
            ["review.disagreed", "review.decided"],
            "earned",
        )
        assert told(submission, "submissions.earned") == 1

    def test_giving_it_back_while_it_is_settled_or_taken_leaves_one_who_has_it(self, people: People) -> None:
        twice(people)
        unit = factories.published(people.northfield)
        other = assessors(people, 1, "approver")[0]
        for _round in ROUNDS:
            submission, _second = self.waiting(people, unit)
            mine = scored(workflow.begin_adjudication(whole(submission), people.approver))
            copy = Assignment.objects.get(pk=mine.pk)
            settled, back, taken = at_once(
                partial(workflow.complete, mine, people.approver),
                partial(workflow.release, copy, people.approver),
                partial(workflow.begin_adjudication, whole(submission), other),
            )
            assert Counter([settled, back]) == {DONE: 1, "state": 1}
            ends = (whole(submission).state, state(submission), state(mine))
            if settled == DONE:
                assert (ends, taken == DONE) == (("decided", "earned", "completed"), False)
            else:
                assert ends == ("adjudication", "in_review", "released")
                workflow.begin_adjudication(whole(submission), other)
            held = Assignment.objects.filter(submission=submission, state="claimed")
            assert list(held.values_list("assessor", flat=True)) == ([] if settled == DONE else [other.pk])
            assert whole(submission).places == 0


class TestLicence:
    def qualified(self, people: People, unit: MicroCredential) -> Licence:
        """The assessor has a licence, and this version asks for one."""
        AssessmentPolicy.objects.get_or_create(organisation=people.northfield, anchors_needed=1)
        source, copy = fresh(people, unit), fresh(people, unit)
        version = source.enrolment.version
        models.Anchor.objects.get_or_create(
            version=version, state="ready", defaults={"source": source, "submission": copy, "built_by": people.author}
        )  # fmt: skip
        run = models.Calibration.objects.create(assessor=people.assessor, version=version, state="completed")
        return Licence.objects.create(assessor=people.assessor, version=version, calibration=run)

    def test_paused_during_a_review_sends_it_to_a_second_reader(self, people: People) -> None:
        unit = factories.published(people.northfield)
        licence = self.qualified(people, unit)
        assignment = scored(workflow.claim(fresh(people, unit), people.assessor))
        Licence.objects.filter(pk=licence.pk).update(state="paused", paused_at=timezone.now())
        ends = at_once(*[lambda: workflow.complete(assignment, people.assessor)] * 2)
        assert Counter(ends) == {DONE: 1, "state": 1}
        row = whole(assignment.submission)
        assert (row.state, row.wanted, row.places, row.draw["why"]) == ("open", 2, 1, "paused")
        assert state(assignment.submission) == "in_review"

    def test_ended_during_a_review_refuses_it_and_keeps_what_was_written(self, people: People) -> None:
        unit = factories.published(people.northfield)
        licence = self.qualified(people, unit)
        assignment = scored(workflow.claim(fresh(people, unit), people.assessor))
        workflow.end_licence(licence, people.approver)
        with pytest.raises(TransitionError, match="You may no longer assess this submission"):
            workflow.complete(assignment, people.assessor)
        assert (state(assignment), assignment.scores.count(), state(assignment.submission)) == (
            "claimed",
            3,
            "in_review",
        )
        workflow.recuse(assignment, people.assessor, "other")
        assert (whole(assignment.submission).places, state(assignment.submission)) == (1, "submitted")

    def test_ended_as_the_review_is_sent_lets_it_through_or_not_at_all(self, people: People) -> None:
        for _round in ROUNDS:
            unit = factories.published(people.northfield)
            licence = self.qualified(people, unit)
            assignment = scored(workflow.claim(fresh(people, unit), people.assessor))
            sent, ended = at_once(
                partial(workflow.complete, assignment, people.assessor),
                partial(workflow.end_licence, licence, people.approver),
            )
            assert (sent in {DONE, "guard"}, ended) == (True, DONE)
            ends = (state(assignment), whole(assignment.submission).state, state(assignment.submission))
            assert ends == (
                ("completed", "decided", "earned") if sent == DONE else ("claimed", "open", "in_review")
            )


class TestFigures:
    def test_what_is_decided_while_figures_are_made_is_counted_once(self, people: People) -> None:
        unit = factories.published(people.northfield)
        rows = [scored(workflow.claim(fresh(people, unit), people.assessor)) for _number in range(4)]
        calls: Iterable[Callable[[], Any]] = [
            *(partial(workflow.complete, row, people.assessor) for row in rows),
            *[workflow.fold] * 4,
        ]
        assert at_once(*calls) == [DONE] * 8
        workflow.fold()
        assert sum(models.AssessorMonth.objects.values_list("reviews", flat=True)) == 4
        assert sum(models.OutcomeCount.objects.values_list("n", flat=True)) == 4
        assert set(workflow.recount().values()) == {0}

    def test_what_lapses_while_it_is_saved_is_kept_and_freed_once(self, people: People) -> None:
        unit = factories.published(people.northfield)
        for _round in ROUNDS:
            assignment = workflow.claim(fresh(people, unit), people.assessor)
            Assignment.objects.filter(pk=assignment.pk).update(due=timezone.now() - timedelta(minutes=1))
            copies = [Assignment.objects.get(pk=assignment.pk) for _number in range(2)]
            saved, *lapsed = at_once(
                partial(workflow.save, assignment, people.assessor, revision=0, strength="In flight."),
                *(partial(workflow.lapse, copy) for copy in copies),
            )
            assert Counter(lapsed) == {DONE: 1, "state": 1}
            assert (state(assignment), whole(assignment.submission).places) == ("lapsed", 1)
            again = workflow.claim(assignment.submission, people.assessor)
            assert again.strength == ("In flight." if saved == DONE else "")
