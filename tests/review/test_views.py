"""The queue and the desk as pages: what they show, what they never show, and what they answer when refused."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership
from catalog import workflow as catalog
from review import workflow
from review.models import Assessment, Assignment
from submissions import workflow as submissions
from submissions.models import Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, BELOW, NAMED, claimed, desk, fill, scored, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def form(assignment: Assignment, scores: dict[str, Any] | None = None, **extra: Any) -> dict[str, Any]:
    """What the desk's plain form sends."""
    fields: dict[str, Any] = {"revision": assignment.revision, "private_note": "", **NAMED}
    for key, score in (ALL_PASS if scores is None else scores).items():
        fields |= {f"level-{key}": score["level"] or "", f"feedback-{key}": score["feedback"]}
        fields |= {f"where-{key}": score.get("where", ""), f"next-{key}": score.get("next_step", "")}
    return {**fields, **extra}


class TestTheQueue:
    def test_shows_mine_first_then_what_waits(self, people: People) -> None:
        mine, other = claimed(people), submitted(people, people.educator2)
        page = signed_in(people.assessor).get("/review/").content.decode()
        assert page.index(mine.submission.code) < page.index(other.code)
        assert ("Due in 7 days" in page) or ("Due in 6 days" in page) or ("Due in 5 days" in page)
        assert page.count("Submitted today") == 1

    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_twelve_queries_whatever_its_length(self, people: People, rows: int) -> None:
        unit = factories.published(people.northfield)
        for _number in range(rows):
            claimed(people, earner=factories.user(), micro_credential=unit)
            submitted(people, factories.user(), unit)
        client = signed_in(people.assessor)
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/review/").status_code == 200
        assert len(queries) <= 12

    def test_pages_by_key_and_caps_its_count(self, people: People, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("review.queries.PAGE", 2)
        monkeypatch.setattr("review.queries.CAP", 4)
        unit = factories.published(people.northfield)
        for _number in range(5):
            submitted(people, factories.user(), unit)
        codes = [row.submission.code for row in Assessment.objects.order_by("due", "pk")]
        client, seen, url = signed_in(people.assessor), [], "/review/"
        while url:
            page = client.get(url).content.decode()
            seen.append(list(dict.fromkeys(re.findall(r"R-[0-9A-Z]{7}", page))))
            found = re.search(r'rel="next" href="([^"]+)"', page)
            url = f"/review/{found.group(1)}" if found else ""
        assert seen == [codes[:2], codes[2:4], codes[4:]]
        assert '<span class="muted num">4+</span>' in client.get("/review/").content.decode()

    def test_nonsense_paging_is_not_found(self, people: People) -> None:
        assert signed_in(people.assessor).get("/review/?after=1;drop").status_code == 404

    @pytest.mark.parametrize(
        ("name", "status"),
        [
            ("assessor", 200),
            ("approver", 200),
            ("educator", 403),
            ("author", 403),
            ("district_admin", 403),
            ("admin", 403),
        ],
    )
    def test_is_for_assessors_and_approvers(self, people: People, name: str, status: int) -> None:
        assert signed_in(getattr(people, name)).get("/review/").status_code == status

    def test_asks_others_to_sign_in(self, client: Client) -> None:
        assert client.get("/review/")["Location"] == "/accounts/login/?next=/review/"

    def test_claiming_leads_to_the_desk(self, people: People) -> None:
        submission = submitted(people)
        response = signed_in(people.assessor).post(f"/review/claim/{submission.pk}/")
        assert response["Location"] == desk(Assignment.objects.get())

    def test_who_comes_second_is_told_so(self, people: People) -> None:
        submission = claimed(people).submission
        response = signed_in(people.assessor2).post(f"/review/claim/{submission.pk}/")
        assert response.status_code == 409
        assert "Another assessor has just claimed this submission." in response.content.decode()

    def test_what_is_not_hers_does_not_exist(self, people: People) -> None:
        own = submitted(people)
        factories.member(people.educator, people.northfield, Membership.Role.ASSESSOR)
        assert signed_in(people.educator).post(f"/review/claim/{own.pk}/").status_code == 404


class TestTheDesk:
    @pytest.mark.parametrize("rows", [1, 3])
    def test_costs_eight_queries(self, people: People, rows: int) -> None:
        version = factories.draft(people.northfield)
        for number in range(rows):
            factories.criterion(version, f"more-{number}", 2, factories.PROFICIENCY)
        version.requirements.update(maximum=rows)
        catalog.publish(version, actor=None)
        version.micro_credential.refresh_from_db()
        draft = submissions.enrol(people.educator, version.micro_credential)
        for number in range(rows):
            submissions.add_text(draft, people.educator, requirement="plan", text=f"Plan {number}")
        assignment = scored(workflow.claim(fill(draft, people.educator), people.assessor))
        client = signed_in(people.assessor)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(desk(assignment)).status_code == 200
        assert len(queries) <= 8

    def test_shows_evidence_rubric_and_verdict(self, people: People) -> None:
        assignment = scored(claimed(people), BELOW)
        page = signed_in(people.assessor).get(desk(assignment)).content.decode()
        for words in (
            "Twenty six seventh graders",
            "Ask, wait, hand back.",
            "I wait much longer",
            "not yet (B).",
        ):
            assert words in page
        assert re.findall(r'name="level-plan" value="(\d)"[^>]* checked', page) == ["2"]

    @pytest.mark.parametrize(
        ("scores", "words"),
        [
            ({}, "no criterion scored yet."),
            ({"context": {"level": 2}}, "at the passing level so far. 2 criteria left."),
            ({"context": {"level": 1}}, "not yet (A). 2 criteria left."),
            (BELOW, "not yet (B)."),
            (ALL_PASS, "earned: every criterion passes."),
        ],
    )
    def test_the_verdict_says_what_the_scores_would_mean(
        self, people: People, scores: Any, words: str
    ) -> None:
        page = signed_in(people.assessor).get(desk(scored(claimed(people), scores))).content.decode()
        assert f"<span data-verdict>{words}</span>" in page

    def test_shows_what_came_of_the_earlier_attempt(self, people: People) -> None:
        first = workflow.complete(scored(claimed(people), BELOW), people.assessor)
        second = fill(submissions.resubmit(first.submission, people.educator), people.educator)
        assignment = workflow.claim(second, people.assessor)
        page = signed_in(people.assessor).get(desk(assignment)).content.decode()
        assert "Attempt 1 was</span> <b>Basic</b>" in page
        assert "Show how quiet students join." in page
        assert "A new plan." in page

    def test_saves_without_script(self, people: People) -> None:
        assignment = claimed(people)
        response = signed_in(people.assessor).post(
            f"{desk(assignment)}?tab=abcdefgh12", form(assignment, BELOW)
        )
        assert response["Location"] == f"{desk(assignment)}?tab=abcdefgh12"
        stored = workflow.draft(Assignment.objects.get())
        assert (stored["level-plan"], stored["feedback-plan"]) == ("2", "Show how quiet students join.")

    def test_a_stale_save_keeps_both_texts(self, people: People) -> None:
        assignment = claimed(people)
        workflow.save(
            assignment, people.assessor, revision=0, scores={"plan": {"feedback": "From elsewhere."}}
        )
        client, typed = signed_in(people.assessor), {"plan": {"level": 2, "feedback": "Typed here."}}
        response = client.post(desk(assignment), form(assignment, typed))
        page = response.content.decode()
        assert response.status_code == 409
        assert ("From elsewhere." in page, "Typed here.</textarea>" in page) == (True, True)
        again = form(assignment, typed, revision=re.search(r'name="revision" value="(\d+)"', page).group(1))  # type: ignore[union-attr]
        assert client.post(desk(assignment), again).status_code == 302
        assert workflow.draft(assignment)["feedback-plan"] == "Typed here."

    def test_a_second_tab_reads_until_it_continues(self, people: People) -> None:
        assignment, client = claimed(people), signed_in(people.assessor)
        client.post(f"{desk(assignment)}?tab=firsttab1", form(assignment))
        page = client.get(desk(assignment)).content.decode()
        assert (
            "Continue here" in page,
            "data-autosave " in page,
            'class="desk-fields" disabled' in page,
        ) == (True, False, True)
        response = client.post(f"{desk(assignment)}continue/", {"tab": "secondtab2"})
        page = client.get(response["Location"]).content.decode()
        assert ("Continue here" in page, "data-autosave " in page) == (False, True)
        refused = client.post(f"{desk(assignment)}?tab=firsttab1", form(assignment, revision=1))
        assert refused.status_code == 409
        assert (
            client.post(f"{desk(assignment)}?tab=firsttab1", form(assignment, revision=1, here=1)).status_code
            == 302
        )

    @pytest.mark.parametrize(
        ("text", "status"), [("x" * 1_000_000, 400), ("a\x00b", 400), ("<script>alert(1)</script>", 302)]
    )
    def test_answers_strange_texts(self, people: People, text: str, status: int) -> None:
        assignment, client = claimed(people), signed_in(people.assessor)
        response = client.post(desk(assignment), form(assignment, {"plan": {"level": 2, "feedback": text}}))
        assert response.status_code == status
        assert "<script>alert" not in client.get(desk(assignment)).content.decode()

    @pytest.mark.parametrize("name", ["assessor2", "approver", "author", "educator", "admin"])
    def test_does_not_exist_for_others(self, people: People, name: str) -> None:
        assignment = claimed(people)
        client = signed_in(getattr(people, name))
        for path in ("", "complete/"):
            assert client.get(f"{desk(assignment)}{path}").status_code in {403, 404}
        for path in ("", "complete/", "release/", "recuse/", "continue/"):
            assert client.post(f"{desk(assignment)}{path}").status_code in {403, 404}
        assert Assignment.objects.get().state == "claimed"


class TestEnding:
    def test_preview_shows_what_the_educator_will_read(self, people: People) -> None:
        assignment, client = claimed(people), signed_in(people.assessor)
        response = client.post(desk(assignment), form(assignment, BELOW, preview=1, private_note="For us."))
        page = client.get(response["Location"]).content.decode()
        for words in ("Show how quiet students join.", *NAMED.values(), "Criterion B is below"):
            assert words in page
        assert "For us." not in page

    def test_preview_names_what_is_missing(self, people: People) -> None:
        assignment = claimed(people)
        page = signed_in(people.assessor).get(f"{desk(assignment)}complete/").content.decode()
        assert page.count("#level-") == 3
        assert "Send the decision</button>" not in page

    @pytest.mark.parametrize("rows", [1, 3])
    def test_preview_costs_six_queries(self, people: People, rows: int) -> None:
        assignment = scored(claimed(people), dict(list(ALL_PASS.items())[:rows]))
        client = signed_in(people.assessor)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"{desk(assignment)}complete/").status_code == 200
        assert len(queries) <= 6

    def test_sending_leads_back_to_the_queue(self, people: People) -> None:
        assignment, client = scored(claimed(people)), signed_in(people.assessor)
        response = client.post(f"{desk(assignment)}complete/", {"revision": 1}, follow=True)
        assert response.redirect_chain == [("/review/", 302)]
        assert f"Sent. {assignment.submission.code}: your scores are recorded." in response.content.decode()

    def test_sending_twice_sends_once(self, people: People) -> None:
        assignment, client = scored(claimed(people)), signed_in(people.assessor)
        answers = [
            client.post(f"{desk(assignment)}complete/", {"revision": 1}).status_code for _number in range(2)
        ]
        assert answers == [302, 409]

    @pytest.mark.parametrize("revision", ["0", "", "x", "9" * 30])
    def test_what_was_not_previewed_is_not_sent(self, people: People, revision: str) -> None:
        assignment = scored(claimed(people))
        response = signed_in(people.assessor).post(f"{desk(assignment)}complete/", {"revision": revision})
        assert (response.status_code, Submission.objects.get().state) == (409, "in_review")

    def test_unfinished_is_refused_with_words(self, people: People) -> None:
        assignment = claimed(people)
        response = signed_in(people.assessor).post(f"{desk(assignment)}complete/", {"revision": 0})
        assert (response.status_code, "This review is not finished yet." in response.content.decode()) == (
            400,
            True,
        )

    def test_release_and_recuse_lead_back(self, people: People) -> None:
        client = signed_in(people.assessor)
        assert client.post(f"{desk(claimed(people))}release/")["Location"] == "/review/"
        other = claimed(people, earner=people.educator2)
        assert client.post(f"{desk(other)}recuse/", {"reason": "knows"})["Location"] == "/review/"
        assert client.post(f"{desk(other)}recuse/", {"reason": "knows"}).status_code == 409

    def test_a_lapsed_draft_stays_readable(self, people: People) -> None:
        assignment = scored(claimed(people))
        Assignment.objects.update(due=timezone.now() - timedelta(minutes=1))
        workflow.lapse(Assignment.objects.get())
        page = signed_in(people.assessor).get(desk(assignment)).content.decode()
        assert (NAMED["strength"] in page, "Twenty six seventh graders" in page) == (True, False)

    def test_an_approver_reads_completed_reviews_of_her_issuer(self, people: People) -> None:
        assignment = workflow.complete(scored(claimed(people)), people.assessor)
        client = signed_in(people.approver)
        assert assignment.submission.code in client.get("/review/completed/").content.decode()
        page = client.get(desk(assignment)).content.decode()
        assert ("Ingrid Vale" in page, NAMED["strength"] in page, "Ask, wait, hand back." in page) == (
            True,
            True,
            True,
        )

    def test_nobody_reads_the_review_of_her_own_work(self, people: People) -> None:
        assignment = workflow.complete(scored(claimed(people, earner=people.approver)), people.assessor)
        client = signed_in(people.approver)
        assert client.get(desk(assignment)).status_code == 404
        assert assignment.submission.code not in client.get("/review/completed/").content.decode()
