"""What `/my/` learns about a person's work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from submissions import workflow
from submissions.queries import my_work
from tests import factories
from tests.submissions.stories import FULL, complete, decided, submitted

pytestmark = pytest.mark.django_db


def test_each_state_has_its_next_step_and_what_needs_her_comes_first() -> None:
    person = factories.user()
    decided(person, factories.published(title="A earned"))
    submitted(person, factories.published(title="B waits"))
    draft = workflow.enrol(person, factories.published(title="C begun"))
    workflow.save(draft, person, revision=0, answers={"context": FULL["context"]})
    decided(person, factories.published(title="D not yet"), below="plan")
    complete(person, factories.published(title="E ready"))
    workflow.set_target(draft.enrolment, person, timezone.localdate() + timedelta(days=9))
    left = workflow.enrol(person, factories.published(title="F left"))
    workflow.leave(left.enrolment, person)
    assert [(item.title, item.state, item.done, item.next_step) for item in my_work(person)] == [
        ("D not yet", "not_yet", 3, "Not yet: read the feedback and build on what you have."),
        ("C begun", "draft", 1, "Part 2: add 1 more piece of evidence."),
        ("E ready", "draft", 3, "Everything is there. Read it once more and submit."),
        ("B waits", "submitted", 3, "Submitted. It waits for an assessor; you need not do anything."),
        ("A earned", "earned", 3, "You earned it. Read what your assessor saw in your work."),
    ]
    assert [item.url.partition("#")[2] for item in my_work(person)] == ["", "part-2", "submit", "", ""]


@pytest.mark.parametrize("rows", [1, 3])
def test_all_of_it_is_one_query(rows: int) -> None:
    person = factories.user()
    for _row in range(rows):
        complete(person, factories.published())
    with CaptureQueriesContext(connection) as queries:
        assert len(my_work(person)) == rows
    assert len(queries) == 1
