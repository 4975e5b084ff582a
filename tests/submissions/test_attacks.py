"""Ways around the rules that somebody tried: each stays shut."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from microcreds import tasks
from review import workflow as review
from submissions import vault, workflow
from submissions.models import Artifact, Consent, Content, SchoolClass, Submission, Upload
from submissions.rules import library_of, place_of, shared_with
from tests import factories
from tests.people import People, cast, signed_in
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

    def test_what_still_comes_in_after_leaving_has_its_day_too(
        self, people: People, draft: Submission
    ) -> None:
        upload = workflow.begin_upload(draft, people.educator, requirement="plan", name="a.mp4", size=9)
        workflow.leave(draft.enrolment, people.educator)
        coming = Artifact.objects.get(upload=upload)
        assert (coming.state, coming.delete_on) == ("uploading", draft.artifacts.all()[0].delete_on)
        assert coming.delete_on is not None

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

    def test_reaches_copies_of_her_data_made_before(self, people: People, draft: Submission) -> None:
        row = factories.school_class(people.educator)
        factories.covered(draft.artifacts.get(), row)
        copy = accounts.ask_for_export(people.educator)
        tasks.make(copy)
        workflow.stop(row.consents.get(number=7))
        tasks.recall_exports(str(Entry.objects.get(kind="submissions.consent_stopped").pk))
        copy.refresh_from_db()
        assert (copy.state, vault.exists(copy.file)) == ("expired", False)

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


NASTY = ["\x00", "x" * 300_000, "[]", "9" * 40, "-1", "2026-99-99", "99999-01-01", "\ud83d", "٣", "'\"<>%00"]


class TestBadInput:
    @pytest.mark.parametrize("bad", NASTY, ids=range(len(NASTY)))
    def test_no_form_breaks(self, people: People, draft: Submission, bad: str) -> None:
        client = signed_in(people.educator)
        client.raise_request_exception = False
        row = factories.school_class(people.educator)
        artifact, enrolment = draft.artifacts.get(), draft.enrolment_id
        bad = bad.encode("utf-8", "replace").decode()
        forms: list[tuple[str, dict[str, Any]]] = [
            (f"/submissions/{draft.pk}/team/", {"do": "declare", "name": bad}),
            (f"/submissions/{draft.pk}/team/", {"do": "declare", "name": "P3"}),
            (f"/submissions/{draft.pk}/team/", {"do": "invite", "email": f"{bad}@example.test"}),
            (f"/submissions/{draft.pk}/team/", {"do": "take", "artifact": bad, "requirement": bad}),
            (f"/submissions/{draft.pk}/library/", {"artifact": bad, "requirement": "plan"}),
            (f"/submissions/{draft.pk}/self-rating/", {"level-plan": bad, "plan": bad}),
            (f"/submissions/{draft.pk}/", {"revision": bad, "answers.context": bad}),
            (f"/submissions/{draft.pk}/", {"revision": "1", "target_date": bad, "link-plan": bad}),
            (f"/enrolments/{enrolment}/plan/", {"act": "target", "target_date": bad}),
            (f"/enrolments/{enrolment}/plan/", {"act": "reminders", "reminders": bad}),
            (f"/enrolments/{enrolment}/plan/", {"act": bad}),
            (f"/artifacts/{artifact.pk}/coverage/", {"answer": f"class:{bad}"}),
            (f"/artifacts/{artifact.pk}/coverage/", {"answer": "new", f"class-{artifact.pk}-number": bad}),
            (f"/artifacts/{artifact.pk}/captions/", {"captions": bad}),
            (f"/account/classes/{row.pk}/", {"label": bad, "number": bad, "without": bad, "expires": bad}),
            ("/account/classes/new/", {"label": bad, "number": "26", "scope": bad, "expires": bad}),
            ("/stop/", {"code": bad, "language": bad, "step": bad}),
        ]
        broken = [(p, d) for p, d in forms if client.post(p, d).status_code >= 500]
        assert [(path, list(data)) for path, data in broken] == []

    def test_no_number_of_a_pupil_breaks(self, people: People) -> None:
        row, client = factories.school_class(people.educator), signed_in(people.educator)
        for number in (0, 27, 99999, 10**30):
            assert client.post(f"/account/classes/{row.pk}/pupils/{number}/stop/").status_code == 404

    @pytest.mark.parametrize(
        ("length", "metadata", "status"),
        [
            ("0", "", 400), ("-1", "", 400), ("9" * 15, "", 413), ("9" * 40, "", 400), ("٣", "", 400), ("", "", 400),
            ("1e3", "", 400), ("9", "filename !!!", 400), ("9", "filename /////w==", 400), ("9", "submission eA==", 400),
            ("9", "x" * 3000, 400), ("9", "title AAAA", 201), ("9", ",,,", 201),
        ],
    )  # fmt: skip
    def test_no_upload_begins_with_nonsense(
        self, people: People, draft: Submission, length: str, metadata: str, status: int
    ) -> None:
        told = {"filename": "a.mp4", "submission": str(draft.pk), "requirement": "plan"}
        pairs = [f"{key} {b64encode(value.encode()).decode()}" for key, value in told.items()]
        answer = signed_in(people.educator).post(
            "/api/v1/uploads/", data=b"", content_type="application/offset+octet-stream",
            headers={"Tus-Resumable": "1.0.0", "Upload-Length": length, "Upload-Metadata": ",".join([*pairs, metadata])},
        )  # fmt: skip
        assert answer.status_code == status

    def test_an_upload_is_nobody_elses_and_over_when_it_is_over(
        self, people: People, draft: Submission
    ) -> None:
        said = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
        hers = workflow.begin_upload(draft, people.educator, requirement="plan", name="a.mp4", size=4)
        path, raw = f"/api/v1/uploads/{hers.pk}/", "application/offset+octet-stream"

        def send(person: User, verb: str, body: bytes = b"", **headers: str) -> int:
            client: Any = Client(enforce_csrf_checks="csrf" in headers)
            headers.pop("csrf", None)
            client.force_login(person)
            return int(
                client.generic(verb, path, body, content_type=raw, headers={**said, **headers}).status_code
            )

        for verb in ("HEAD", "GET", "PATCH", "DELETE"):
            assert send(people.educator2, verb) == 404
        for verb in ("PATCH", "DELETE"):
            assert send(people.educator, verb, csrf="yes") == 403
            assert send(people.educator, "POST", b"", csrf="yes", **{"X-HTTP-Method-Override": verb}) == 403
        assert send(people.educator, "PATCH", b"12345") == 413
        assert send(people.educator, "PATCH", b"1", **{"Upload-Offset": "3"}) == 409
        assert send(people.educator, "PATCH", b"1", **{"Upload-Offset": "-1"}) == 400
        Upload.objects.filter(pk=hers.pk).update(expires=timezone.now() - timedelta(days=1))
        assert (send(people.educator, "PATCH", b"1"), send(people.educator, "HEAD")) == (410, 410)

    @pytest.mark.parametrize("bad", [None, 7, [], {}, [[]], "\x00", "x" * 300_000, 1e99, True, "9" * 40])
    def test_no_document_breaks(self, people: People, draft: Submission, bad: Any) -> None:
        client = signed_in(people.educator)
        client.raise_request_exception = False
        artifact, here = draft.artifacts.get(), f"/api/v1/submissions/{draft.pk}/"
        upload = workflow.begin_upload(draft, people.educator, requirement="plan", name="a.mp4", size=9)
        sent: list[tuple[str, str, Any]] = [
            ("patch", here, bad),
            ("patch", here, {"revision": bad}),
            ("patch", here, {"revision": 1, "answers": {"context": bad}, "answers.growth": bad}),
            ("patch", here, {"revision": 1, "ai_use": bad, "contribution": bad}),
            ("post", f"{here}submit/", {"attestations": bad}),
            ("post", f"{here}artifacts/", {"kind": bad, "requirement": bad}),
            (
                "post",
                f"{here}artifacts/",
                {"kind": "text", "requirement": "plan", "criteria": bad, "text": bad},
            ),
            ("post", f"{here}artifacts/", {"kind": "link", "requirement": "plan", "url": bad, "title": bad}),
            ("patch", f"/api/v1/artifacts/{artifact.pk}/", {"coverage": bad, "classes": bad}),
            ("patch", f"/api/v1/artifacts/{artifact.pk}/", {"coverage": "covered", "classes": [bad]}),
            ("patch", f"/api/v1/enrollments/{draft.enrolment_id}/", {"target_date": bad}),
            ("post", f"/api/v1/uploads/{upload.pk}/parts/", {"numbers": bad}),
            ("post", f"/api/v1/uploads/{upload.pk}/parts/", {"numbers": [0, -1, 10001, bad]}),
            ("post", f"/api/v1/uploads/{upload.pk}/parts/", bad),
        ]
        broken = []
        for verb, path, body in sent:
            answer = getattr(client, verb)(path, body, content_type="application/json")
            if answer.status_code >= 500:
                broken.append((verb, path, list(body) if isinstance(body, dict) else body))
        assert broken == []
