"""Claims and decisions: what each verb does, refuses, and how it behaves when two try at once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, Relation, User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from review import rules, tasks, workflow
from review.models import AssessmentPolicy, Assignment, Score
from submissions import workflow as submissions
from submissions.business import Calendar
from submissions.models import Outcome, Policy, Submission
from tests import factories
from tests.people import People, cast
from tests.review.work import ALL_PASS, BELOW, NAMED, SHOWN, claimed, fill, scored, submitted

pytestmark = pytest.mark.django_db
State = Assignment.State


@pytest.fixture
def people() -> People:
    return cast()


def kinds(prefix: str = "review.") -> list[str]:
    rows = Entry.objects.filter(kind__startswith=prefix).order_by("created")
    return list(rows.values_list("kind", flat=True))


def waiting_for(user: User) -> list[Submission]:
    """What `user` may claim, the next due first."""
    return [row.submission for row in rules.queue_for(user).order_by("due", "pk")]


def refresh(user: User) -> User:
    """The same person in a new request: roles are remembered for one only."""
    return User.objects.get(pk=user.pk)


class TestTheQueue:
    def test_offers_what_waits_at_ones_issuers(self, people: People) -> None:
        submission = submitted(people)
        submitted(people, people.educator2, factories.published(people.lakes))
        assert waiting_for(people.assessor) == [submission]

    @pytest.mark.parametrize("name", ["educator", "approver", "author", "district_admin", "admin"])
    def test_is_empty_for_everybody_else(self, people: People, name: str) -> None:
        submitted(people)
        assert waiting_for(getattr(people, name)) == []

    def test_never_offers_ones_own_work_even_to_an_admin(self, people: People) -> None:
        factories.member(people.admin, people.northfield, Membership.Role.ASSESSOR)
        own = submitted(people, people.admin)
        assert waiting_for(people.admin) == []
        with pytest.raises(GuardError):
            workflow.claim(own, people.admin)

    @pytest.mark.parametrize("kind", Relation.Kind.values)
    @pytest.mark.parametrize("way", ["to", "from"])
    def test_keeps_people_who_stand_close_apart(self, people: People, kind: str, way: str) -> None:
        submission = submitted(people)
        ends = (people.assessor, people.educator) if way == "to" else (people.educator, people.assessor)
        accounts.relate(*ends, kind)
        assert waiting_for(people.assessor) == []
        with pytest.raises(GuardError):
            workflow.claim(submission, people.assessor)
        assert submission.state == "submitted"

    def test_is_empty_once_the_role_ends(self, people: People) -> None:
        submission = submitted(people)
        Membership.objects.filter(user=people.assessor).update(state="ended", until=timezone.now())
        assert waiting_for(refresh(people.assessor)) == []
        with pytest.raises(GuardError):
            workflow.claim(submission, refresh(people.assessor))


class TestClaiming:
    def test_makes_it_exclusive_and_says_so(self, people: People) -> None:
        assignment = claimed(people)
        assert assignment.submission.state == "in_review"
        assert (kinds(), kinds("submissions.review")) == (
            ["review.entered", "review.claimed"],
            ["submissions.review_begun"],
        )
        with pytest.raises(TransitionError) as refused:
            workflow.claim(assignment.submission, people.assessor2)
        assert (refused.value.state, Assignment.objects.count()) == ("in_review", 1)

    def test_is_due_after_five_business_days_of_the_issuers_calendar(self, people: People) -> None:
        Policy.objects.create(organisation=people.northfield, time_zone="Pacific/Auckland")
        AssessmentPolicy.objects.create(organisation=people.northfield, claim_days=3)
        assignment = claimed(people)
        auckland = Calendar(ZoneInfo("Pacific/Auckland"))
        assert abs(assignment.due - auckland.add(timezone.now(), 3)) < timedelta(minutes=1)

    def test_stops_the_educator_from_withdrawing(self, people: People) -> None:
        assignment = claimed(people)
        with pytest.raises(TransitionError):
            submissions.withdraw(assignment.submission, people.educator)

    def test_an_earlier_draft_is_there_again(self, people: People) -> None:
        assignment = scored(claimed(people), BELOW)
        workflow.release(assignment, people.assessor)
        again = workflow.claim(assignment.submission, people.assessor)
        assert (again.strength, again.next_step) == (NAMED["strength"], NAMED["next_step"])
        assert workflow.draft(again)["feedback-plan"] == "Show how quiet students join."
        assert again.pk != assignment.pk

    def test_nobody_elses_draft_is(self, people: People) -> None:
        assignment = scored(claimed(people))
        workflow.release(assignment, people.assessor)
        other = workflow.claim(assignment.submission, people.assessor2)
        assert (other.strength, other.scores.count()) == ("", 0)


class TestSaving:
    def test_changes_only_what_is_given(self, people: People) -> None:
        assignment = claimed(people)
        workflow.save(assignment, people.assessor, revision=0, scores={"plan": {"feedback": "First."}})
        row = workflow.save(
            assignment, people.assessor, revision=1, scores={"plan": {"level": 2}}, strength="Talk."
        )
        score = Score.objects.get()
        assert (score.level, score.feedback, row.strength, row.revision) == (2, "First.", "Talk.", 2)

    def test_a_level_can_be_taken_back(self, people: People) -> None:
        assignment = scored(claimed(people))
        workflow.save(assignment, people.assessor, revision=1, scores={"plan": {"level": None}})
        assert Score.objects.get(criterion__key="plan").level is None

    def test_refuses_a_stale_save_with_both_texts(self, people: People) -> None:
        assignment = claimed(people)
        workflow.save(assignment, people.assessor, revision=0, strength="From one window.")
        with pytest.raises(workflow.StaleDraft) as refused:
            workflow.save(assignment, people.assessor, revision=0, strength="From another.")
        assert (refused.value.revision, refused.value.current["strength"]) == (1, "From one window.")

    def test_a_second_tab_has_to_take_over(self, people: People) -> None:
        assignment = claimed(people)
        workflow.save(assignment, people.assessor, revision=0, strength="a", editor="tab-one1")
        with pytest.raises(workflow.EditedElsewhere):
            workflow.save(assignment, people.assessor, revision=1, strength="b", editor="tab-two2")
        workflow.continue_here(assignment, people.assessor, "tab-two2")
        row = workflow.save(assignment, people.assessor, revision=1, strength="b", editor="tab-two2")
        assert row.strength == "b"
        with pytest.raises(workflow.EditedElsewhere):
            workflow.save(assignment, people.assessor, revision=2, strength="c", editor="tab-one1")

    def test_the_lock_ends_after_ten_quiet_minutes(self, people: People) -> None:
        assignment = claimed(people)
        row = workflow.save(assignment, people.assessor, revision=0, editor="tab-one1")
        assert workflow.locked_for(row, "tab-two2") is True
        row.edited_until = timezone.now() - timedelta(seconds=1)
        row.save()
        assert workflow.locked_for(row, "tab-two2") is False
        assert workflow.save(row, people.assessor, revision=1, editor="tab-two2").editor == "tab-two2"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"scores": {"plan": {"level": 9}}}, "level-plan"),
            ({"scores": {"plan": {"level": "x"}}}, "level-plan"),
            ({"scores": {"nothing": {"level": 1}}}, "level-nothing"),
            ({"scores": {"plan": {"feedback": "a\x00b"}}}, "feedback-plan"),
            ({"scores": {"plan": {"feedback": "x" * 1_000_000}}}, "feedback-plan"),
            ({"scores": {"plan": {"feedback": None}}}, "feedback-plan"),
            ({"strength": "x" * 10_001}, "strength"),
            ({"state": "completed"}, "state"),
        ],
    )
    def test_refuses_what_is_wrong_at_its_field(
        self, people: People, given: dict[str, Any], field: str
    ) -> None:
        assignment = claimed(people)
        with pytest.raises(GuardError) as refused:
            workflow.save(assignment, people.assessor, revision=0, **given)
        assert list(refused.value.errors) == [field]
        assert Assignment.objects.get().revision == 0

    @pytest.mark.parametrize("name", ["assessor2", "approver", "educator", "admin"])
    def test_is_for_the_claimer_only(self, people: People, name: str) -> None:
        assignment = claimed(people)
        verbs: list[Callable[[User], Any]] = [
            lambda user: workflow.save(assignment, user, revision=0),
            lambda user: workflow.complete(assignment, user),
            lambda user: workflow.release(assignment, user),
            lambda user: workflow.recuse(assignment, user, "other"),
            lambda user: workflow.continue_here(assignment, user, "tab-one1"),
        ]
        for verb in verbs:
            with pytest.raises(GuardError):
                verb(getattr(people, name))
        assert Assignment.objects.get().state == "claimed"

    def test_stops_when_a_relation_appears_after_the_claim(self, people: People) -> None:
        assignment = scored(claimed(people))
        accounts.relate(people.assessor, people.educator, Relation.Kind.EVALUATES)
        with pytest.raises(GuardError):
            workflow.complete(assignment, people.assessor)
        workflow.recuse(assignment, people.assessor, "conflict")
        assert assignment.submission.state == "submitted"


class TestGivingBack:
    def test_release_returns_it_to_the_queue(self, people: People) -> None:
        assignment = claimed(people)
        workflow.release(assignment, people.assessor)
        assert waiting_for(people.assessor) == [assignment.submission]
        assert kinds() == ["review.entered", "review.claimed", "review.released"]

    @pytest.mark.parametrize("reason", Assignment.Reason.values)
    def test_recuse_returns_it_for_others_only(self, people: People, reason: str) -> None:
        assignment = claimed(people)
        workflow.recuse(assignment, people.assessor, reason)
        assert waiting_for(people.assessor) == []
        assert waiting_for(people.assessor2) == [assignment.submission]
        assert (assignment.state, assignment.reason, Outcome.objects.count()) == ("recused", reason, 0)

    @pytest.mark.parametrize(
        ("reason", "offered"), [("knows", 0), ("conflict", 0), ("expertise", 1), ("other", 1)]
    )
    def test_who_knows_the_person_is_offered_nothing_of_hers(
        self, people: People, reason: str, offered: int
    ) -> None:
        workflow.recuse(claimed(people), people.assessor, reason)
        submitted(people)
        assert rules.queue_for(people.assessor).count() == offered

    def test_recuse_needs_a_reason(self, people: People) -> None:
        with pytest.raises(GuardError) as refused:
            workflow.recuse(claimed(people), people.assessor, "")
        assert list(refused.value.errors) == ["reason"]

    def test_the_sweep_reminds_once_a_day_before(self, people: People) -> None:
        assignment = claimed(people)
        assert tasks.lapse_claims() == 0
        assert kinds() == ["review.entered", "review.claimed"]
        Assignment.objects.update(due=timezone.now() + timedelta(hours=20))
        assert (tasks.lapse_claims(), tasks.lapse_claims()) == (0, 0)
        assert kinds() == ["review.entered", "review.claimed", "review.claim_due"]
        assert workflow.remind(assignment) is False

    def test_the_sweep_ends_what_is_past_due(self, people: People) -> None:
        assignment = scored(claimed(people))
        Assignment.objects.update(due=timezone.now() - timedelta(minutes=1))
        assert tasks.lapse_claims() == 1
        assert tasks.lapse_claims() == 0
        assignment.refresh_from_db()
        assert (assignment.state, Submission.objects.get().state) == ("lapsed", "submitted")
        assert workflow.claim(Submission.objects.get(), people.assessor).strength == NAMED["strength"]

    def test_nothing_lapses_before_it_is_due(self, people: People) -> None:
        with pytest.raises(GuardError):
            workflow.lapse(claimed(people))


class TestCompleting:
    def test_all_at_passing_level_earns(self, people: People) -> None:
        done = workflow.complete(scored(claimed(people)), people.assessor)
        submission = Submission.objects.get()
        assert (done.state, submission.state, submission.strength) == (
            "completed",
            "earned",
            NAMED["strength"],
        )
        assert kinds("submissions.e")[-2:] == ["submissions.earned", "submissions.enrolment_earned"]
        assert sorted(Outcome.objects.values_list("criterion__key", "level", "passed")) == [
            ("context", 2, True),
            ("growth", 2, True),
            ("plan", 3, True),
        ]

    @pytest.mark.parametrize("key", ["context", "plan", "growth"])
    def test_one_below_is_not_yet_whatever_the_rest(self, people: People, key: str) -> None:
        scores = {**ALL_PASS, key: {"level": 1, **SHOWN}}
        workflow.complete(scored(claimed(people), scores), people.assessor)
        assert Submission.objects.get().state == "not_yet"

    @pytest.mark.parametrize(
        ("scores", "texts", "missing"),
        [
            ({"plan": {"level": None}}, {}, ["level-plan"]),
            ({"plan": {"level": 2, **SHOWN, "feedback": "  "}}, {}, ["feedback-plan"]),
            ({"plan": {"level": 2, **SHOWN, "where": " "}}, {}, ["where-plan"]),
            ({"plan": {"level": 2, **SHOWN, "next_step": ""}}, {}, ["next-plan"]),
            ({}, {"strength": " "}, ["strength"]),
            ({}, {"next_step": ""}, ["next_step"]),
            (
                {"context": {"level": None}, "growth": {"level": 1}},
                {"strength": ""},
                ["level-context", "feedback-growth", "where-growth", "next-growth", "strength"],
            ),
        ],
    )
    def test_names_everything_that_is_missing(
        self, people: People, scores: dict[str, Any], texts: dict[str, Any], missing: list[str]
    ) -> None:
        assignment = scored(claimed(people))
        workflow.save(assignment, people.assessor, revision=1, scores=scores, **texts)
        with pytest.raises(GuardError) as refused:
            workflow.complete(assignment, people.assessor)
        assert list(refused.value.errors) == missing
        assert (Submission.objects.get().state, Assignment.objects.get().state) == ("in_review", "claimed")

    def test_sends_only_what_was_previewed(self, people: People) -> None:
        assignment = scored(claimed(people))
        with pytest.raises(workflow.StaleDraft):
            workflow.complete(assignment, people.assessor, revision=0)
        assert workflow.complete(assignment, people.assessor, revision=1).state == "completed"

    def test_happens_once(self, people: People) -> None:
        assignment = scored(claimed(people))
        workflow.complete(assignment, people.assessor)
        verbs: list[Callable[[], Any]] = [
            lambda: workflow.complete(assignment, people.assessor),
            lambda: workflow.release(assignment, people.assessor),
            lambda: workflow.recuse(assignment, people.assessor, "other"),
            lambda: workflow.save(assignment, people.assessor, revision=1),
        ]
        for verb in verbs:
            with pytest.raises(TransitionError) as refused:
                verb()
            assert (refused.value.state, refused.value.code) == ("completed", "state")

    def test_the_same_assessor_may_take_the_next_attempt(self, people: People) -> None:
        first = workflow.complete(scored(claimed(people), BELOW), people.assessor)
        second = fill(submissions.resubmit(first.submission, people.educator), people.educator)
        again = workflow.claim(second, people.assessor)
        assert (again.scores.count(), again.strength) == (0, "")  # never across submissions
