"""From what arrived to what is assessed, or to words; and nothing stays stuck."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from accounts.models import User
from journal.models import Entry
from journal.workflow import GuardError
from microcreds.wiring import WIRING
from notifications import tasks as notifications
from notifications.models import Message
from submissions import tasks, uploads, vault, workflow
from submissions.files import IncomingFile
from submissions.models import Artifact, Content, Preview, Submission, Upload
from submissions.workflow import checking, keeping
from tests import factories
from tests.papers import PDF, pdf
from tests.people import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def educator() -> User:
    return cast().educator


@pytest.fixture
def draft(educator: User) -> Submission:
    return workflow.enrol(educator, factories.published())


def arrived(draft: Submission, body: bytes, name: str) -> Artifact:
    upload = IncomingFile([body], len(body), name)
    return workflow.add_file(draft, draft.enrolment.earner, requirement="plan", upload=upload)


def fresh(artifact: Artifact) -> Artifact:
    return Artifact.objects.select_related("content", "submission__enrolment__micro_credential").get(
        pk=artifact.pk
    )


def photo() -> bytes:
    exif = Image.Exif()
    exif[0x013B] = "Maya Rivera"
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def test_what_arrived_is_cleaned_sealed_and_told_apart_from_what_is_kept(draft: Submission) -> None:
    body = photo()
    row = factories.checked(arrived(draft, body, "Maya Rivera board.jpg"))
    assert (row.state, row.progress, row.scan, row.tries) == ("ready", 100, "not_scanned", 1)
    assert row.received_sha256 != row.sha256
    content = row.content
    assert content is not None
    kept = b"".join(vault.read(content.file, content.wrapped, 0, content.size, content.size))
    assert (b"Maya" in body, b"Maya" in kept, len(kept)) == (True, False, row.size)
    assert set(Preview.objects.values_list("kind", flat=True)) >= {"poster", "thumb"}
    assert not uploads.incoming(Upload.objects.get()).exists()


def test_what_looks_right_and_is_not_is_refused_in_words_and_she_is_told(draft: Submission) -> None:
    row = factories.checked(arrived(draft, b"%PDF-1.7\n" + b"\x00" * 400, "plan.pdf"))
    assert (row.state, row.content_id, Content.objects.count()) == ("rejected", None, 0)
    assert row.problem != ""
    notifications.evidence(str(Entry.objects.get(kind="submissions.artifact_rejected").pk))
    assert Message.objects.get().context["problem"] == row.problem
    assert WIRING["submissions.artifact_rejected"] == ["notifications.tasks.evidence"]


def test_bytes_that_are_not_hers_are_refused(draft: Submission) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    Upload.objects.update(sha256="ab" * 32)
    assert factories.checked(row).problem_code == "altered"


def test_two_workers_at_one_file_check_it_once(draft: Submission) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    stale = fresh(row)
    workflow.check(fresh(row))
    workflow.check(stale)
    assert (fresh(row).state, fresh(row).tries, Content.objects.count()) == ("ready", 1, 1)


def test_taken_out_in_the_middle_nothing_remains(
    draft: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    row = fresh(arrived(draft, PDF, "plan.pdf"))
    with django_capture_on_commit_callbacks(execute=True):
        workflow.remove_artifact(fresh(row), draft.enrolment.earner)
    workflow.check(row)
    assert (Artifact.objects.count(), Content.objects.count()) == (0, 0)


def test_a_scanner_that_is_away_is_waited_for(draft: Submission, settings: Any) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    workflow.check(fresh(row))
    assert (fresh(row).state, fresh(row).problem_code) == ("checking", "waiting")
    settings.CLAMD_URL = ""
    assert workflow.heal() == 1
    workflow.check(fresh(row))
    assert fresh(row).state == "ready"


def test_a_worker_that_died_is_replaced_and_in_the_end_a_person_may_try_again(draft: Submission) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    for tries in range(1, checking.MOST_TRIES + 1):
        past = timezone.now() - timedelta(minutes=20)
        Artifact.objects.filter(pk=row.pk).update(state="checking", tries=tries, state_since=past)
        assert workflow.heal() == 1
    assert (fresh(row).state, fresh(row).problem_code) == ("rejected", "not-checked")
    workflow.retry(fresh(row), draft.enrolment.earner)
    workflow.check(fresh(row))
    assert fresh(row).state == "ready"


def test_what_a_killed_worker_left_in_the_store_goes_with_the_sweep(
    draft: Submission, django_capture_on_commit_callbacks: Any
) -> None:
    content = Content.objects.create(
        owner=draft.enrolment.earner, file="evidence/zz/left", secret=vault.new_secret(), size=3, sha256="",
        content_type="image/jpeg",
    )  # fmt: skip
    for name in (content.file, f"{content.file}-thumb"):
        vault.put(name, io.BytesIO(b"abc"), content.wrapped)
    row = factories.kept(draft, b"held", "application/pdf", "held.pdf")
    past = timezone.now() - timedelta(days=2)
    Content.objects.update(created=past)
    with django_capture_on_commit_callbacks(execute=True):
        assert keeping.sweep_contents() == 1
    assert [vault.exists(name) for name in (content.file, f"{content.file}-thumb")] == [False, False]
    assert list(Content.objects.values_list("pk", flat=True)) == [row.content_id]


def test_a_check_that_goes_on_is_left_alone(draft: Submission) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    Artifact.objects.filter(pk=row.pk).update(state="checking", state_since=timezone.now())
    assert (workflow.heal(), fresh(row).state) == (0, "checking")


def test_a_task_that_was_lost_is_made_up_for(draft: Submission) -> None:
    row = arrived(draft, PDF, "plan.pdf")
    Artifact.objects.filter(pk=row.pk).update(state_since=timezone.now() - timedelta(minutes=5))
    assert (tasks.heal(), fresh(row).state) == (1, "ready")


def test_trying_again_is_for_faults_of_ours_only(draft: Submission) -> None:
    row = factories.checked(arrived(draft, b"%PDF-1.7\n" + b"\x00" * 400, "plan.pdf"))
    with pytest.raises(GuardError):
        workflow.retry(fresh(row), draft.enrolment.earner)


def test_only_what_is_ready_can_be_submitted(draft: Submission) -> None:
    workflow.save(draft, draft.enrolment.earner, revision=0, answers=factories.ANSWERS)
    arrived(draft, pdf(), "plan.pdf")
    with pytest.raises(GuardError) as refusal:
        workflow.submit(draft, draft.enrolment.earner, ["privacy"])
    assert next(str(words) for words in refusal.value.errors["plan"]).startswith(
        "“plan.pdf” is still being checked"
    )
