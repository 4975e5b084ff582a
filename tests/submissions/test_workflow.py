"""Joining, saving, sending, taking back, trying again: every verb and what it refuses."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.utils import timezone

from accounts.models import User
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from submissions import workflow
from submissions.files import IncomingFile
from submissions.models import Artifact, Enrolment
from tests import factories
from tests.submissions.stories import FULL, PDF, complete, decided, outcomes, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def educator() -> User:
    return factories.user()


@pytest.fixture
def unit() -> MicroCredential:
    return factories.published()


def kinds() -> list[str]:
    return list(
        Entry.objects.filter(kind__startswith="submissions.")
        .order_by("created")
        .values_list("kind", flat=True)
    )


def test_enrolling_gives_a_draft_of_the_current_version(educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    assert (draft.state, draft.attempt, draft.enrolment.version) == ("draft", 1, unit.current)
    assert kinds() == ["submissions.enrolled"]


def test_enrolling_twice_joins_once(educator: User, unit: MicroCredential) -> None:
    assert workflow.enrol(educator, unit) == workflow.enrol(educator, unit)
    assert Enrolment.objects.count() == 1


def test_an_unpublished_one_is_not_open(educator: User) -> None:
    version = factories.draft()
    with pytest.raises(GuardError):
        workflow.enrol(educator, version.micro_credential)


def test_saving_merges_keys_and_counts(educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers={"context": "one"})
    workflow.save(draft, educator, revision=1, answers={"growth": "two"})
    draft.refresh_from_db()
    assert (draft.revision, draft.answers) == (2, {"context": "one", "growth": "two"})


def test_a_stale_save_carries_what_is_stored(educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers={"context": "first tab"})
    with pytest.raises(workflow.StaleRevision) as stale:
        workflow.save(draft, educator, revision=0, answers={"context": "second tab"})
    assert (stale.value.revision, stale.value.answers) == (1, {"context": "first tab"})


@pytest.mark.parametrize(
    ("answers", "field"),
    [({"context": "a\x00b"}, "context"), ({"context": "x" * 1_000_000}, "context"), ({"nothing": "x"}, "nothing"), ({"context": 5}, "context")],
)  # fmt: skip
def test_text_that_cannot_be_kept_is_refused_on_its_field(
    educator: User, unit: MicroCredential, answers: dict[str, Any], field: str
) -> None:
    draft = workflow.enrol(educator, unit)
    with pytest.raises(GuardError) as refusal:
        workflow.save(draft, educator, revision=0, answers=answers)
    assert list(refusal.value.errors) == [field]


def test_nobody_else_touches_it(educator: User, unit: MicroCredential) -> None:
    draft = complete(educator, unit)
    stranger = factories.user()
    with pytest.raises(PermissionDenied):
        workflow.save(draft, stranger, revision=1, answers={})
    with pytest.raises(PermissionDenied):
        workflow.submit(draft, stranger, ["privacy"])
    with pytest.raises(PermissionDenied):
        workflow.leave(draft.enrolment, stranger)
    assert workflow.available(draft, stranger) == set()


def test_submitting_seals_evidence_and_statements(educator: User, unit: MicroCredential) -> None:
    submission = submitted(educator, unit)
    submission.refresh_from_db()
    artifact = Artifact.objects.get()
    assert submission.state == "submitted"
    assert [one["sha256"] for one in submission.manifest["artifacts"]] == [artifact.sha256]
    assert [one["key"] for one in submission.attestations] == ["privacy"]
    assert kinds() == ["submissions.enrolled", "submissions.submitted"]


def test_submitting_names_every_gap(educator: User, unit: MicroCredential) -> None:
    draft = workflow.enrol(educator, unit)
    workflow.save(draft, educator, revision=0, answers={"growth": "word " * 51})
    with pytest.raises(GuardError) as refusal:
        workflow.submit(draft, educator, ["privacy"])
    assert refusal.value.errors == {
        "context": ["This question still waits for your answer."],
        "plan": ["Add 1 artifact here."],
        "growth": ["Please cut 1 word (now 51, at most 50)."],
    }


def test_submitting_needs_each_statement(educator: User, unit: MicroCredential) -> None:
    with pytest.raises(GuardError) as refusal:
        workflow.submit(complete(educator, unit), educator, [])
    assert list(refusal.value.errors) == ["attest-privacy"]


def test_a_verified_address_is_needed_only_to_submit(educator: User, unit: MicroCredential) -> None:
    EmailAddress.objects.filter(user=educator).update(verified=False)
    draft = complete(educator, unit)
    with pytest.raises(GuardError) as refusal:
        workflow.submit(draft, educator, ["privacy"])
    assert list(refusal.value.errors) == ["email"]
    EmailAddress.objects.filter(user=educator).update(verified=True)
    assert workflow.submit(draft, educator, ["privacy"]).state == "submitted"


def test_withdrawing_opens_it_for_correction(educator: User, unit: MicroCredential) -> None:
    submission = workflow.withdraw(submitted(educator, unit), educator)
    submission.refresh_from_db()
    assert (submission.state, submission.submitted_at, submission.manifest) == ("draft", None, {})
    assert kinds()[-1] == "submissions.withdrawn"


def test_what_is_being_read_cannot_be_withdrawn_changed_or_left(
    educator: User, unit: MicroCredential
) -> None:
    submission = submitted(educator, unit)
    workflow.begin_review(submission, factories.user())
    for verb in (
        lambda: workflow.withdraw(submission, educator),
        lambda: workflow.save(submission, educator, revision=1, answers={}),
        lambda: workflow.remove_artifact(Artifact.objects.get(), educator),
        lambda: workflow.leave(submission.enrolment, educator),
    ):
        with pytest.raises(TransitionError):
            verb()


def test_a_released_claim_goes_back_to_its_place(educator: User, unit: MicroCredential) -> None:
    submission = submitted(educator, unit)
    when = submission.submitted_at
    assessor = factories.user()
    workflow.begin_review(submission, assessor)
    workflow.return_to_queue(submission, assessor)
    submission.refresh_from_db()
    assert (submission.state, submission.submitted_at) == ("submitted", when)


def test_every_criterion_at_its_level_earns(educator: User, unit: MicroCredential) -> None:
    submission = decided(educator, unit)
    submission.enrolment.refresh_from_db()
    assert (submission.state, submission.enrolment.state) == ("earned", "earned")
    assert submission.outcomes.count() == 3
    assert kinds()[-2:] == ["submissions.earned", "submissions.enrolment_earned"]


def test_one_criterion_below_is_not_yet_never_an_average(educator: User, unit: MicroCredential) -> None:
    submission = decided(educator, unit, below="plan")
    submission.enrolment.refresh_from_db()
    assert (submission.state, submission.enrolment.state) == ("not_yet", "active")


def test_nobody_decides_her_own_work(educator: User, unit: MicroCredential) -> None:
    submission = submitted(educator, unit)
    with pytest.raises(GuardError):
        workflow.begin_review(submission, educator)


@pytest.mark.parametrize("fault", ["missing", "claims to pass", "no feedback", "no strength"])
def test_an_incomplete_decision_is_refused(educator: User, unit: MicroCredential, fault: str) -> None:
    submission = submitted(educator, unit)
    assessor = factories.user()
    workflow.begin_review(submission, assessor)
    given = outcomes(submission, below="plan")
    words = {"strength": "" if fault == "no strength" else "Clear.", "next_step": "Go on."}
    if fault == "missing":
        given = given[1:]
    elif fault == "claims to pass":
        given = [workflow.OutcomeData(one.criterion_id, 1, True) for one in given]
    elif fault == "no feedback":
        given = [workflow.OutcomeData(one.criterion_id, one.level, one.passed) for one in given]
    with pytest.raises(GuardError):
        workflow.decide(submission, assessor, outcomes=given, **words)
    submission.refresh_from_db()
    assert (submission.state, submission.outcomes.count()) == ("in_review", 0)


def test_trying_again_starts_from_what_is_there_and_keeps_the_first(
    educator: User, unit: MicroCredential
) -> None:
    first = decided(educator, unit, below="plan")
    second = workflow.resubmit(first, educator)
    assert (second.attempt, second.state, second.answers) == (2, "draft", FULL)
    assert [one.text for one in second.artifacts.all()] == [one.text for one in first.artifacts.all()]
    with pytest.raises(GuardError) as refusal:
        workflow.submit(second, educator, ["privacy"])
    assert list(refusal.value.errors) == ["resubmission_note"]
    workflow.save(second, educator, revision=0, answers={}, resubmission_note="A clearer plan.")
    assert workflow.submit(second, educator, ["privacy"]).state == "submitted"
    with pytest.raises(TransitionError):
        workflow.resubmit(first, educator)


def test_a_file_shared_by_two_attempts_is_deleted_with_the_last(
    educator: User, unit: MicroCredential, django_capture_on_commit_callbacks: Any
) -> None:
    draft = complete(educator, unit)
    artifact = factories.checked(
        workflow.add_file(
            draft, educator, requirement="plan", upload=IncomingFile([PDF], len(PDF), "plan.pdf")
        )
    )
    assert artifact.content is not None
    key = artifact.content.file
    twin = Artifact.objects.create(submission=draft, kind="file", title="twin", content=artifact.content)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.remove_artifact(artifact, educator)
    assert default_storage.exists(key)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.remove_artifact(twin, educator)
    assert not default_storage.exists(key)


def test_a_full_requirement_takes_no_more_and_keeps_no_bytes(educator: User, unit: MicroCredential) -> None:
    draft = complete(educator, unit)
    workflow.add_link(draft, educator, requirement="plan", url="https://example.org/lesson")
    with pytest.raises(GuardError) as refusal:
        workflow.add_text(draft, educator, requirement="plan", text="A third one.")
    assert refusal.value.errors == {
        "requirement": ["“Lesson plan” already has 2: remove one to add another."]
    }


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "lesson", "ftp://example.org/x", "https://example.org/" + "x" * 500]
)
def test_a_link_must_be_a_web_address(educator: User, unit: MicroCredential, url: str) -> None:
    with pytest.raises(GuardError) as refusal:
        workflow.add_link(workflow.enrol(educator, unit), educator, requirement="plan", url=url)
    assert list(refusal.value.errors) == ["url"]


def test_leaving_keeps_the_work_and_coming_back_finds_it(educator: User, unit: MicroCredential) -> None:
    draft = complete(educator, unit)
    workflow.leave(draft.enrolment, educator)
    draft.refresh_from_db()
    assert (draft.state, Enrolment.objects.get().state) == ("withdrawn", "left")
    again = workflow.enrol(educator, unit)
    assert again.pk != draft.pk
    assert (again.answers, again.artifacts.count()) == (FULL, 1)


@pytest.mark.parametrize("days", [-3, 4000])
def test_a_target_date_lies_ahead(educator: User, unit: MicroCredential, days: int) -> None:
    draft = workflow.enrol(educator, unit)
    with pytest.raises(GuardError):
        workflow.set_target(draft.enrolment, educator, timezone.localdate() + timedelta(days=days))
    workflow.set_target(draft.enrolment, educator, timezone.localdate() + timedelta(days=30))
    assert Enrolment.objects.get().target_date == timezone.localdate() + timedelta(days=30)
