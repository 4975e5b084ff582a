"""Ways around the rules that somebody tried: each stays shut."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review import workflow as review
from submissions import vault, workflow
from submissions.models import Artifact, Consent, Content, SchoolClass, Submission, Upload
from submissions.rules import library_of, place_of, shared_with
from tests import factories
from tests.people import People, cast
from tests.review.work import signed_in
from tests.submissions.stories import FULL

pytestmark = pytest.mark.django_db
BODY = b"a lesson on film"


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def draft(people: People) -> Submission:
    """The educator's, with a file in it, in a micro-credential for teams."""
    row = workflow.enrol(people.educator, factories.published(people.northfield, teams=True))
    workflow.save(row, people.educator, revision=0, answers=FULL)
    factories.kept(row, BODY, "video/mp4", "talk.mp4")
    return row


def again(artifact: Artifact) -> Artifact:
    return Artifact.objects.select_related(
        "submission__enrolment__micro_credential", "submission__enrolment__version", "content"
    ).get(pk=artifact.pk)


def mates_copy(draft: Submission, mate: User) -> Artifact:
    """What a mate took from the team."""
    source = draft.artifacts.get()
    hers = workflow.accept_place(factories.team_place(draft, mate.email), mate)
    workflow.share(source, draft.enrolment.earner)
    place = place_of(hers.enrolment)
    assert place is not None
    return workflow.take_shared(hers, mate, shared_with(place).get(), requirement="plan")


class TestHold:
    def test_taking_the_attempt_back_does_not_get_around_it(self, people: People, draft: Submission) -> None:
        artifact = factories.covered(draft.artifacts.get())
        workflow.submit(draft, people.educator, ["privacy"])
        workflow.hold(draft, people.admin, "Records request 12")
        workflow.withdraw(draft, people.educator)
        with pytest.raises(GuardError):
            workflow.remove_artifact(again(artifact), people.educator)
        kept = again(artifact)
        assert kept.content is not None
        assert vault.exists(kept.content.file)

    def test_nor_does_closing_the_account(self, people: People, draft: Submission) -> None:
        added = workflow.add_text(draft, people.educator, requirement="plan", text="Ask, wait, hand back.")
        row = workflow.hold(draft, people.admin, "Records request 12")
        accounts.close(people.educator, "correct horse battery")
        workflow.let_go_of_person(people.educator)
        assert (again(added).text, Content.objects.count()) == ("Ask, wait, hand back.", 1)
        workflow.lift(row, people.admin)
        assert [one.pk for one in workflow.closed_with_something_left()] == [people.educator.pk]
        workflow.let_go_of_person(people.educator)
        assert (again(added).text, Content.objects.count()) == ("", 0)


class TestBytes:
    def test_a_check_that_was_quicker_leaves_nothing_behind(
        self, people: People, draft: Submission, django_capture_on_commit_callbacks: Any
    ) -> None:
        content = Content.objects.get()
        seen = again(draft.artifacts.get())
        seen.state, seen.content = Artifact.State.CHECKING, None  # as the page knew it
        with django_capture_on_commit_callbacks(execute=True):
            workflow.remove_artifact(seen, people.educator)
        assert (Content.objects.count(), vault.exists(content.file)) == (0, False)

    def test_a_text_whose_time_is_over_goes_too(self, people: People, draft: Submission) -> None:
        added = workflow.add_text(draft, people.educator, requirement="plan", text="Maya said why.")
        past = timezone.now() - timedelta(days=40)
        Artifact.objects.filter(pk=added.pk).update(delete_on=past.date(), warned_at=past)
        assert workflow.delete_expired() == 1
        gone = again(added)
        assert (gone.state, gone.text, gone.sha256) == ("deleted", "", added.sha256)

    def test_what_a_closed_account_was_sending_goes_at_once(self, people: People, draft: Submission) -> None:
        upload = workflow.begin_upload(
            draft, people.educator, requirement="plan", name="Ann Lee.mp4", size=9, metadata="filename QW5u"
        )
        accounts.close(people.educator, "correct horse battery")
        workflow.let_go_of_person(people.educator)
        left = Upload.objects.get(pk=upload.pk)
        assert (left.state, left.metadata, left.artifact) == ("ended", "", None)


