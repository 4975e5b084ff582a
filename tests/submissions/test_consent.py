"""Classes with their forms, the one question about each piece of evidence, and what a family's stop does."""

from __future__ import annotations

import hashlib
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import User
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from submissions import rules, stops, vault, workflow
from submissions.files import IncomingFile
from submissions.models import Artifact, Consent, Content, Hold, SchoolClass, Submission
from submissions.models.consent import Purpose
from submissions.workflow import Terms
from tests import factories
from tests.submissions.samples import picture
from tests.submissions.stories import FULL, outcomes

pytestmark = pytest.mark.django_db
PICTURE = picture("JPEG")


@pytest.fixture
def educator() -> User:
    return factories.user()


def attach(draft: Submission) -> Artifact:
    """A picture as it is after its check."""
    upload = IncomingFile(chunks=iter([PICTURE]), size=len(PICTURE), name="board.jpg")
    added = workflow.add_file(draft, draft.enrolment.earner, requirement="plan", upload=upload)
    return ready(added)


def ready(artifact: Artifact) -> Artifact:
    """What the check would leave behind, without the decoders."""
    owner, digest = artifact.submission.enrolment.earner, hashlib.sha256(PICTURE).hexdigest()
    content = Content(
        owner=owner, file=f"evidence/{artifact.pk}", secret=vault.new_secret(), size=len(PICTURE)
    )
    content.sha256, content.content_type = digest, "image/jpeg"
    with tempfile.NamedTemporaryFile() as file:
        file.write(PICTURE)
        file.flush()
        vault.put(content.file, Path(file.name), content.wrapped)
    content.save()
    Artifact.objects.filter(pk=artifact.pk).update(
        state="ready", content=content, content_type="image/jpeg", size=len(PICTURE), sha256=digest
    )
    return again(artifact)


def filmed(educator: User, unit: MicroCredential | None = None) -> tuple[Submission, Artifact]:
    """A draft that is complete but for the question."""
    draft = workflow.enrol(educator, unit or factories.published())
    workflow.save(draft, educator, revision=0, answers=FULL)
    return draft, attach(draft)


def form(row: SchoolClass, number: int) -> Consent:
    return Consent.objects.select_related("school_class").get(school_class=row, number=number)


def again(artifact: Artifact) -> Artifact:
    return Artifact.objects.select_related("submission__enrolment", "content").get(pk=artifact.pk)


