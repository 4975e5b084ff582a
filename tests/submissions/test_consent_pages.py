"""The register, the question on the draft, /stop/ and what an educator, an assessor and an issuer see of it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts.models import Membership
from journal.models import Entry
from notifications import tasks
from notifications.models import Message
from review import workflow as review
from submissions import workflow
from submissions.models import Artifact, SchoolClass
from submissions.models.policy import Policy
from tests import factories
from tests.people import People, cast, signed_in
from tests.submissions.test_consent import again, filmed, form

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture(autouse=True)
def unthrottled() -> None:
    cache.clear()


CLASS = {"label": "Period 3", "number": "26", "without": "4, 9", "expires": "2027-07-31", "scope": ["image", "voice"],
         "purposes": ["assessment"]}  # fmt: skip


class TestRegister:
    def test_from_an_empty_list_to_a_class_that_changes(self, people: People) -> None:
        client = signed_in(people.educator)
        assert "No class yet" in client.get("/account/classes/").content.decode()
        there = client.post("/account/classes/new/", CLASS, follow=True)
        row = SchoolClass.objects.get()
        assert there.request["PATH_INFO"] == f"/account/classes/{row.pk}/"
        assert dict(row.consents.values_list("state").distinct().values_list("state", "state")) == {
            "on_file": "on_file", "missing": "missing",
        }  # fmt: skip
        client.post(
            f"/account/classes/{row.pk}/", {**CLASS, "without": "9", "number": "27", "alias-1": "Maya Rivera"}
        )
        assert list(row.consents.filter(state="missing").values_list("number", flat=True)) == [9]
        page = client.get(f"/account/classes/{row.pk}/").content.decode()
        assert "looks like a name" in page
        assert "all but 9" in client.get("/account/classes/").content.decode()

    @pytest.mark.parametrize("without", ["four", "4-", "1 to 3", "99"])
    def test_numbers_that_are_none_are_refused_and_nothing_typed_is_lost(
        self, people: People, without: str
    ) -> None:
        answer = signed_in(people.educator).post("/account/classes/new/", {**CLASS, "without": without})
        assert (answer.status_code, SchoolClass.objects.count()) == (400, 0)
        assert f'value="{without}"' in answer.content.decode()

    def test_other_educators_find_nothing(self, people: People) -> None:
        row = factories.school_class(people.educator)
        client = signed_in(people.educator2)
        for path in ("", "forms/", "pupils/7/stop/"):
            assert client.get(f"/account/classes/{row.pk}/{path}").status_code == 404
        assert client.post(f"/account/classes/{row.pk}/pupils/7/stop/").status_code == 404
        assert row.label not in client.get("/account/classes/").content.decode()

    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", "May your child be seen"),
            ("es", "¿Puede aparecer su hijo"),
            ("xx", "May your child be seen"),
        ],
    )
    def test_one_form_a_pupil_with_code_and_sign(self, people: People, language: str, words: str) -> None:
        row = factories.school_class(people.educator, 3)
        page = (
            signed_in(people.educator)
            .get(f"/account/classes/{row.pk}/forms/?language={language}")
            .content.decode()
        )
        codes = re.findall(r'<p class="sheet-code">([^<]+)</p>', page)
        assert (page.count(words), page.count("<svg"), codes) == (
            3, page.count("<svg"), list(row.consents.values_list("code", flat=True)),
        )  # fmt: skip
        assert page.count('class="qr"') == 3

    def test_taking_a_form_back_asks_first(self, people: People) -> None:
        _draft, artifact = filmed(people.educator)
        row = factories.school_class(people.educator)
        factories.covered(artifact, row)
        client, path = signed_in(people.educator), f"/account/classes/{row.pk}/pupils/7/stop/"
        assert "1 piece of evidence" in client.get(path).content.decode()
        assert again(artifact).state == "ready"
        client.post(path)
        client.post(path)
        assert (again(artifact).state, form(row, 7).state) == ("quarantined", "stopped")


class TestQuestion:
    def tap(self, client: Client, artifact: Artifact, scripted: bool = True, **sent: Any) -> Any:
        headers = {"x-requested-with": "fetch"} if scripted else {}
        names = {f"class-{artifact.pk}-{name}": value for name, value in sent.items() if name != "answer"}
        return client.post(
            f"/artifacts/{artifact.pk}/coverage/", {**names, "answer": sent["answer"]}, headers=headers
        )

    def test_a_first_video_makes_its_class_in_place_and_the_next_reuses_it(self, people: People) -> None:
        draft, artifact = filmed(people.educator)
        client = signed_in(people.educator)
        refused = self.tap(client, artifact, answer="new", label="Period 3", number="26")
        assert (refused.status_code, SchoolClass.objects.count()) == (400, 0)
        assert 'value="Period 3"' in refused.content.decode()
        done = self.tap(client, artifact, answer="new", label="Period 3", number="26", all="on")
        row = SchoolClass.objects.get()
        assert (done.status_code, again(artifact).classes) == (200, [row.pk])
        assert "Everyone recognisable is covered: Period 3." in done.content.decode()
        self.tap(client, artifact, answer="unsure")
        self.tap(client, artifact, answer=f"class:{row.pk}")
        assert (again(artifact).coverage, again(artifact).classes) == ("covered", [row.pk])
        assert workflow.submit(draft, people.educator, ["privacy"]).state == "submitted"

    def test_not_sure_leads_to_advice(self, people: People) -> None:
        _draft, artifact = filmed(people.educator)
        page = self.tap(signed_in(people.educator), artifact, answer="unsure").content.decode()
        assert ("Trim it." in page, "Blur or cover it." in page, "Choose something else." in page) == (
            True,
            True,
            True,
        )

    def test_without_script_the_same_buttons_save_the_page_and_answer(self, people: People) -> None:
        draft, artifact = filmed(people.educator)
        client = signed_in(people.educator)
        answer = client.post(
            f"/artifacts/{artifact.pk}/coverage/",
            {"answer": "nobody", "revision": "1", "answers.context": "Thirty curious children"},
        )
        draft.refresh_from_db()
        assert (answer.status_code, again(artifact).coverage) == (302, "nobody")
        assert draft.answers["context"] == "Thirty curious children"
        bad = client.post(f"/artifacts/{artifact.pk}/coverage/", {"answer": "class:nonsense"})
        assert (bad.status_code, "Choose the class" in bad.content.decode()) == (400, True)

    def test_the_draft_asks_and_names_what_is_missing(self, people: People) -> None:
        draft, artifact = filmed(people.educator)
        factories.school_class(people.educator, label="Period 5", without=[4])
        page = signed_in(people.educator).get(f"/submissions/{draft.pk}/").content.decode()
        assert ("Everyone is covered: Period 5" in page, "Pupil 4 is not in it." in page) == (True, True)
        assert f"Say whether students can be recognised in “{artifact.title}”." in page

    def test_the_api_answers_the_same(self, people: People) -> None:
        _draft, artifact = filmed(people.educator)
        row, path = factories.school_class(people.educator), f"/api/v1/artifacts/{artifact.pk}/"
        theirs = factories.school_class(people.educator2)
        client = signed_in(people.educator)

        def send(**body: Any) -> Any:
            return client.patch(path, body, content_type="application/json")

        assert send(coverage="covered", classes=[str(theirs.pk)]).json()["errors"] == {
            "classes": ["Choose the class whose students can be recognised."]
        }
        assert send(coverage="perhaps").status_code == 400
        kept = send(coverage="covered", classes=[str(row.pk)]).json()
        assert (kept["coverage"], kept["classes"]) == ("covered", [str(row.pk)])
        assert (
            signed_in(people.educator2).patch(path, {"coverage": "nobody"}, "application/json").status_code
            == 404
        )


class TestStop:
    def reviewed(self, people: People) -> tuple[Any, Artifact, SchoolClass]:
        unit = factories.published(people.northfield)
        draft, artifact = filmed(people.educator, unit)
        row = factories.school_class(people.educator)
        factories.covered(artifact, row)
        submission = workflow.submit(draft, people.educator, ["privacy"])
        return review.claim(submission, people.assessor), artifact, row

    def stop(self, code: str, **more: str) -> Any:
        return Client().post("/stop/", {"code": code, "step": "stop", **more})

    def test_a_code_says_first_what_it_covers(self, people: People) -> None:
        _assignment, artifact, row = self.reviewed(people)
        code = form(row, 7).code
        shown = Client().post("/stop/", {"code": code.lower().replace("-", " ")}).content.decode()
        assert ("Period 3" in shown, "pupil 7" in shown, people.educator.name in shown) == (True, True, False)
        assert again(artifact).state == "ready"
        assert f'value="{code}"' in Client().get(f"/stop/?code={code}").content.decode()
        assert again(artifact).state == "ready"

    def test_unknown_codes_get_the_same_words_and_soon_none(self, people: People) -> None:
        answers = [Client().post("/stop/", {"code": code}) for code in ("7K2M-9QXA", "7K2M-9QXB")]
        texts = [
            re.sub(r'csrfmiddlewaretoken" value="\w+"|7K2M-9QX\w', "", one.content.decode())
            for one in answers
        ]
        assert ([one.status_code for one in answers], texts[0]) == ([400, 400], texts[1])
        codes = {Client().post("/stop/", {"code": "7K2M-9QXA"}).status_code for _number in range(30)}
        assert codes == {400, 429}

    def test_stopping_cuts_the_assessor_off_and_the_code_tells_the_story(self, people: People) -> None:
        assignment, artifact, row = self.reviewed(people)
        door = f"/review/{assignment.pk}/artifacts/{artifact.pk}/"
        assessor, code = signed_in(people.assessor), form(row, 7).code
        address = assessor.get(door)["Location"]
        first: Any = assessor.get(address, headers={"range": "bytes=0-99"})
        assert (first.status_code, len(b"".join(first.streaming_content))) == (206, 100)
        page = self.stop(code).content.decode()
        assert ("One recording is closed" in page, "Stopped on" in page) == (True, True)
        after = [
            assessor.get(path, headers={"range": "bytes=100-199"}).status_code for path in (address, door)
        ]
        assert after == [404, 404]
        desk = assessor.get(f"/review/{assignment.pk}/").content.decode()
        assert ("Closed for privacy" in desk, address in desk, door in desk) == (True, False, False)
        assert self.stop(code).status_code == 200
        workflow.delete_stopped(again(artifact), people.educator)
        later = Client().post("/stop/", {"code": code}).content.decode()
        assert "One recording was deleted" in later
        assert (
            "Se borró una grabación"
            in Client().post("/stop/", {"code": code, "language": "es"}).content.decode()
        )
        assert review.release(assignment, people.assessor).state == "released"

    def test_educator_and_issuer_are_told_and_nothing_more_than_they_may_know(self, people: People) -> None:
        _assignment, artifact, row = self.reviewed(people)
        factories.member(people.author, people.northfield, Membership.Role.ADMIN)
        self.stop(form(row, 7).code)
        entry = Entry.objects.get(kind="submissions.consent_stopped")
        tasks.stopped(str(entry.pk))
        tasks.stopped(str(entry.pk))
        told = {message.user: message.context for message in Message.objects.filter(kind="stopped")}
        assert set(told) == {people.educator, people.author}
        assert told[people.educator]["titles"] == [artifact.title]
        assert people.educator.name not in str(told[people.author])
        assert set(told[people.author]) == {"codes", "organisation", "days"}

    def test_the_educator_chooses_on_a_page_of_its_own(self, people: People) -> None:
        _assignment, artifact, row = self.reviewed(people)
        self.stop(form(row, 7).code)
        path, client = f"/artifacts/{artifact.pk}/stopped/", signed_in(people.educator)
        page = client.get(path).content.decode()
        assert ("pupil 7 of Period 3" in page, "Delete it and add another" in page) == (True, False)
        assert path in client.get(f"/submissions/{artifact.submission_id}/").content.decode()
        assert client.post(path, {"choice": "nonsense"})["Location"] == path
        assert [signed_in(one).get(path).status_code for one in (people.educator2, people.assessor)] == [
            404,
            404,
        ]
        client.post(path, {"choice": "clear"})
        assert again(artifact).state == "ready"
        assert client.post(path, {"choice": "delete"}).status_code == 409

    def test_in_a_draft_it_can_be_exchanged(self, people: People) -> None:
        draft, artifact = filmed(people.educator)
        row = factories.school_class(people.educator)
        factories.covered(artifact, row)
        self.stop(form(row, 7).code)
        signed_in(people.educator).post(f"/artifacts/{artifact.pk}/stopped/", {"choice": "replace"})
        assert not Artifact.objects.filter(submission=draft).exists()
        assert (
            "One recording was deleted"
            in Client().post("/stop/", {"code": form(row, 7).code}).content.decode()
        )

    def test_a_retired_form_closes_the_desk_too(self, people: People) -> None:
        assignment, artifact, _row = self.reviewed(people)
        SchoolClass.objects.update(purposes=["coach"])
        answer = signed_in(people.assessor).get(f"/review/{assignment.pk}/artifacts/{artifact.pk}/")
        assert (answer.status_code, again(artifact).state) == (404, "ready")


class TestPolicy:
    def test_an_admin_of_an_issuer_sets_it_and_nobody_else(self, people: People) -> None:
        factories.member(people.author, people.northfield, Membership.Role.ADMIN)
        client, path = signed_in(people.author), reverse("organization-evidence", args=["northfield"])
        assert path in client.get("/organizations/northfield/").content.decode()
        dates = {"coach_after": "2", "time_zone": "America/Denver", "holidays": "2026-12-24\n2026-12-25"}
        assert client.post(path, {**dates, "retention_days": "29"}).status_code == 400
        wrong = client.post(path, {**dates, "retention_days": "365", "holidays": "Christmas"})
        assert "“Christmas” is not a date." in wrong.content.decode()
        assert client.post(path, {**dates, "retention_days": "365", "asks_ai": "on"}).status_code == 302
        kept = Policy.objects.get()
        assert (kept.coach_after, kept.time_zone, len(kept.holidays)) == (2, "America/Denver", 2)
        assert (kept.organisation, kept.retention_days, kept.asks_ai) == (people.northfield, 365, True)
        others = (people.educator, people.assessor, people.district_admin)
        assert {signed_in(one).get(path).status_code for one in others} == {404}
        assert signed_in(people.district_admin).get("/organizations/riverbend/evidence/").status_code == 404


class TestTexts:
    def test_her_own_files_only_and_only_to_her(self, people: People) -> None:
        draft, artifact = filmed(people.educator)
        path = f"/submissions/{draft.pk}/texts/"
        artifact.content.text = "Maya and Tomás"  # type: ignore[union-attr]
        artifact.content.save(update_fields=["text"])  # type: ignore[union-attr]
        found = signed_in(people.educator).get(path).json()["texts"]
        assert [(one["artifact"], one["name"], one["text"]) for one in found] == [
            (str(artifact.pk), "board.jpg", "Maya and Tomás")
        ]
        assert signed_in(people.assessor).get(path).status_code == 404


class TestStatements:
    def test_statements_are_kept_word_for_word_with_version_and_time(self, people: People) -> None:
        submission = factories.submitted(people.educator, factories.published(people.northfield))
        (kept,) = submission.attestations
        assert (kept["key"], kept["text"], kept["version"]) == (
            "privacy", "I removed or covered what could identify a student.", str(submission.enrolment.version_id),
        )  # fmt: skip
        assert kept["accepted_at"] == submission.submitted_at.isoformat()  # type: ignore[union-attr]

    def test_help_of_ai_is_asked_where_the_issuer_asks_and_read_on_the_desk(self, people: People) -> None:
        workflow.set_policy(people.northfield, people.admin, retention_days=180, asks_ai=True)
        draft, artifact = filmed(people.educator, factories.published(people.northfield))
        factories.covered(artifact)
        client = signed_in(people.educator)
        sent = client.post(f"/submissions/{draft.pk}/submit/", {"revision": "1", "attest-privacy": "on"})
        assert (sent.status_code, "Say what help of AI you used" in sent.content.decode()) == (400, True)
        saved = client.patch(
            f"/api/v1/submissions/{draft.pk}/", {"revision": 1, "ai_use": "A chat shortened my answer."},
            content_type="application/json",
        )  # fmt: skip
        client.post(f"/submissions/{draft.pk}/submit/", {"revision": "2", "attest-privacy": "on"})
        draft.refresh_from_db()
        assert (saved.status_code, draft.state, draft.ai_use) == (
            200,
            "submitted",
            "A chat shortened my answer.",
        )
        assignment = review.claim(draft, people.assessor)
        assert (
            "A chat shortened my answer."
            in signed_in(people.assessor).get(f"/review/{assignment.pk}/").content.decode()
        )

    def test_nobody_else_is_asked(self, people: People) -> None:
        draft, _artifact = filmed(people.educator, factories.published(people.lakes))
        assert (
            "What help of AI"
            not in signed_in(people.educator).get(f"/submissions/{draft.pk}/").content.decode()
        )
