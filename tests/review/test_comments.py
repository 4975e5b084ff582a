"""The comment bank: whose comments one sees, who shares them, and how what helped rises."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import Membership
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from review import queries, rules, tasks, workflow
from review.models import Assignment, Comment, CommentUse
from submissions import workflow as submissions
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.test_api import call
from tests.review.work import ALL_PASS, SHOWN, claimed, desk, fill, scored

pytestmark = pytest.mark.django_db
BELOW_TWICE = {**ALL_PASS, "plan": {"level": 2, **SHOWN}, "growth": {"level": 1, **SHOWN}}
BANK = "/api/v1/reviews/comments/"


@pytest.fixture
def people() -> People:
    return cast()


def keep(people: People, text: str, **more: Any) -> Comment:
    return workflow.keep_comment(people.assessor, people.northfield.pk, text, **more)


def texts(user: Any) -> list[str]:
    return sorted(rules.comments_visible_to(user).values_list("text", flat=True))


class TestSharing:
    def test_own_until_an_approver_shares_it(self, people: People) -> None:
        comment = keep(people, " Count who speaks. ")
        assert keep(people, "Count who speaks.").pk == comment.pk
        assert (texts(people.assessor), texts(people.assessor2)) == (["Count who speaks."], [])
        workflow.propose(comment, people.assessor)
        assert list(rules.proposals_for(people.approver)) == [comment]
        workflow.approve_comment(comment, people.approver)
        assert texts(people.assessor2) == ["Count who speaks."]
        kinds = Entry.objects.filter(kind__startswith="review.comment").values_list("kind", flat=True)
        assert sorted(kinds) == ["review.comment_proposed", "review.comment_shared"]

    def test_nobody_decides_about_her_own(self, people: People) -> None:
        factories.member(people.approver, people.northfield, Membership.Role.ASSESSOR)
        comment = workflow.keep_comment(people.approver, people.northfield.pk, "Mine.")
        workflow.propose(comment, people.approver)
        assert list(rules.proposals_for(people.approver)) == []
        for verb in (workflow.approve_comment, workflow.decline_comment):
            with pytest.raises(GuardError):
                verb(comment, people.approver)

    def test_what_was_read_by_others_stays_as_they_read_it(self, people: People) -> None:
        comment = keep(people, "First.")
        workflow.change_comment(comment, people.assessor, "Second.")
        with pytest.raises(GuardError):
            workflow.change_comment(comment, people.assessor2, "Third.")
        workflow.propose(comment, people.assessor)
        with pytest.raises(TransitionError):
            workflow.change_comment(comment, people.assessor, "Third.")
        workflow.decline_comment(comment, people.approver)
        workflow.propose(comment, people.assessor)
        workflow.approve_comment(comment, people.approver)
        with pytest.raises(GuardError):
            workflow.retire(comment, people.assessor)
        workflow.retire(comment, people.approver)
        assert (texts(people.assessor), Comment.objects.get().text) == ([], "Second.")

    @pytest.mark.parametrize("text", ["  ", "a\x00b", "x" * 2001])
    def test_refuses_what_is_no_comment(self, people: People, text: str) -> None:
        with pytest.raises(GuardError) as refused:
            keep(people, text)
        assert list(refused.value.errors) == ["text"]


class TestRanking:
    def test_follows_what_the_next_attempt_did_and_counts_it_once(self, people: People) -> None:
        good, bad, unused = (keep(people, text) for text in ("Helped.", "Did not.", "Unused."))
        first = scored(claimed(people), BELOW_TWICE)
        workflow.use(good, first, people.assessor, "plan")
        workflow.use(good, first, people.assessor, "plan")
        workflow.use(bad, first, people.assessor, "growth")
        workflow.complete(first, people.assessor)
        again = fill(
            submissions.resubmit(first.submission, people.educator),
            people.educator,
            growth="I wait even longer now",
        )
        second = scored(
            workflow.claim(again, people.assessor), {"plan": {"level": 3}, "growth": {"level": 1, **SHOWN}}
        )
        scored(second, {"plan": {"level": 3}, "growth": {"level": 1, **SHOWN}})
        workflow.complete(Assignment.objects.get(pk=second.pk), people.assessor)
        decided = (
            Entry.objects.filter(kind="review.decided").order_by("-created").values_list("pk", flat=True)
        )
        for _time in range(2):
            for pk in decided:
                tasks.count_comments(str(pk))
        rows = Comment.objects.values_list("text", "used", "followed", "passed")
        assert sorted(rows) == [("Did not.", 1, 1, 0), ("Helped.", 1, 1, 1), ("Unused.", 0, 0, 0)]
        assert list(queries.ranked(rules.comments_visible_to(people.assessor))) == [good, unused, bad]
        assert CommentUse.objects.filter(counted_at=None).count() == 0

    def test_is_of_the_own_issuer_and_the_own_claim(self, people: People) -> None:
        assignment = claimed(people)
        comment = keep(people, "Mine.")
        with pytest.raises(GuardError):
            workflow.use(comment, assignment, people.assessor2, "plan")
        with pytest.raises(GuardError):
            workflow.use(comment, assignment, people.assessor, "nothing")
        Comment.objects.update(issuer=people.lakes)
        comment.refresh_from_db()
        with pytest.raises(GuardError):
            workflow.use(comment, assignment, people.assessor, "plan")


class TestOverRest:
    def test_kept_found_and_used(self, people: People) -> None:
        assignment = claimed(people)
        body = {"review": str(assignment.pk), "criterion": "plan", "text": "Count who speaks."}
        made = call(people.assessor, "POST", BANK, body)
        assert made.status_code == 201
        keep(people, "Something else.")
        found = call(
            people.assessor, "GET", f"{BANK}?review={assignment.pk}&criterion=plan&q=speaks+count"
        ).json()
        assert [row["text"] for row in found["results"]] == ["Count who speaks."]
        other = call(people.assessor, "GET", f"{BANK}?review={assignment.pk}&criterion=growth").json()
        assert [row["text"] for row in other["results"]] == ["Something else."]
        use = {"comment": made.json()["id"], "criterion": "plan"}
        path = f"/api/v1/reviews/{assignment.pk}/uses/"
        assert [call(people.assessor, "POST", path, use).status_code for _time in "ab"] == [204, 204]
        assert Comment.objects.get(pk=use["comment"]).used == 1
        assert call(people.assessor, "GET", f"{BANK}?review=x").status_code == 400


class TestThePages:
    def test_without_script_a_comment_goes_from_the_bank_into_the_feedback(self, people: People) -> None:
        assignment, client = claimed(people), signed_in(people.assessor)
        comment = keep(people, "Count who speaks.")
        fields = {"revision": 0, "feedback-plan": "Seen.", "bank": "plan"}
        bank = client.post(desk(assignment), fields)["Location"]
        page = client.get(bank).content.decode()
        address = page.split('formaction="')[1].split('"')[0].replace("&amp;", "&")
        back = client.post(address)["Location"]
        assert back.endswith("#feedback-plan")
        score = Assignment.objects.get().scores.get(criterion__key="plan")
        assert (score.feedback, CommentUse.objects.get().comment) == ("Seen.\n\nCount who speaks.", comment)

    def test_shows_mine_the_issuers_and_what_waits(self, people: People) -> None:
        comment = keep(people, "Count who speaks.")
        client = signed_in(people.assessor)
        client.post(f"/review/comments/{comment.pk}/propose/")
        page = signed_in(people.approver).get("/review/comments/").content.decode()
        assert page.count("Count who speaks.") == 1
        signed_in(people.approver).post(f"/review/comments/{comment.pk}/approve/")
        assert "Count who speaks." in signed_in(people.assessor2).get("/review/comments/").content.decode()
        assert client.post(f"/review/comments/{comment.pk}/explode/").status_code == 404
        issuer = str(people.northfield.pk)
        client.post("/review/comments/", {"issuer": issuer, "text": "New."})
        assert texts(people.assessor) == ["Count who speaks.", "New."]
        assert (
            client.post("/review/comments/", {"issuer": str(people.lakes.pk), "text": "x"}).status_code == 400
        )
