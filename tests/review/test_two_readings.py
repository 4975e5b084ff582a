"""Two readings that know nothing of each other: drawn beforehand, agreed or adjudicated, one text for the educator."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks
from notifications.models import Message
from review import rules, workflow
from review.models import Assessment, AssessmentPolicy, Assignment, Note, Score
from review.tasks import lapse_claims
from review.workflow.entering import drawn
from submissions import workflow as submissions
from submissions.models import Outcome, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, BELOW, SHOWN, desk, fill, scored, submitted

pytestmark = pytest.mark.django_db
ONE = {**BELOW, "context": {"level": 2, "feedback": "Clear picture of the class."}}
OTHER = {**ALL_PASS, "context": {"level": 2, "feedback": "Short, and enough."}}


@pytest.fixture
def people() -> People:
    return cast()


def policy(people: People, **fields: Any) -> AssessmentPolicy:
    fields = {"double_first": 0, "double_rate": 100, "licensed_only": False, **fields}
    return AssessmentPolicy.objects.create(organisation=people.northfield, **fields)


def read(submission: Submission, user: User, scores: dict[str, Any]) -> Assignment:
    return workflow.complete(scored(workflow.claim(submission, user), scores), user)


def differing(people: People) -> Assessment:
    """Two readings on different sides of one criterion."""
    policy(people)
    submission = submitted(people)
    read(submission, people.assessor, ONE)
    read(submission, people.assessor2, OTHER)
    return Assessment.objects.get(submission=submission)


def approver(people: People, name: str = "second") -> User:
    user = factories.user(f"{name}@example.test", name=f"{name.title()} Approver")
    factories.member(user, people.northfield, Membership.Role.APPROVER)
    return user


def neutral(text: str) -> str:
    """A page without what differs from request to request and from submission to submission."""
    text = re.sub(
        r"[0-9a-f]{8}-[0-9a-f-]{27}|R-[0-9A-Z]{7}|nonce[^ >]+|(Unit|Micro-credential) \d+", "", text
    )
    return re.sub(r'value="[A-Za-z0-9]{64}"|"X-CSRFToken[^}]+', "", text)


class TestTheDraw:
    def test_is_recorded_so_that_it_can_be_computed_again(self, people: People) -> None:
        policy(people, double_first=1, double_rate=50)
        unit = factories.published(people.northfield)
        earners = [people.educator, people.educator2, people.author, people.district_admin, people.admin]
        for earner in earners:
            submitted(people, earner, unit)
        rows = list(Assessment.objects.order_by("entered_at").select_related("submission"))
        assert (rows[0].draw["why"], rows[0].wanted) == ("first", 2)
        for row in rows[1:]:
            assert row.draw["value"] == drawn(row.draw["seed"], row.submission)
            assert (row.wanted, row.draw["rate"]) == (2 if row.draw["value"] < 50 else 1, 50)
        entries = Entry.objects.filter(kind="review.entered").order_by("created")
        assert [entry.data["draw"] for entry in entries] == [row.draw for row in rows]

    def test_stays_when_an_attempt_is_taken_back_and_sent_again(self, people: People) -> None:
        policy(people, double_rate=50)
        submission = submitted(people)
        first = Assessment.objects.get()
        for _time in range(3):
            submissions.withdraw(submission, people.educator)
            workflow.leave(submission)
            submissions.submit(submission, people.educator, ["privacy"])
            workflow.enter(submission)
        draws = list(Assessment.objects.values_list("draw", "wanted", "state").order_by("entered_at"))
        assert draws == [(first.draw, first.wanted, state) for state in ("ended", "ended", "ended", "open")]

    def test_without_a_policy_one_reading_decides(self, people: People) -> None:
        submission = submitted(people)
        read(submission, people.assessor, ALL_PASS)
        assert Assessment.objects.get().settled == "single"


class TestTwoReadings:
    def test_that_agree_decide_with_the_first_ones_texts(self, people: People) -> None:
        policy(people)
        submission = submitted(people)
        first = read(submission, people.assessor, ONE)
        assert Submission.objects.get().state == "in_review"
        later = {**ONE, "plan": {**SHOWN, "level": 1, "feedback": "Nobody is quiet."}}
        second = read(submission, people.assessor2, later)
        assert (Submission.objects.get().state, Assessment.objects.get().settled) == ("not_yet", "agreed")
        told = Outcome.objects.get(criterion__key="plan")
        assert (told.level, told.feedback) == (2, "Show how quiet students join.")
        kept = Score.objects.filter(criterion__key="plan", assignment__in=[first, second])
        assert sorted(kept.values_list("level", "feedback")) == [
            (1, "Nobody is quiet."),
            (2, "Show how quiet students join."),
        ]

    def test_the_second_never_meets_the_first(self, people: People) -> None:
        policy(people)
        factories.member(people.approver, people.northfield, Membership.Role.ASSESSOR)
        submission = submitted(people)
        first = read(submission, people.assessor, ONE)
        reader = User.objects.get(pk=people.approver.pk)  # an approver, who might read what was completed
        client = signed_in(reader)
        second = workflow.claim(submission, reader)
        piece = submission.artifacts.get().pk
        for path in (desk(first), f"/api/v1/reviews/{first.pk}/", f"{desk(first)}artifacts/{piece}/"):
            assert client.get(path).status_code == 404
        for path in ("/review/completed/", "/review/", desk(second), f"/api/v1/reviews/{second.pk}/"):
            page = client.get(path).content.decode()
            assert [
                word for word in ("quiet students", "Ingrid", "Vale", str(first.pk)) if word in page
            ] == []

    def test_her_pages_say_neither_that_another_reads_nor_what_came_of_it(self, people: People) -> None:
        rule = policy(people, double_rate=0)
        seen = []
        for rate, second in ((0, None), (100, None), (100, ALL_PASS), (100, ONE)):
            AssessmentPolicy.objects.filter(pk=rule.pk).update(double_rate=rate)
            unit = factories.published(people.northfield, title="Unit")
            submission = submitted(people, micro_credential=unit)
            mine = scored(workflow.claim(submission, people.assessor), ALL_PASS)
            client = signed_in(people.assessor)
            sent = client.post(f"{desk(mine)}complete/", {"revision": mine.revision}, follow=True)
            if second:
                read(submission, people.assessor2, second)
            api = client.get(f"/api/v1/reviews/{mine.pk}/").json()
            rows = client.get("/review/completed/").content.decode().split("<tr>")
            row = next(one for one in rows if str(mine.pk) in one).split("</tr>")[0]
            page = client.get(desk(mine)).content.decode()
            seen.append(
                (neutral(sent.content.decode()), neutral(page), neutral(row), api["state"], api["verdict"])
            )
        assert seen[1:] == seen[:1] * 3

    def test_both_step_back_and_it_waits_for_two_again(self, people: People) -> None:
        policy(people)
        submission = submitted(people)
        one, other = (workflow.claim(submission, user) for user in (people.assessor, people.assessor2))
        workflow.recuse(one, people.assessor, "other")
        assert Submission.objects.get().state == "in_review"
        workflow.recuse(other, people.assessor2, "knows")
        assessment = Assessment.objects.get()
        assert (assessment.places, assessment.state, Submission.objects.get().state) == (
            2,
            "open",
            "submitted",
        )

    def test_the_first_gives_it_back_after_the_second_was_sent(self, people: People) -> None:
        policy(people)
        submission = submitted(people)
        one = workflow.claim(submission, people.assessor)
        read(submission, people.assessor2, OTHER)
        workflow.release(one, people.assessor)
        assert (Assessment.objects.get().places, Submission.objects.get().state) == (1, "in_review")
        assert [row.submission for row in rules.queue_for(people.assessor)] == [submission]
        with pytest.raises(TransitionError):
            workflow.claim(submission, people.assessor2)
        read(submission, people.assessor, OTHER)
        assert Outcome.objects.get(criterion__key="context").feedback == "Short, and enough."


class TestAdjudication:
    def test_starts_from_what_both_agree_on_and_decides(self, people: People) -> None:
        assessment = differing(people)
        assert (assessment.state, Submission.objects.get().state) == ("adjudication", "in_review")
        row = workflow.begin_adjudication(assessment, people.approver)
        assert dict(row.scores.values_list("criterion__key", "level")) == {"context": 2, "growth": 2}
        assert (row.strength, row.next_step) == ("Your questions have many answers.", "")
        settled = {"plan": {"level": 3, "feedback": "Quiet students join in lesson two."}}
        row = workflow.save(row, people.approver, revision=0, scores=settled, next_step="Go on.")
        workflow.complete(row, people.approver)
        told = Outcome.objects.order_by("criterion__key").values_list("criterion__key", "level", "feedback")
        assert list(told) == [
            ("context", 2, "Clear picture of the class."),
            ("growth", 2, ""),
            ("plan", 3, "Quiet students join in lesson two."),
        ]
        assessment.refresh_from_db()
        assert (assessment.settled, Submission.objects.get().state) == ("adjudicated", "earned")
        originals = Assignment.objects.filter(role="reading", state="completed")
        assert {one.scores.get(criterion__key="plan").level for one in originals} == {2, 3}
        kinds = Entry.objects.filter(kind__startswith="review.").order_by("created")
        assert list(kinds.values_list("kind", flat=True))[-5:] == [
            "review.disagreed", "review.adjudication_begun", "review.completed", "review.decided",
            "review.decision_recorded",
        ]  # fmt: skip

    def test_places_of_the_side_she_takes_go_along(self, people: People) -> None:
        assessment = differing(people)
        reading = Assignment.objects.get(assessor=people.assessor)
        plan = Score.objects.get(assignment=reading, criterion__key="plan").criterion
        Note.objects.create(
            assignment=reading, question="context", criterion=plan, kind="passage", cited=True, shared=True,
            place={"start": 0, "end": 6, "quote": "Twenty"}, text="Who are they?",
        )  # fmt: skip
        row = workflow.begin_adjudication(assessment, people.approver)
        for level, cited in ((3, 0), (2, 1)):
            given = {"plan": {**SHOWN, "level": level}}
            row = workflow.save(row, people.approver, revision=row.revision, scores=given, next_step="Go on.")
            workflow.adopt_places(row)
            assert Note.objects.filter(assignment=row).count() == cited
        workflow.complete(row, people.approver)
        places = Outcome.objects.get(criterion__key="plan").places
        assert places[0]["text"] == "Who are they?"
        assert Note.objects.filter(assignment=reading).count() == 1

    def test_no_score_arrives_while_it_is_settled(self, people: People) -> None:
        assessment = differing(people)
        third = factories.user("third@example.test")
        factories.member(third, people.northfield, Membership.Role.ASSESSOR)
        assert rules.queue_for(third).count() == 0
        with pytest.raises(TransitionError):
            workflow.claim(assessment.submission, third)

    @pytest.mark.parametrize("why", ["read", "close", "knows", "recused", "no role"])
    def test_is_for_approvers_who_are_not_involved(self, people: People, why: str) -> None:
        assessment, user = differing(people), approver(people)
        if why == "read":
            Assignment.objects.filter(assessor=people.assessor2).update(assessor=user)
        elif why == "close":
            accounts.relate(people.educator, user, "coaches")
        elif why == "knows":
            workflow.unblind(assessment.submission, user, "A family called about this very work.")
        elif why == "recused":
            workflow.recuse(workflow.begin_adjudication(assessment, user), user, "conflict")
        else:
            Membership.objects.filter(user=user).update(state="ended", until=timezone.now())
        with pytest.raises(GuardError):
            workflow.begin_adjudication(assessment, User.objects.get(pk=user.pk))

    def test_one_at_a_time_and_it_can_be_given_back_or_lapse(self, people: People) -> None:
        assessment, other = differing(people), approver(people)
        row = workflow.begin_adjudication(assessment, people.approver)
        assert workflow.begin_adjudication(assessment, people.approver).pk == row.pk
        with pytest.raises(TransitionError, match="Another approver"):
            workflow.begin_adjudication(assessment, other)
        workflow.save(row, people.approver, revision=0, private_note="Look at minute three.")
        workflow.release(row, people.approver)
        again = workflow.begin_adjudication(assessment, other)
        assert (again.private_note, again.scores.count()) == ("", 2)
        Assignment.objects.filter(pk=again.pk).update(due=timezone.now() - timedelta(minutes=1))
        assert lapse_claims() == 1
        mine = workflow.begin_adjudication(assessment, people.approver)
        assert (mine.private_note, mine.scores.count()) == ("Look at minute three.", 2)
        assert Submission.objects.get().state == "in_review"

    def test_those_who_may_are_told_and_admins_where_nobody_may(self, people: People) -> None:
        assessment = differing(people)
        entry = Entry.objects.get(kind="review.disagreed")
        tasks.adjudication(str(entry.pk))
        told = [(row.user, row.context["what"], row.url) for row in Message.objects.filter(kind="attention")]
        assert told == [(people.approver, "disagreed", "/review/adjudications/")]
        factories.member(people.author, people.northfield, Membership.Role.ADMIN)
        workflow.recuse(workflow.begin_adjudication(assessment, people.approver), people.approver, "knows")
        tasks.adjudication(str(Entry.objects.get(kind="review.recused").pk))
        row = Message.objects.exclude(user=people.approver).get(kind="attention")
        assert (row.user, row.context["what"]) == (people.author, "nobody_adjudicates")

    def test_her_page_has_both_readings_and_no_names(self, people: People) -> None:
        assessment = differing(people)
        Assignment.objects.filter(assessor=people.assessor).update(private_note="I was not sure.")
        client, path = signed_in(people.approver), f"/review/adjudications/{assessment.pk}/"
        assert client.get("/review/completed/").content.decode().count("<tr>") <= 1
        assert client.post(f"{path}begin/").status_code == 302
        tab = f"{path}?tab=tabtabtab"
        page = client.get(path).content.decode()
        there = (
            "Reading 1",
            "Reading 2",
            "Show how quiet students join.",
            "Short, and enough.",
            "I was not sure.",
        )
        hidden = ("Ingrid", "Vale", "Sam", "Whitlock", "Maya", "Rivera", "Oak School")
        assert [word in page for word in there + hidden] == [True] * 5 + [False] * 7
        row = Assignment.objects.get(role="adjudication")
        given = {
            "revision": "0",
            "level-plan": "3",
            "feedback-plan": "They join.",
            "level-context": "2",
            "level-growth": "2",
        }
        assert client.post(tab, {**given, "strength": "Good questions.", "preview": "1"}).status_code == 302
        preview = client.get(f"{desk(row)}complete/").content.decode()
        assert "Name one next step." in preview
        both = {**given, "strength": "Good.", "next_step": "Go on.", "preview": "1", "revision": "1"}
        client.post(tab, both)
        assert client.post(tab, {**both, "revision": "0"}).status_code == 409
        sent = client.post(f"{desk(row)}complete/", {"revision": "2"})
        assert (sent.status_code, Submission.objects.get().state) == (302, "earned")
        told = signed_in(people.educator).get(f"/submissions/{assessment.submission_id}/").content.decode()
        assert [word in told for word in ("They join.", "quiet students join", "Priya", "Ingrid")] == [
            True
        ] + [False] * 3

    def test_the_next_attempt_enters_anew(self, people: People) -> None:
        assessment = differing(people)
        row = workflow.begin_adjudication(assessment, people.approver)
        row = workflow.save(
            row, people.approver, revision=0, scores={"plan": {**SHOWN, "level": 2}}, next_step="Go on."
        )
        workflow.complete(row, people.approver)
        draft = submissions.resubmit(Submission.objects.get(), people.educator)
        fill(draft, people.educator)
        assert Assessment.objects.get(submission=draft).state == "open"
