"""Figures: whatever is added to them once is what counting the scores would give, however it came about."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from catalog.models import Criterion
from review import workflow
from review.models import (
    Assessment,
    AssessorMonth,
    Assignment,
    LevelCount,
    OutcomeCount,
    Score,
    Tally,
    TrueScore,
    UsefulCount,
)
from review.reliability import is_flat
from review.workflow.folding import FOLDED, USEFUL, business_days
from submissions.business import Calendar
from submissions.models import Policy, Submission
from tests.people import cast
from tests.review.histories import MISS, NOON, PASS, Works
from tests.review.work import ALL_PASS, BELOW, claimed, scored


@pytest.fixture
def works(db: None) -> Works:
    return Works(cast())


def figures() -> dict[str, list[tuple[Any, ...]]]:
    """All rollups as they are stored, without row numbers."""
    found = {}
    with connection.cursor() as cursor:
        for rollup in (*FOLDED, USEFUL):
            cursor.execute(f"SELECT {rollup.columns} FROM {rollup.table} ORDER BY {rollup.order}")
            found[rollup.table] = cursor.fetchall()
    return found


def tallied(kind: str) -> Counter[tuple[str, tuple[int, ...]]]:
    rows = Tally.objects.filter(kind=kind).select_related("criterion")
    return Counter({(row.criterion.key, tuple(row.levels)): row.n for row in rows})


def plainly() -> dict[str, Counter[tuple[Any, ...]]]:
    """The same figures in plain Python, an assessment at a time."""
    found: dict[str, Counter[tuple[Any, ...]]] = {
        name: Counter() for name in ("tally", "level", "month", "out")
    }
    tops = {row.pk: row.levels.count() for row in Criterion.objects.all()}
    for one in Assessment.objects.filter(state="decided").select_related("submission"):
        assert one.decided_at
        month = one.decided_at.date().replace(day=1)
        readings = Assignment.objects.filter(assessment=one, role="reading", state="completed")
        units: dict[Any, list[int]] = {}
        for reading in readings:
            scores = [
                (row.criterion_id, row.level or 0)
                for row in Score.objects.filter(assignment=reading, level__isnull=False)
                if str(row.criterion_id) not in one.carried
            ]
            for criterion, level in scores:
                units.setdefault(criterion, []).append(level)
                if not one.anchor_id:
                    key = (criterion, reading.assessor_id, month, level, one.submission.attempt == 1)
                    found["level"][key] += 1
                else:
                    true = TrueScore.objects.get(anchor=one.anchor_id, criterion=criterion).level
                    found["tally"][criterion, month, "anchor", (true, level)] += 1
            if not one.anchor_id:
                flat = len(scores) > 1 and is_flat([(level, tops[row]) for row, level in scores])
                hers = (reading.assessor_id, month)
                found["month"][*hers, "reviews"] += 1
                found["month"][*hers, "seconds"] += reading.active_seconds
                found["month"][*hers, "flat"] += flat
        for criterion, levels in units.items() if not one.anchor_id else ():
            if len(levels) > 1:
                found["tally"][criterion, month, "readings", tuple(sorted(levels))] += 1
    return found


def stored() -> dict[str, Counter[tuple[Any, ...]]]:
    """The stored figures in the shape of `plainly`."""
    months: Counter[tuple[Any, ...]] = Counter()
    for row in AssessorMonth.objects.all():
        for name in ("reviews", "seconds", "flat"):
            months[row.assessor_id, row.month, name] += getattr(row, name)
    return {
        "tally": Counter(
            {(row.criterion_id, row.month, row.kind, tuple(row.levels)): row.n for row in Tally.objects.all()}
        ),
        "level": Counter(
            {
                (row.criterion_id, row.assessor_id, row.month, row.level, row.first): row.n
                for row in LevelCount.objects.all()
            }
        ),
        "month": months,
        "out": Counter(),
    }


class TestFolding:
    def test_what_the_verbs_decide_is_counted_once(self, db: None) -> None:
        people = cast()
        assignment = scored(claimed(people), BELOW)
        workflow.complete(assignment, people.assessor)
        assert [workflow.fold(), workflow.fold()] == [1, 0]
        outcome = OutcomeCount.objects.get()
        assert (outcome.attempt, outcome.earned, outcome.days, outcome.late, outcome.n) == (
            1,
            False,
            0,
            False,
            1,
        )
        assert LevelCount.objects.count() == len(ALL_PASS)
        assert Tally.objects.count() == 0  # one reading agrees with nobody
        assert workflow.recount() == dict.fromkeys(figures(), 0)

    def test_only_independent_readings_agree_or_differ(self, works: Works) -> None:
        whole = works.decided(PASS, MISS, settled="adjudicated")
        works.reading(whole, works.people.approver, PASS, role="adjudication")
        works.decided(PASS)
        workflow.fold()
        assert tallied("readings") == {("context", (2, 2)): 1, ("plan", (2, 3)): 1, ("growth", (2, 2)): 1}
        assert set(LevelCount.objects.values_list("assessor__name", flat=True)) == {
            "Ingrid Vale",
            "Sam Whitlock",
        }
        assert dict(OutcomeCount.objects.values_list("earned", "n")) == {True: 2}

    def test_blind_anchors_count_against_the_truth_and_nowhere_else(self, works: Works) -> None:
        works.decided(MISS, anchor=works.anchor(**PASS))
        workflow.fold()
        assert tallied("anchor") == {("context", (2, 2)): 1, ("plan", (3, 2)): 1, ("growth", (2, 2)): 1}
        rest = (
            Tally.objects.filter(kind="readings"),
            LevelCount.objects,
            AssessorMonth.objects,
            OutcomeCount.objects,
        )
        assert [rows.count() for rows in rest] == [0, 0, 0, 0]

    def test_what_was_carried_is_not_counted_again(self, works: Works) -> None:
        carried = {str(works.criteria["context"].pk): {"attempt": 1, "level": 2}}
        works.decided(PASS, PASS, carried=carried, attempt=2)
        workflow.fold()
        assert {key for key, _levels in tallied("readings")} == {"plan", "growth"}
        assert set(LevelCount.objects.values_list("first", flat=True)) == {False}

    def test_days_are_the_business_days_by_which_dates_are_promised(self, works: Works) -> None:
        Policy.objects.create(
            organisation=works.people.northfield,
            time_zone="America/Chicago",
            holidays=[date(2026, 4, 30), date(2026, 5, 1)],
        )
        works.decided(PASS, at=datetime(2026, 5, 5, 3, tzinfo=UTC), due=NOON)  # still Monday in Chicago
        workflow.fold()
        assert list(OutcomeCount.objects.values_list("days", "late")) == [(3, True)]
        calendar = Calendar(UTC)
        for days in range(12):
            promised = calendar.add(NOON, days).date()
            assert list(business_days([(works.people.lakes.pk, NOON.date(), promised)])) == [days]

    def test_folds_in_any_batches_and_a_recount_agree_with_plain_counting(self, works: Works) -> None:
        chance = random.Random(7)
        keys = {"context": 2, "plan": 3, "growth": 2}
        for number in range(120):
            given = [
                {key: chance.randint(1, top) for key, top in keys.items() if chance.random() > 0.1}
                for _reading in range(chance.choice([1, 2]))
            ]
            at = NOON + timedelta(days=chance.randrange(100))
            anchor = works.anchor(**PASS) if number % 10 == 0 else None
            useful = None if anchor else chance.choice([None, 1, 2, 3, 4])
            whole = works.decided(
                *given, at=at, attempt=chance.choice([1, 1, 2]), anchor=anchor, useful=useful
            )
            workflow.fold_rating(whole.submission)
            if chance.random() < 0.1:
                workflow.fold(batch=chance.randint(1, 7))
        workflow.fold()
        assert stored() == plainly()
        folded = figures()
        assert workflow.recount() == dict.fromkeys(folded, 0)
        Tally.objects.filter(kind="readings").update(n=1)
        LevelCount.objects.all()[:1].get().delete()
        OutcomeCount.objects.all()[:1].get().delete()
        AssessorMonth.objects.create(
            version=works.version, assessor=works.people.approver, month=date(2020, 1, 1)
        )
        wrong = workflow.recount()
        assert 0 not in [wrong[rollup.table] for rollup in FOLDED]
        assert figures() == folded

    def test_a_rating_that_changes_moves(self, works: Works) -> None:
        whole = works.decided(PASS)
        for rating in (2, 4, 4):
            Submission.objects.update(useful=rating)
            workflow.fold_rating(whole.submission)
            workflow.fold_rating(whole.submission)
        assert list(UsefulCount.objects.values_list("rating", "n")) == [(4, 1)]
        assert workflow.recount()[USEFUL.table] == 0


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def run(self, *calls: Callable[[], Any]) -> None:
        barrier = threading.Barrier(len(calls))
        finished: list[Callable[[], Any]] = []

        def call(one: Callable[[], Any]) -> None:
            barrier.wait()
            try:
                one()
                finished.append(one)
            finally:
                connection.close()

        threads = [threading.Thread(target=call, args=[one]) for one in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(finished) == len(calls)

    def test_folds_ratings_and_recounts_at_once_count_everything_once(self) -> None:
        works = Works(cast())
        rows = [works.decided(PASS, MISS if number % 3 else PASS, useful=3) for number in range(40)]
        ratings = [lambda row=row: workflow.fold_rating(row.submission) for row in rows[:3]]
        self.run(*[lambda: workflow.fold(batch=3)] * 4, workflow.recount, *ratings)
        workflow.fold()
        assert Assessment.objects.filter(folded_at=None).count() == 0
        assert stored() == plainly()
        assert UsefulCount.objects.get().n == 40
        assert workflow.recount() == dict.fromkeys(figures(), 0)
