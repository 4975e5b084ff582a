"""Two at the same time: exactly one wins, and nothing happens twice."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from journal.models import Entry
from journal.workflow import TransitionError
from review import workflow
from review.models import Appeal, Assessment, AssessmentPolicy, Assignment
from submissions.models import Outcome, Submission
from tests import factories
from tests.people import cast
from tests.review.work import ALL_PASS, BELOW, appealed, claimed, scored, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def kinds(prefix: str = "review.") -> list[str]:
    rows = Entry.objects.filter(kind__startswith=prefix).order_by("created")
    return [kind for kind in rows.values_list("kind", flat=True) if kind != "review.entered"]


class TestAtOnce:
    def race(self, *calls: Callable[[], Any]) -> Counter[str]:
        """Run the calls in threads that start together; what became of them."""
        barrier, outcomes = threading.Barrier(len(calls)), Counter[str]()

        def run(call: Callable[[], Any]) -> None:
            barrier.wait()
            try:
                call()
                outcomes["done"] += 1
            except TransitionError as error:
                outcomes[error.code] += 1
            finally:
                connection.close()

        threads = [threading.Thread(target=run, args=[call]) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return outcomes

    def test_eight_who_take_the_next_get_eight_different(self) -> None:
        people = cast()
        unit = factories.published(people.northfield)
        codes = {submitted(people, factories.user(), unit).code for _number in range(8)}
        persons = [factories.user() for _number in range(8)]
        for person in persons:
            factories.member(person, people.northfield, "assessor")
        result = self.race(*(lambda person=person: workflow.claim_next(person) for person in persons))
        assert result == {"done": 8}
        assert {row.submission.code for row in Assignment.objects.all()} == codes
        assert Assignment.objects.count() == 8

    def test_of_two_who_claim_one_wins(self) -> None:
        people = cast()
        submission = submitted(people)
        copies = [Submission.objects.get(pk=submission.pk) for _number in range(4)]
        persons = [people.assessor, people.assessor2, people.assessor, people.assessor2]
        result = self.race(
            *(
                lambda copy=copy, person=person: workflow.claim(copy, person)
                for copy, person in zip(copies, persons, strict=True)
            )
        )
        assert result == {"done": 1, "state": 3}
        assert (Assignment.objects.count(), kinds()) == (1, ["review.claimed"])

    def test_a_double_complete_decides_once(self) -> None:
        people = cast()
        assignment = scored(claimed(people))
        result = self.race(*[lambda: workflow.complete(assignment, people.assessor)] * 4)
        assert result == {"done": 1, "state": 3}
        assert Counter(kinds("submissions.earned")) == {"submissions.earned": 1}
        assert Outcome.objects.count() == 3

    def test_complete_and_lapse_leave_one_end(self) -> None:
        people = cast()
        assignment = scored(claimed(people))
        Assignment.objects.update(due=timezone.now() - timedelta(minutes=1))
        copy = Assignment.objects.get()
        result = self.race(
            lambda: workflow.complete(assignment, people.assessor), lambda: workflow.lapse(copy)
        )
        assert result == {"done": 1, "state": 1}
        ends = (Assignment.objects.get().state, Submission.objects.get().state)
        assert ends in {("completed", "earned"), ("lapsed", "submitted")}

    def test_of_two_saves_on_one_revision_one_is_kept(self) -> None:
        people = cast()
        assignment = claimed(people)
        result = self.race(
            lambda: workflow.save(assignment, people.assessor, revision=0, strength="one"),
            lambda: workflow.save(assignment, people.assessor, revision=0, strength="two"),
        )
        assert result == {"done": 1, "stale": 1}
        assert Assignment.objects.get().revision == 1

    def test_two_readings_sent_together_settle_once(self) -> None:
        people = cast()
        AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100, licensed_only=False)
        submission = submitted(people)
        pairs = ((people.assessor, ALL_PASS), (people.assessor2, BELOW))
        rows = [(scored(workflow.claim(submission, user), scores), user) for user, scores in pairs]
        result = self.race(*(lambda row=row, user=user: workflow.complete(row, user) for row, user in rows))
        assert result == {"done": 2}
        assert Counter(kinds("review.d")) == {"review.disagreed": 1}
        assert Assessment.objects.get().state == "adjudication"

    def test_of_two_approvers_one_adjudicates(self) -> None:
        self.test_two_readings_sent_together_settle_once()
        approver = User.objects.get(email="approver@example.test")
        other = factories.user("second@example.test")
        factories.member(other, Assessment.objects.get().issuer, "approver")
        rows = [Assessment.objects.get() for _number in range(4)]
        users = [approver, other] * 2
        result = self.race(
            *(
                lambda row=row, user=user: workflow.begin_adjudication(row, user)
                for row, user in zip(rows, users, strict=True)
            )
        )
        assert result == {"done": 2, "state": 2}  # who has it asks twice and has it once
        assert Assignment.objects.filter(role="adjudication").count() == 1

    def test_of_two_answers_to_an_appeal_one_counts(self) -> None:
        people = cast()
        appeal = Appeal.objects.get(pk=appealed(people)["appeal"])
        other = factories.user("second@example.test")
        factories.member(other, people.northfield, "approver")
        text, copy = "I read your plan anew, and the photographs with it.", Appeal.objects.get()
        levels = {"plan": (3, "They join from the second lesson on.")}
        result = self.race(
            lambda: workflow.answer_appeal(
                appeal, people.approver, finding="changed", text=text, levels=levels
            ),
            lambda: workflow.answer_appeal(copy, other, finding="stands", text=text),
        )
        assert result == {"done": 1, "state": 1}
        ends = (Appeal.objects.get().finding, Submission.objects.get().state)
        assert ends in {("changed", "earned"), ("stands", "not_yet")}