class TestStop:
    def test_reaches_the_same_file_sent_twice(self, people: People, draft: Submission) -> None:
        row = factories.school_class(people.educator)
        first = factories.covered(draft.artifacts.get(), row)
        twin = factories.kept(draft, BODY, "video/mp4", "other.mp4")
        factories.covered(twin)
        workflow.stop(row.consents.get(number=7))
        assert (again(first).state, again(twin).state) == ("quarantined", "quarantined")

    def test_what_was_refused_is_asked_about_anew_before_it_is_tried_again(
        self, people: People, draft: Submission
    ) -> None:
        row = factories.school_class(people.educator)
        artifact = factories.covered(draft.artifacts.get(), row)
        Artifact.objects.filter(pk=artifact.pk).update(state="rejected", problem_code="not-checked")
        workflow.stop(row.consents.get(number=7))
        assert (again(artifact).coverage, again(artifact).classes) == ("", [])

    def test_still_works_for_what_mates_use_when_the_educator_has_left(
        self, people: People, draft: Submission
    ) -> None:
        row = factories.school_class(people.educator)
        workflow.change_class(row, people.educator, workflow.Terms(label="P3", number=26), {7: "Sparrow"})
        factories.covered(draft.artifacts.get(), row)
        taken = mates_copy(draft, people.educator2)
        idle = factories.school_class(people.educator, label="Period 4")
        accounts.close(people.educator, "correct horse battery")
        workflow.let_go_of_person(people.educator)
        assert not SchoolClass.objects.filter(pk=idle.pk).exists()
        consent = Consent.objects.select_related("school_class").get(school_class=row, number=7)
        assert consent.alias == ""
        workflow.stop(consent)
        assert again(taken).state == "quarantined"

    def test_a_new_copy_of_a_page_is_asked_about_anew(self, people: People, draft: Submission) -> None:
        Artifact.objects.update(kind="link", url="https://example.org/ann-lee", coverage="nobody")
        workflow.retry(again(draft.artifacts.get()), people.educator)
        assert (draft.artifacts.get().state, draft.artifacts.get().coverage) == ("received", "")


class TestOthers:
    def test_what_a_mate_made_is_not_used_elsewhere_as_ones_own(
        self, people: People, draft: Submission
    ) -> None:
        taken = mates_copy(draft, people.educator2)
        other = workflow.enrol(people.educator2, factories.published(people.northfield))
        assert library_of(people.educator2, other).count() == 0
        with pytest.raises(GuardError):
            workflow.reuse(other, people.educator2, taken, requirement="plan")
        mine = workflow.enrol(people.educator, factories.published(people.northfield))
        assert library_of(people.educator, mine).count() == 1

    def test_an_assessor_reads_no_address_where_there_is_a_copy(
        self, people: People, draft: Submission
    ) -> None:
        page = factories.covered(draft.artifacts.get())
        Artifact.objects.filter(pk=page.pk).update(
            kind="link", url="https://example.org/~maya-rivera/", title="https://example.org/~maya-rivera/"
        )
        workflow.submit(draft, people.educator, ["privacy"])
        pk = review.claim(draft, people.assessor).pk
        told = signed_in(people.assessor).get(f"/api/v1/reviews/{pk}/").json()["evidence"][0]
        assert (told["url"], told["file"]) == ("", f"/review/{pk}/artifacts/{page.pk}/")
        assert "maya-rivera" not in str(told)


class TestFrozen:
    def test_nothing_of_what_was_submitted_changes(self, people: People, draft: Submission) -> None:
        factories.covered(draft.artifacts.get())
        workflow.submit(draft, people.educator, ["privacy"])
        artifact = again(draft.artifacts.get())
        before = Artifact.objects.filter(pk=artifact.pk).values().get()
        person = people.educator
        verbs: list[Any] = [
            lambda: workflow.remove_artifact(again(artifact), person),
            lambda: workflow.cover(again(artifact), person, "unsure"),
            lambda: workflow.retry(again(artifact), person),
            lambda: workflow.share(again(artifact), person),
            lambda: workflow.add_text(draft, person, requirement="plan", text="More."),
            lambda: workflow.add_captions(again(artifact), person, None),
            lambda: workflow.save(draft, person, revision=1, answers=FULL),
            lambda: workflow.begin_upload(draft, person, requirement="plan", name="a.mp4", size=9),
        ]
        for verb in verbs:
            with pytest.raises(TransitionError):
                verb()
        Artifact.objects.filter(pk=artifact.pk).update(state="rejected", problem_code="not-checked")
        with pytest.raises(TransitionError):
            workflow.retry(again(artifact), person)
        Artifact.objects.filter(pk=artifact.pk).update(state="ready", problem_code="")
        assert Artifact.objects.filter(pk=artifact.pk).values().get() == before