class TestRegister:
    def test_a_class_starts_with_forms_for_all_but_some(self, educator: User) -> None:
        row = factories.school_class(educator, 26, without=[4, 9])
        states = dict(row.consents.values_list("number", "state"))
        assert (len(states), [n for n, state in states.items() if state == "missing"]) == (26, [4, 9])
        assert (row.scope, row.purposes) == (["image", "voice", "work"], ["assessment"])

    def test_it_lasts_to_the_end_of_the_school_year(self) -> None:
        ends = [workflow.end_of_school_year(date(2026, month, 1)) for month in (7, 8)]
        assert ends == [date(2026, 7, 31), date(2027, 7, 31)]

    def test_codes_are_unguessable_and_read_as_people_type_them(self, educator: User) -> None:
        row = factories.school_class(educator, 30)
        codes = list(row.consents.values_list("code", flat=True))
        assert (len(set(codes)), {len(code) for code in codes}, {code[4] for code in codes}) == (
            30,
            {9},
            {"-"},
        )
        assert {sign for code in codes for sign in code} <= set("0123456789ABCDEFGHJKMNPQRSTVWXYZ-")
        assert [workflow.tidy_code(text) for text in (" oil1 2bcd", "7K2M-9QXA", "short", "")] == [
            "0111-2BCD", "7K2M-9QXA", "", "",
        ]  # fmt: skip

    @pytest.mark.parametrize(
        ("terms", "field"),
        [
            ({"label": "  "}, "label"), ({"label": "a\x00"}, "label"), ({"number": 0}, "number"),
            ({"number": 401}, "number"), ({"without": [27]}, "without"), ({"scope": []}, "scope"),
            ({"scope": ["smell"]}, "scope"), ({"purposes": []}, "purposes"), ({"purposes": ["advertising"]}, "purposes"),
            ({"expires": date(2020, 1, 1)}, "expires"), ({"expires": date(2099, 1, 1)}, "expires"),
        ],
    )  # fmt: skip
    def test_nonsense_is_refused_on_its_field(
        self, educator: User, terms: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(GuardError) as refusal:
            workflow.open_class(educator, Terms(**{"label": "Period 3", "number": 26, **terms}))
        assert list(refusal.value.errors) == [field]
        assert SchoolClass.objects.count() == 0

    def test_forms_come_in_pupils_are_added_and_nothing_personal_is_journalled(self, educator: User) -> None:
        row = factories.school_class(educator, 3, without=[2], label="Period 3")
        workflow.change_class(row, educator, Terms("Period 3 B", 4, without=[4]), {1: "Blue chair"})
        forms = list(row.consents.values_list("number", "state", "alias"))
        assert forms == [
            (1, "on_file", "Blue chair"),
            (2, "on_file", ""),
            (3, "on_file", ""),
            (4, "missing", ""),
        ]
        notes = [
            entry.data
            for entry in Entry.objects.filter(kind__startswith="submissions.class").order_by("created")
        ]
        assert notes == [{"pupils": 3, "without": 1}, {"pupils": 4, "without": 1}]

    def test_a_class_never_shrinks_and_belongs_to_its_educator(self, educator: User) -> None:
        row = factories.school_class(educator, 3)
        with pytest.raises(GuardError):
            workflow.change_class(row, educator, Terms("Period 3", 2))
        with pytest.raises(PermissionDenied):
            workflow.change_class(row, factories.user(), Terms("Period 3", 3))
        with pytest.raises(PermissionDenied):
            workflow.stop(form(row, 1), factories.user())

    def test_a_form_does_not_vanish_from_under_evidence(self, educator: User) -> None:
        row = factories.school_class(educator, 3)
        _draft, artifact = filmed(educator)
        factories.covered(artifact, row)
        with pytest.raises(GuardError) as refusal:
            workflow.change_class(row, educator, Terms("Period 3", 3, without=[2]))
        assert list(refusal.value.errors) == ["without"]


class TestQuestion:
    def test_without_an_answer_nothing_is_submitted(self, educator: User) -> None:
        draft, artifact = filmed(educator)
        for coverage, words in (("", "Say whether students"), ("unsure", "not sure who can be recognised")):
            if coverage:
                workflow.cover(artifact, educator, coverage)
            with pytest.raises(GuardError) as refusal:
                workflow.submit(draft, educator, ["privacy"])
            assert words in str(refusal.value.errors["plan"][0])
        workflow.cover(artifact, educator, "nobody")
        assert workflow.submit(draft, educator, ["privacy"]).state == "submitted"

    def test_a_covered_class_lets_it_pass(self, educator: User) -> None:
        draft, artifact = filmed(educator)
        factories.covered(artifact, factories.school_class(educator))
        assert workflow.submit(draft, educator, ["privacy"]).state == "submitted"

    def test_a_text_needs_no_answer(self, educator: User) -> None:
        draft = workflow.enrol(educator, factories.published())
        text = workflow.add_text(draft, educator, requirement="plan", text="First we look.")
        assert rules.covered(text)
        with pytest.raises(GuardError):
            workflow.cover(text, educator, "nobody")

    @pytest.mark.parametrize(
        ("terms", "content_type", "fits"),
        [
            ({"scope": ["image"]}, "image/jpeg", True), ({"scope": ["voice"]}, "image/jpeg", False),
            ({"scope": ["image"]}, "video/mp4", False), ({"scope": ["image", "voice"]}, "video/mp4", True),
            ({"scope": ["voice"]}, "audio/mp4", True), ({"scope": ["work"]}, "audio/mp4", False),
            ({"scope": ["work"]}, "application/pdf", True), ({"scope": ["image"]}, "application/pdf", False),
            ({"purposes": ["coach"]}, "image/jpeg", False),
        ],
    )  # fmt: skip
    def test_the_forms_have_to_fit(
        self, educator: User, terms: dict[str, Any], content_type: str, fits: bool
    ) -> None:
        _draft, artifact = filmed(educator)
        Artifact.objects.filter(pk=artifact.pk).update(content_type=content_type)
        row = factories.school_class(educator, 3, **terms)
        if fits:
            factories.covered(artifact, row)
        else:
            with pytest.raises(GuardError) as refusal:
                factories.covered(artifact, row)
            assert list(refusal.value.errors) == ["classes"]
        assert rules.covered(again(artifact)) is fits

    def test_another_educators_class_is_no_class(self, educator: User) -> None:
        _draft, artifact = filmed(educator)
        with pytest.raises(GuardError):
            factories.covered(artifact, factories.school_class(factories.user()))
        with pytest.raises(GuardError):
            workflow.cover(artifact, educator, "covered")
        with pytest.raises(PermissionDenied):
            workflow.cover(artifact, factories.user(), "nobody")

    def test_each_purpose_needs_its_own_consent_and_expiry_counts_at_once(self, educator: User) -> None:
        _draft, artifact = filmed(educator)
        row = factories.school_class(educator, 3, purposes=["assessment", "coach"])
        factories.covered(artifact, row)
        allowed = {purpose for purpose in Purpose.values if rules.covered(again(artifact), purpose)}
        assert allowed == {"assessment", "coach"}
        SchoolClass.objects.update(expires=timezone.localdate() - timedelta(days=1))
        assert not any(rules.covered(again(artifact), purpose) for purpose in Purpose.values)


class TestStop:
    def covered_submission(self, educator: User) -> tuple[Submission, Artifact, SchoolClass]:
        draft, artifact = filmed(educator)
        row = factories.school_class(educator)
        factories.covered(artifact, row)
        return workflow.submit(draft, educator, ["privacy"]), artifact, row

    def test_closes_what_the_class_is_in_and_nothing_else(self, educator: User) -> None:
        _submission, artifact, row = self.covered_submission(educator)
        _other, elsewhere = filmed(educator)
        factories.covered(elsewhere, factories.school_class(educator, label="Period 5"))
        Artifact.objects.filter(pk=elsewhere.pk).update(received_sha256="5" * 64)  # another picture
        workflow.stop(form(row, 7))
        assert [again(one).state for one in (artifact, elsewhere)] == ["quarantined", "ready"]
        assert not rules.covered(again(artifact))
        entry = Entry.objects.get(kind="submissions.consent_stopped")
        assert (entry.actor_id, entry.data["closed"][0]["artifact"]) == (None, str(artifact.pk))

    def test_twice_is_once(self, educator: User) -> None:
        _submission, _artifact, row = self.covered_submission(educator)
        workflow.stop(form(row, 7))
        with pytest.raises(TransitionError):
            workflow.stop(form(row, 7))
        assert Entry.objects.filter(kind="submissions.artifact_quarantined").count() == 1

    def test_reaches_every_attempt_that_shows_the_same_bytes(self, educator: User) -> None:
        first, artifact, row = self.covered_submission(educator)
        decided_now(first)
        second = workflow.resubmit(first, educator)
        copy = second.artifacts.get()
        workflow.cover(again(copy), educator, "nobody")  # a careless second answer does not keep it open
        workflow.stop(form(row, 7))
        assert [again(one).state for one in (artifact, copy)] == ["quarantined", "quarantined"]
        workflow.delete_stopped(again(copy), educator)
        assert [again(one).state for one in (artifact, copy)] == ["deleted", "deleted"]
        assert (Content.objects.count(), again(artifact).sha256) == (0, artifact.sha256)

    def test_what_is_still_on_its_way_in_is_asked_about_again(self, educator: User) -> None:
        draft = workflow.enrol(educator, factories.published())
        body = picture("JPEG")
        upload = IncomingFile(chunks=iter([body]), size=len(body), name="board.jpg")
        artifact = workflow.add_file(draft, educator, requirement="plan", upload=upload)
        row = factories.school_class(educator)
        factories.covered(artifact, row)
        workflow.stop(form(row, 7))
        assert (again(artifact).coverage, rules.covered(ready(artifact))) == ("", False)

    def test_this_pupil_is_not_in_it(self, educator: User) -> None:
        _submission, artifact, row = self.covered_submission(educator)
        workflow.stop(form(row, 7))
        workflow.clear(again(artifact), educator)
        assert (again(artifact).state, rules.covered(again(artifact))) == ("ready", True)
        assert stops.aftermath(form(row, 7)).reopened == 1
        workflow.stop(form(row, 8))  # her statement was about pupil 7 only
        assert again(artifact).state == "quarantined"

    def test_only_she_decides_and_only_once(self, educator: User) -> None:
        _submission, artifact, _row = self.covered_submission(educator)
        for verb in (workflow.clear, workflow.delete_stopped):
            with pytest.raises(TransitionError):
                verb(again(artifact), educator)
            with pytest.raises(PermissionDenied):
                verb(again(artifact), factories.user())

    def test_left_alone_for_two_weeks_the_bytes_go(self, educator: User) -> None:
        _submission, artifact, row = self.covered_submission(educator)
        workflow.stop(form(row, 7))
        key = again(artifact).content.file  # type: ignore[union-attr]
        assert (workflow.forget_stopped(), vault.exists(key)) == (0, True)
        Artifact.objects.update(state_since=timezone.now() - timedelta(days=15))
        assert workflow.forget_stopped() == 1
        after = stops.aftermath(form(row, 7))
        assert (after.closed, after.deleted, after.deleted_on) == (0, 1, timezone.localdate())

    def test_a_legal_hold_keeps_the_bytes_closed(self, educator: User) -> None:
        submission, artifact, row = self.covered_submission(educator)
        workflow.stop(form(row, 7))
        Hold.objects.create(submission=submission, reason="A case", placed_by=educator)
        Artifact.objects.update(state_since=timezone.now() - timedelta(days=15))
        with pytest.raises(GuardError):
            workflow.delete_stopped(again(artifact), educator)
        assert (workflow.forget_stopped(), again(artifact).state) == (0, "quarantined")
        assert stops.aftermath(form(row, 7)).held

    def test_removing_it_from_a_draft_deletes_it(
        self, educator: User, django_capture_on_commit_callbacks: Any
    ) -> None:
        _draft, artifact = filmed(educator)
        row = factories.school_class(educator)
        factories.covered(artifact, row)
        key = again(artifact).content.file  # type: ignore[union-attr]
        workflow.stop(form(row, 7))
        with django_capture_on_commit_callbacks(execute=True):
            workflow.remove_artifact(again(artifact), educator)
        assert (vault.exists(key), stops.aftermath(form(row, 7)).deleted) == (False, 1)

    def test_stopped_pupils_are_not_in_what_is_said_later(self, educator: User) -> None:
        _submission, _artifact, row = self.covered_submission(educator)
        workflow.stop(form(row, 7))
        _draft, later = filmed(educator)
        factories.covered(later, row)
        assert (again(later).cleared, rules.covered(again(later))) == ([form(row, 7).pk], True)


def decided_now(submission: Submission) -> None:
    """Read and found not to be there yet."""
    assessor = factories.user()
    workflow.begin_review(submission, assessor)
    given = outcomes(submission, below="plan")
    workflow.decide(
        submission, assessor, outcomes=given, strength="A clear plan.", next_step="Film one talk."
    )
