"""An appeal: once, in time, with a reason, answered by somebody who was not involved; and looking up a name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, User
from badges import workflow as badges
from badges.models import Award
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks
from notifications.models import Message
from review import rules, workflow
from review.models import Appeal, Assignment, Case, Unblinding
from submissions import queries
from submissions import workflow as submissions
from submissions.models import Outcome, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import BELOW, claimed, fill, scored

pytestmark = pytest.mark.django_db
REASON = "On page two the quiet students do join: look at the second photograph."
ANSWER = "I read your plan anew. The second photograph shows what was asked for."


@pytest.fixture
def people() -> People:
    return cast()


def decided(people: People) -> Submission:
    """An attempt that is not there yet by one criterion."""
    done = workflow.complete(scored(claimed(people), BELOW), people.assessor)
    return Submission.objects.get(pk=done.submission_id)


def opened(people: People) -> Appeal:
    return workflow.open_appeal(decided(people), people.educator, REASON)


def changed(appeal: Appeal, user: User, level: int = 3) -> Appeal:
    given = {"plan": (level, "They join from the second lesson on.")}
    return workflow.answer_appeal(appeal, user, finding="changed", text=ANSWER, levels=given)


def second_approver(people: People) -> User:
    user = factories.user("second@example.test")
    factories.member(user, people.northfield, Membership.Role.APPROVER)
    return user


class TestOpening:
    def test_holds_the_next_attempt_back_until_it_is_over(self, people: People) -> None:
        appeal = opened(people)
        draft = submissions.resubmit(appeal.submission, people.educator)
        page = signed_in(people.educator).get(f"/submissions/{draft.pk}/").content.decode()
        assert f"/appeals/{appeal.submission_id}/" in page
        with pytest.raises(GuardError, match="Your appeal is still being read"):
            fill(draft, people.educator)
        with pytest.raises(TransitionError, match="Your appeal is still being read"):
            submissions.leave(draft.enrolment, people.educator)
        workflow.withdraw_appeal(appeal, people.educator)
        assert (
            submissions.submit(Submission.objects.get(pk=draft.pk), people.educator, ["privacy"]).state
            == "submitted"
        )

    def test_is_possible_once(self, people: People) -> None:
        appeal = workflow.withdraw_appeal(opened(people), people.educator)
        with pytest.raises(TransitionError, match="you have made it"):
            workflow.open_appeal(appeal.submission, people.educator, REASON)

    def test_takes_a_reason(self, people: People) -> None:
        submission = decided(people)
        for text in ("Unfair.", REASON + "\x00"):
            with pytest.raises(GuardError) as refused:
                workflow.open_appeal(submission, people.educator, text)
            assert list(refused.value.errors) == ["reason"]
        assert Submission.objects.get(pk=submission.pk).appealed == ""

    def test_is_possible_in_time_only(self, people: People) -> None:
        submission = decided(people)
        for days, problem in ((27, ""), (30, "The time to appeal is over.")):
            submission.decided_at = timezone.now() - timedelta(days=days)
            assert workflow.appeal_problem(submission) == problem

    def test_is_not_possible_once_the_next_attempt_is_sent(self, people: People) -> None:
        submission = decided(people)
        fill(submissions.resubmit(submission, people.educator), people.educator)
        with pytest.raises(TransitionError, match="latest decision only"):
            workflow.open_appeal(submission, people.educator, REASON)

    def test_is_not_possible_where_it_was_earned(self, people: People) -> None:
        earned = workflow.complete(scored(claimed(people)), people.assessor).submission
        with pytest.raises(TransitionError, match="nothing to appeal"):
            workflow.open_appeal(earned, people.educator, REASON)


class TestWhoAnswers:
    @pytest.mark.parametrize("involved", ["read", "case", "close", "knows", "elsewhere"])
    def test_nobody_who_is_involved(self, people: People, involved: str) -> None:
        appeal, user = opened(people), second_approver(people)
        assert rules.may_answer(user, appeal) is True
        if involved == "read":
            Assignment.objects.update(assessor=user)
        elif involved == "case":
            day = timezone.localdate()
            Case.objects.create(submission=appeal.submission, opened_by=user, answer_by=day)
        elif involved == "close":
            accounts.relate(user, people.educator, "coaches")
        elif involved == "knows":
            workflow.unblind(appeal.submission, user, "She asked us to send a paper certificate.")
        else:
            Membership.objects.filter(user=user).update(organisation=people.lakes)
        user = User.objects.get(pk=user.pk)
        with pytest.raises(GuardError, match="not involved"):
            workflow.answer_appeal(appeal, user, finding="stands", text=ANSWER)

    def test_approvers_who_may_are_told_and_admins_where_none_may(self, people: People) -> None:
        other = second_approver(people)
        appeal = opened(people)
        Assignment.objects.update(assessor=other)
        entry = Entry.objects.get(kind="review.appeal_opened")
        tasks.appeal_opened(str(entry.pk))
        assert [(row.user, row.context["what"]) for row in Message.objects.filter(kind="attention")] == [
            (people.approver, "appeal_opened")
        ]
        Message.objects.all().delete()
        accounts.relate(people.approver, people.educator, "evaluates")
        factories.member(people.author, people.northfield, Membership.Role.ADMIN)
        tasks.appeal_opened(str(entry.pk))
        assert [(row.user, row.context["what"]) for row in Message.objects.filter(kind="attention")] == [
            (people.author, "nobody_hears")
        ]
        assert appeal.state == "open"


class TestAnswering:
    def test_it_may_stand(self, people: People) -> None:
        appeal = workflow.answer_appeal(opened(people), people.approver, finding="stands", text=ANSWER)
        submission = Submission.objects.get()
        assert (appeal.state, submission.state, submission.appealed) == ("answered", "not_yet", "over")
        assert Entry.objects.filter(kind__in=["submissions.amended", "submissions.earned"]).count() == 0
        tasks.appeal(str(Entry.objects.get(kind="review.appeal_answered").pk))
        message = Message.objects.get(kind="appeal")
        assert (message.user, message.url) == (people.educator, f"/appeals/{submission.pk}/")

    def test_a_change_earns_and_what_was_begun_is_set_aside(self, people: People) -> None:
        appeal = opened(people)
        draft = submissions.resubmit(appeal.submission, people.educator)
        changed(appeal, people.approver)
        first, second = Submission.objects.order_by("attempt")
        assert (first.state, second.state, first.enrolment.state) == ("earned", "withdrawn", "earned")
        plan = Outcome.objects.get(submission=first, criterion__key="plan")
        assert (plan.level, plan.passed, plan.feedback) == (3, True, "They join from the second lesson on.")
        amended = Entry.objects.get(kind="submissions.earned")
        assert list(amended.data["before"].values()) == [2]
        badges.award(first)
        assert Award.objects.get().submission_id == first.pk
        (item,) = queries.my_work(people.educator)
        assert (item.submission.pk, item.state, queries.newest_of(first.enrolment).pk) == (
            first.pk,
            "earned",
            first.pk,
        )
        client = signed_in(people.educator)
        assert [client.get(f"/submissions/{pk}/").status_code for pk in (first.pk, draft.pk)] == [200, 200]

    def test_the_readings_stay_as_they_were(self, people: People) -> None:
        changed(opened(people), people.approver)
        reading = Assignment.objects.get()
        assert reading.scores.get(criterion__key="plan").level == 2

    @pytest.mark.parametrize(
        ("level", "field"), [(1, "level-plan"), (2, "finding"), (9, "level-plan"), (None, "level-plan")]
    )
    def test_is_never_worse_and_changes_something(self, people: People, level: Any, field: str) -> None:
        with pytest.raises(GuardError) as refused:
            changed(opened(people), people.approver, level)
        assert list(refused.value.errors) == [field]
        assert (Appeal.objects.get().state, Submission.objects.get().state) == ("open", "not_yet")

    def test_can_be_given_once_though_two_answer_together(self, people: People) -> None:
        appeal = workflow.answer_appeal(opened(people), people.approver, finding="stands", text=ANSWER)
        with pytest.raises(TransitionError, match="already"):
            changed(Appeal.objects.get(pk=appeal.pk), second_approver(people))
        assert Submission.objects.get().state == "not_yet"

    def test_her_words_go_with_her_account(self, people: People) -> None:
        opened(people)
        workflow.let_go_of_appeals(people.educator)
        appeal = Appeal.objects.get()
        assert (appeal.state, appeal.reason, appeal.submission.appealed) == ("withdrawn", "", "over")


class TestPages:
    def test_she_appeals_and_reads_the_answer(self, people: People) -> None:
        submission = decided(people)
        client, approver, path = (
            signed_in(people.educator),
            signed_in(people.approver),
            f"/appeals/{submission.pk}/",
        )
        assert path in client.get(f"/submissions/{submission.pk}/").content.decode()
        assert client.post(path, {"reason": "No."}).status_code == 400
        assert client.post(path, {"reason": REASON}).status_code == 302
        appeal = Appeal.objects.get()
        page = approver.get(f"/review/appeals/{appeal.pk}/").content.decode()
        assert [word in page for word in (REASON, "Maya", "Rivera", "Oak", "Ingrid")] == [True] + [False] * 4
        given = {"finding": "changed", "answer": ANSWER, "level-plan": "3", "feedback-plan": "They do join."}
        assert approver.post(f"/review/appeals/{appeal.pk}/", {**given, "answer": "ok"}).status_code == 400
        assert approver.post(f"/review/appeals/{appeal.pk}/", given).status_code == 302
        answered = client.get(path).content.decode()
        assert [word in answered for word in (ANSWER, "Priya", "Nair")] == [True, False, False]
        assert "Earned" in client.get(f"/submissions/{submission.pk}/").content.decode()


class TestLookingUpAName:
    def test_is_shown_to_her_alone_and_ends_her_part(self, people: People) -> None:
        appeal, other = opened(people), second_approver(people)
        client, path = signed_in(people.approver), f"/review/unblind/{appeal.submission_id}/"
        assert "Maya" not in client.get(path).content.decode()
        assert client.post(path, {"reason": "why not"}).status_code == 400
        assert client.post(path, {"reason": "She asked for a certificate on paper."}).status_code == 302
        assert "Maya Rivera" in client.get(path).content.decode()
        assert "Maya" not in signed_in(other).get(path).content.decode()
        assert rules.may_answer(people.approver, appeal) is False
        entry = Entry.objects.get(kind="review.unblinded")
        assert (entry.actor, entry.data["reason"]) == (
            people.approver,
            "She asked for a certificate on paper.",
        )

    def test_is_nothing_for_whoever_is_close_or_holds_it(self, people: People) -> None:
        submission = decided(people)
        accounts.relate(people.approver, people.educator, "supervises")
        with pytest.raises(GuardError, match="involved"):
            workflow.unblind(submission, people.approver, "She asked for a certificate on paper.")
        assert signed_in(people.approver).get(f"/review/unblind/{submission.pk}/").status_code == 404
        assert Unblinding.objects.count() == 0

    def test_admins_read_who_and_why_and_not_whose(self, people: People) -> None:
        workflow.unblind(decided(people), people.approver, "She asked for a certificate on paper.")
        factories.member(people.author, people.northfield, Membership.Role.ADMIN)
        page = signed_in(people.author).get("/organizations/northfield/unblindings/").content.decode()
        words = ("Priya Nair", "certificate on paper", "Maya", "R-")
        assert [word in page for word in words] == [True, True, False, False]
