"""Is everything there? Before any score; what is not goes back, is told kindly, and counts as no attempt."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks
from notifications.models import Message
from notifications.workflow import title_of
from review import queries, workflow
from review.models import AssessmentPolicy, Assignment
from submissions import workflow as submissions
from submissions.calendars import calendar_of
from tests.people import People, cast, signed_in
from tests.review.work import claimed, desk, fill, scored, submitted

pytestmark = pytest.mark.django_db

ITEMS = [{"key": "plan", "text": "The plan names a goal."}, {"key": "faces", "text": "Faces are covered."}]
MISSING = {"item-plan": "missing", "item-faces": "present", "note": "The goal is cut off on page 2."}


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def policy(people: People) -> AssessmentPolicy:
    return AssessmentPolicy.objects.create(
        organisation=people.northfield, checklist=ITEMS, double_first=0, double_rate=0
    )


@pytest.mark.usefixtures("policy")
def test_what_is_incomplete_goes_back_without_a_score_and_counts_as_no_attempt(people: People) -> None:
    assignment = claimed(people)
    submission, draw = assignment.submission, assignment.assessment.draw if assignment.assessment else {}
    client = signed_in(people.assessor)
    asked = client.get(desk(assignment))
    assert (asked.status_code, asked["Location"]) == (302, f"{desk(assignment)}check/")
    page = client.get(asked["Location"]).content.decode()
    assert ("The plan names a goal." in page, "Check for completeness by" in page) == (True, True)
    preview = client.post(f"{desk(assignment)}check/", MISSING).content.decode()
    assert ("The goal is cut off on page 2." in preview, "Faces are covered." in preview) == (True, False)
    again = client.post(f"{desk(assignment)}check/", {**MISSING, "look": "1"}).content.decode()
    assert "The goal is cut off on page 2.</textarea>" in again
    sent = client.post(f"{desk(assignment)}check/", {**MISSING, "send": "1"})
    assert (sent.status_code, sent["Location"]) == (302, "/review/")
    for row in (assignment, assignment.assessment, submission):
        assert row is not None
        row.refresh_from_db()
    assert assignment.assessment is not None
    assert (assignment.state, assignment.assessment.state, submission.state) == (
        "released",
        "returned",
        "draft",
    )
    assert (submission.attempt, submission.manifest, submission.attestations, submission.promised_on) == (
        1, {}, [], None,
    )  # fmt: skip
    assert submission.returned["lacking"] == ["The plan names a goal."]

    tasks.returned(str(Entry.objects.get(kind="submissions.returned").pk))
    message = Message.objects.get(kind="returned")
    assert (message.user, title_of(message)[:27]) == (people.educator, "Almost: something is missin")
    hers = signed_in(people.educator).get(f"/submissions/{submission.pk}/").content.decode()
    assert ("Almost: something is missing" in hers, "The plan names a goal." in hers) == (True, True)
    assert "Ingrid" not in hers

    entered = fill(submission, people.educator).assessments.get(state="open")
    assert (entered.draw["seed"], entered.submission.attempt) == (draw["seed"], 1)
    assert signed_in(people.assessor).post(f"/review/claim/{submission.pk}/").status_code == 302


@pytest.mark.usefixtures("policy")
def test_everything_there_opens_the_rubric_and_nothing_is_sent_unchecked(people: People) -> None:
    assignment = claimed(people)
    client = signed_in(people.assessor)
    assert client.post(f"{desk(assignment)}check/", {"item-plan": "present"}).status_code == 400
    with pytest.raises(GuardError, match="Check first"):
        workflow.complete(scored(assignment), people.assessor)
    Assignment.objects.filter(pk=assignment.pk).update(revision=0)
    assignment.scores.all().delete()
    both = {"item-plan": "present", "item-faces": "present"}
    assert client.post(f"{desk(assignment)}check/", both)["Location"] == desk(assignment)
    assert client.get(desk(assignment)).status_code == 200
    assignment.refresh_from_db()
    done = workflow.complete(scored(assignment), people.assessor)
    done.submission.refresh_from_db()
    assert done.submission.state == "earned"
    assert Entry.objects.filter(kind="review.checked").count() == 1


def test_a_second_reader_is_asked_too_and_a_return_ends_her_claim(
    people: People, policy: AssessmentPolicy
) -> None:
    AssessmentPolicy.objects.update(double_first=10)
    first = claimed(people)
    second = workflow.claim(first.submission, people.assessor2)
    workflow.check_complete(first, people.assessor, ["plan", "faces"])
    second.refresh_from_db()
    assert [one["key"] for one in workflow.to_check(second)] == ["plan", "faces"]
    with pytest.raises(GuardError):
        workflow.return_incomplete(second, people.assessor2, [], "")
    workflow.return_incomplete(second, people.assessor2, ["plan"], "")
    first.refresh_from_db()
    assert first.state == "lapsed"  # nothing says that somebody else sent it back
    page = signed_in(people.assessor).get(f"/review/{first.pk}/").content.decode()
    assert "This submission is not being assessed any more." in page
    with pytest.raises(TransitionError):
        workflow.save(first, people.assessor, revision=first.revision, strength="Late.")


def test_who_has_begun_to_score_sends_a_decision_instead(people: People, policy: AssessmentPolicy) -> None:
    assignment = scored(claimed(people))
    with pytest.raises(GuardError, match="begun to score"):
        workflow.return_incomplete(assignment, people.assessor, ["plan"], "")
    with pytest.raises(GuardError, match="somebody else"):
        workflow.return_incomplete(assignment, people.assessor2, ["plan"], "")


def test_the_promised_day_counts_business_days_and_ends_with_the_check(
    people: People, policy: AssessmentPolicy
) -> None:
    assessment = submitted(people).assessments.get()
    due = queries.check_due(assessment, policy)
    assert due == calendar_of(people.northfield.pk).add(assessment.entered_at, 2)
    assessment.checked_at = timezone.now()
    assert queries.check_due(assessment, policy) is None


def test_another_attempt_is_kept_for_who_read_the_last_or_for_fresh_eyes(
    people: People, policy: AssessmentPolicy
) -> None:
    AssessmentPolicy.objects.update(checklist=[])
    first = not_yet(people)
    again = fill(submissions.resubmit(first, people.educator), people.educator)
    kept = again.assessments.get()
    assert (kept.reserved_for, kept.reserved_why) == (people.assessor, "same")
    assert kept.reserved_until is not None
    assert kept.reserved_until > timezone.now() + timedelta(days=1)
    with pytest.raises(GuardError, match="kept for another"):
        workflow.claim(again, people.assessor2)
    submissions.withdraw(again, people.educator)
    workflow.leave(again)
    AssessmentPolicy.objects.update(returning="fresh")
    fresh = fill(again, people.educator)
    assert fresh.assessments.get(state="open").reserved_for is None
    with pytest.raises(GuardError, match="earlier attempt"):
        workflow.claim(fresh, people.assessor)
    assert workflow.claim(fresh, people.assessor2).state == "claimed"


def not_yet(people: People, **fields: Any) -> Any:
    """An attempt that passed on two criteria and not on the plan."""
    assignment = scored(claimed(people, **fields), {
        "context": {"level": 2, "feedback": "Clear."},
        "plan": {"level": 2, "feedback": "Show how quiet students join.", "where": "the plan", "next_step": "Add it."},
        "growth": {"level": 2, "feedback": ""},
    })  # fmt: skip
    submission = workflow.complete(assignment, people.assessor).submission
    submission.refresh_from_db()
    return submission
