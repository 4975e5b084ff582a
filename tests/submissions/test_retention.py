"""Evidence goes when its time is over, never unannounced, never under a hold, and its hash stays."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from catalog.models import Criterion
from journal.models import Entry
from journal.workflow import GuardError
from submissions import vault, workflow
from submissions.models import Artifact, Content, Hold, Policy, Submission
from tests import factories
from tests.submissions.stories import FULL, outcomes

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


@pytest.fixture
def educator() -> User:
    return factories.user()


@pytest.fixture
def decided(educator: User) -> Submission:
    """Not yet, with one file, thirty days of retention."""
    unit = factories.published()
    Policy.objects.create(organisation=unit.issuer, retention_days=30)
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers=FULL)
    factories.kept(draft, b"lesson", "application/pdf", "lesson.pdf")
    submission = workflow.submit(draft, educator, ["privacy"])
    assessor = factories.user()
    workflow.begin_review(submission, assessor)
    assert Criterion.objects.filter(version=submission.enrolment.version).count() == 3
    workflow.decide(
        submission, assessor, outcomes=outcomes(submission, below="plan"), strength="A", next_step="B"
    )
    return submission


def due(submission: Submission, *, warned: int | None) -> None:
    """Its last day was yesterday; she was warned so many days ago."""
    when = None if warned is None else timezone.now() - timedelta(days=warned)
    Artifact.objects.filter(submission=submission).update(
        delete_on=TODAY() - timedelta(days=1), warned_at=when
    )


def test_the_clock_starts_with_the_decision_by_the_issuers_policy(decided: Submission) -> None:
    assert decided.artifacts.get().delete_on == TODAY() + timedelta(days=30)


def test_leaving_starts_it_too_and_coming_back_stops_it(educator: User) -> None:
    unit = factories.published()
    draft = workflow.enrol(educator, unit)
    left = factories.kept(draft, b"lesson", "application/pdf", "lesson.pdf")
    workflow.leave(draft.enrolment, educator)
    left.refresh_from_db()
    assert left.delete_on == TODAY() + timedelta(days=180)
    again = workflow.enrol(educator, unit).artifacts.get()
    assert (again.delete_on, again.content_id) == (None, left.content_id)


def test_nothing_goes_without_a_warning_of_fourteen_days(decided: Submission) -> None:
    due(decided, warned=None)
    assert workflow.delete_expired() == 0
    assert (workflow.warn_of_deletion(), workflow.warn_of_deletion()) == (1, 0)
    assert workflow.delete_expired() == 0
    due(decided, warned=15)
    assert workflow.delete_expired() == 1


def test_deleting_takes_bytes_key_and_previews_and_leaves_the_hash(
    decided: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    artifact = decided.artifacts.get()
    content = Content.objects.get()
    due(decided, warned=15)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.delete_expired()
    gone = decided.artifacts.get()
    assert (gone.state, gone.sha256, gone.content_id) == ("deleted", artifact.sha256, None)
    assert (Content.objects.count(), vault.exists(content.file)) == (0, False)
    assert decided.manifest["artifacts"][0]["sha256"] == artifact.sha256
    assert Entry.objects.filter(kind="submissions.artifact_deleted", subject_id=artifact.pk).count() == 1


def test_bytes_that_the_next_attempt_shows_stay_until_its_own_time(
    decided: Submission, educator: User
) -> None:
    second = workflow.resubmit(decided, educator)
    due(decided, warned=15)
    assert workflow.delete_expired() == 1
    kept = second.artifacts.get()
    assert kept.content is not None
    assert vault.exists(kept.content.file)


def test_a_hold_stops_deletion_by_anybody_until_it_is_lifted(decided: Submission, educator: User) -> None:
    admin = factories.user(is_staff=True)
    row = workflow.hold(decided, admin, "Records request 12")
    with pytest.raises(GuardError):
        workflow.hold(decided, admin, "Again")
    due(decided, warned=15)
    assert (workflow.warn_of_deletion(), workflow.delete_expired()) == (0, 0)
    with pytest.raises(GuardError):
        workflow.delete_bytes(
            decided.artifacts.select_related("submission__enrolment__micro_credential").get(), educator, "own"
        )
    workflow.lift(row, admin)
    assert (workflow.delete_expired(), workflow.warn_of_deletion()) == (0, 1)  # she is told again first
    with pytest.raises(GuardError):
        workflow.lift(Hold.objects.get(), admin)
    assert list(Entry.objects.filter(kind__contains="hold").values_list("kind", flat=True)) == [
        "submissions.hold_lifted"
    ]


def test_a_hold_needs_a_reason(decided: Submission, educator: User) -> None:
    with pytest.raises(GuardError) as refusal:
        workflow.hold(decided, educator, "  ")
    assert list(refusal.value.errors) == ["reason"]
