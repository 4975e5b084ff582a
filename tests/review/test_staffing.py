"""An issuer's rules, the people they need, and what happens when nobody is left: with one, two and three people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, Organisation, User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks as mails
from notifications.models import Message
from review import rules, tasks, workflow
from review.models import Absence, Assessment, AssessmentPolicy
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, scored, submitted

pytestmark = pytest.mark.django_db
Role = Membership.Role


@pytest.fixture
def people() -> People:
    return cast()


def staff(issuer: Organisation, *roles: tuple[str, ...]) -> list[User]:
    """Nobody but these people, each with the roles given."""
    Membership.objects.filter(organisation=issuer, role__in=[Role.ASSESSOR, Role.APPROVER]).delete()
    people = [factories.user(f"staff{number}@example.test") for number in range(len(roles))]
    for person, held in zip(people, roles, strict=True):
        for role in held:
            factories.member(person, issuer, role)
    return people


BOTH = (Role.ASSESSOR, Role.APPROVER)


class TestStaffing:
    @pytest.mark.parametrize(
        ("roles", "double", "need", "enough", "offers"),
        [
            ([BOTH], 0, 2, False, []),
            ([BOTH, BOTH], 0, 2, True, [(0, "same")]),
            ([BOTH, BOTH], 20, 4, False, [(0, "same")]),
            ([BOTH, BOTH, BOTH], 20, 4, False, [(0, "fresh"), (0, "same")]),
            (
                [(Role.ASSESSOR,), (Role.ASSESSOR,), (Role.APPROVER,)],
                20,
                4,
                False,
                [(0, "fresh"), (0, "same")],
            ),
            ([BOTH] * 4, 20, 4, True, [(20, "same"), (0, "fresh"), (0, "same")]),
            ([BOTH] * 6, 20, 4, True, [(20, "fresh"), (20, "same"), (0, "fresh"), (0, "same")]),
        ],
    )
    def test_counts_seats_that_one_person_cannot_fill_twice(
        self, people: People, roles: Any, double: int, need: int, enough: bool, offers: Any
    ) -> None:
        staff(people.northfield, *roles)
        check = rules.staffing(people.northfield, AssessmentPolicy(double_rate=double))
        found = [(one.double_rate, one.returning) for one, _check in rules.alternatives(people.northfield)]
        assert (check.need, check.enough, found) == (need, enough, offers)

    def test_a_policy_nobody_can_keep_is_refused_unless_more_will_join(self, people: People) -> None:
        staff(people.northfield, BOTH, BOTH, BOTH)
        with pytest.raises(GuardError) as refused:
            workflow.set_policy(people.northfield, None, {"double_rate": 20})
        assert refused.value.message == "This needs 4 different people; you have 3."
        assert not AssessmentPolicy.objects.exists()
        workflow.set_policy(people.northfield, None, {"double_rate": 20}, anyway=True)
        assert AssessmentPolicy.objects.get().double_rate == 20

    def test_only_admins_set_it(self, people: People) -> None:
        with pytest.raises(PermissionDenied):
            workflow.set_policy(people.northfield, people.approver, {"claim_days": 4})


class TestThePage:
    def test_says_what_is_missing_and_what_can_be_kept(self, people: People, client: Client) -> None:
        staff(people.northfield, BOTH, BOTH, BOTH)
        admin = factories.user("boss@example.test")
        factories.member(admin, people.northfield, Role.ADMIN)
        page = f"/organizations/{people.northfield.slug}/assessment/"
        form = signed_in(admin).get(page).context["form"]
        given = {field.html_name: field.value() for field in form if field.value() is not None}
        sent = {name: value for name, value in given.items() if value is not False}
        answer = signed_in(admin).post(
            page, {**sent, "double_first": 10, "double_rate": 20, "checklist": "A plan\n\nA reflection"}
        )
        assert answer.status_code == 400
        assert "This needs 4 different people; you have 3." in answer.content.decode()
        kept = signed_in(admin).post(page, {**sent, "double_rate": 0, "checklist": "A plan\n\nA reflection"})
        assert kept.status_code == 302
        lines = [row["text"] for row in AssessmentPolicy.objects.get().checklist]
        assert lines == ["A plan", "A reflection"]
        wrong = signed_in(admin).post(page, {**sent, "double_rate": 200, "claim_days": ""})
        assert sorted(wrong.context["form"].errors) == ["claim_days", "double_rate"]


def told(kind: str) -> list[str]:
    """Who was told by mail about the newest entry of this kind."""
    mails.attention(str(Entry.objects.filter(kind=kind).latest("created").pk))
    return sorted(Message.objects.filter(kind="attention").values_list("user__email", flat=True))


class TestNobodyLeft:
    def test_with_one_person_who_steps_back(self, people: People) -> None:
        [only] = staff(people.northfield, BOTH)
        submission = submitted(people)
        workflow.recuse(workflow.claim(submission, only), only, "expertise")
        tasks.find_reader(str(Entry.objects.get(kind="review.recused").pk))
        assert Assessment.objects.get().nobody_at is not None
        assert told("review.nobody_left") == ["staff0@example.test"]
        tasks.find_reader(str(Entry.objects.get(kind="review.recused").pk))
        assert Entry.objects.filter(kind="review.nobody_left").count() == 1

    def test_with_two_when_a_second_reading_was_drawn(self, people: People) -> None:
        AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100)
        reader, approver = staff(people.northfield, (Role.ASSESSOR,), (Role.APPROVER,))
        submission = submitted(people)
        workflow.complete(scored(workflow.claim(submission, reader), ALL_PASS), reader)
        tasks.find_readers()
        workflow.find_reader(submission.pk)
        row = Assessment.objects.get()
        assert told("review.nobody_left") == [approver.email]
        with pytest.raises(GuardError):
            workflow.let_one_decide(row, approver, "why")
        workflow.let_one_decide(row, approver, "Nobody else is calibrated this week.")
        submission.refresh_from_db()
        row.refresh_from_db()
        assert (submission.state, row.state, row.settled) == ("earned", "decided", "single")
        with pytest.raises(TransitionError):
            workflow.let_one_decide(row, approver, "Nobody else is calibrated this week.")

    def test_with_three_the_third_is_found_and_nobody_is_disturbed(self, people: People) -> None:
        first, second, _third = staff(people.northfield, *[(Role.ASSESSOR,)] * 3)
        submission = submitted(people)
        for one in (first, second):
            workflow.recuse(workflow.claim(submission, one), one, "expertise")
        assert workflow.find_reader(submission.pk)
        assert Entry.objects.filter(kind="review.nobody_left").count() == 0

    def test_whoever_joins_later_ends_the_alarm(self, people: People) -> None:
        staff(people.northfield, (Role.APPROVER,))
        submission = submitted(people)
        assert not workflow.find_reader(submission.pk)
        factories.member(factories.user("late@example.test"), people.northfield, Role.ASSESSOR)
        assert workflow.find_readers() == 1
        assert Assessment.objects.get().nobody_at is None


class TestGivingOut:
    def test_an_assigned_reading_is_kept_and_only_for_those_who_may(self, people: People) -> None:
        one, other, approver = staff(people.northfield, (Role.ASSESSOR,), (Role.ASSESSOR,), (Role.APPROVER,))
        row = workflow.enter(submitted(people))
        client = signed_in(approver)
        wrong = client.post(f"/review/giving/{row.pk}/assign/", {"assessor": str(people.educator.pk)})
        assert wrong.status_code == 400
        assert client.post(f"/review/giving/{row.pk}/assign/", {"assessor": str(one.pk)}).status_code == 302
        assert [list(rules.queue_for(who)) for who in (one, other)] == [[row], []]
        mails.offer(str(Entry.objects.get(kind="review.assigned").pk))
        assert Message.objects.get().user == one
        with pytest.raises(GuardError):
            workflow.claim(row.submission, other)
        assert workflow.claim(row.submission, one).assessor == one

    def test_offers_go_to_whoever_has_least_and_is_there_and_pass_on(self, people: People) -> None:
        AssessmentPolicy.objects.create(organisation=people.northfield, mode="offer")
        busy, away, free = staff(people.northfield, *[(Role.ASSESSOR,)] * 3)
        workflow.claim(submitted(people, people.educator2), busy)
        Absence.objects.create(user=away, until=timezone.localdate() + timedelta(days=3))
        row = workflow.enter(submitted(people))
        assert workflow.find_reader(row.submission_id)
        row.refresh_from_db()
        assert (row.reserved_for, row.reserved_why) == (free, "offered")
        workflow.decline(row, free)
        assert workflow.find_readers() == 1
        row.refresh_from_db()
        assert row.reserved_for == busy

    def test_where_approvers_assign_nothing_is_taken(self, people: People) -> None:
        AssessmentPolicy.objects.create(organisation=people.northfield, mode="assign")
        one, approver = staff(people.northfield, (Role.ASSESSOR,), (Role.APPROVER,))
        row = workflow.enter(submitted(people))
        assert list(rules.queue_for(one)) == []
        workflow.assign(row, one, approver)
        assert list(rules.queue_for(one)) == [row]

    def test_an_absence_is_a_day_within_a_year(self, people: People) -> None:
        client = signed_in(people.assessor)
        today = timezone.localdate()
        answers = [
            client.post("/review/away/", {"until": day}).status_code
            for day in (today - timedelta(days=1), today + timedelta(days=400), "never", today)
        ]
        assert answers == [400, 400, 400, 302]
        assert client.post("/review/away/", {"back": "1"}).status_code == 302
        assert not Absence.objects.exists()
