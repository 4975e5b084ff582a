"""Two at once, on real PostgreSQL: exactly one wins and the other is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import pytest
from django.db import connection

from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from submissions import workflow
from submissions.models import Enrolment, Submission
from tests import factories
from tests.submissions.stories import complete, decided, submitted

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(number: int, call: Callable[[], Any]) -> list[Any]:
    """Run `call` in `number` threads that start together; results and refusals."""
    gate = threading.Barrier(number)

    def run() -> Any:
        try:
            gate.wait(10)
            return call()
        except (TransitionError, GuardError) as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [future.result() for future in [pool.submit(run) for _number in range(number)]]


def refusals(results: list[Any]) -> int:
    return sum(isinstance(result, TransitionError) for result in results)


def test_double_submit_sends_once() -> None:
    person = factories.user()
    draft = complete(person, factories.published())
    results = at_once(4, lambda: workflow.submit(Submission.objects.get(pk=draft.pk), person, ["privacy"]))
    assert refusals(results) == 3
    assert Entry.objects.filter(kind="submissions.submitted").count() == 1


def test_double_enrol_joins_once() -> None:
    person, unit = factories.user(), factories.published()
    results = at_once(4, lambda: workflow.enrol(person, unit))
    assert len({result.pk for result in results}) == 1
    assert Enrolment.objects.count() == 1
    assert Entry.objects.filter(kind="submissions.enrolled").count() == 1


def test_of_two_saves_on_one_revision_one_is_stale() -> None:
    person = factories.user()
    draft = workflow.enrol(person, factories.published())
    results = at_once(
        2,
        lambda: workflow.save(
            Submission.objects.get(pk=draft.pk), person, revision=0, answers={"context": "x"}
        ),
    )
    assert [type(result) for result in results].count(workflow.StaleRevision) == 1


def test_double_resubmit_starts_one_attempt() -> None:
    person = factories.user()
    first = decided(person, factories.published(), below="plan")
    results = at_once(3, lambda: workflow.resubmit(Submission.objects.get(pk=first.pk), person))
    assert refusals(results) == 2
    assert Submission.objects.filter(attempt=2).count() == 1


def test_withdraw_and_begin_review_at_once_leave_one_state() -> None:
    person, assessor = factories.user(), factories.user()
    row = submitted(person, factories.published())
    verbs: Iterator[Callable[[Submission], Submission]] = iter(
        [partial(workflow.withdraw, user=person), partial(workflow.begin_review, actor=assessor)]
    )
    results = at_once(2, lambda: next(verbs)(Submission.objects.get(pk=row.pk)))
    assert refusals(results) == 1


def test_uploads_at_once_do_not_overfill_a_requirement() -> None:
    person = factories.user()
    draft = workflow.enrol(person, factories.published())
    results = at_once(
        4,
        lambda: workflow.add_text(
            Submission.objects.get(pk=draft.pk), person, requirement="plan", text="One lesson."
        ),
    )
    assert refusals(results) == 2
    assert draft.artifacts.count() == 2
