"""The queue as an assessor meets it: what is due, what fits, what is kept for her; its clocks, and its promises."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import Membership, User
from catalog.models import MicroCredential, Version
from journal.models import Entry
from review import tasks, workflow
from review.models import Assessment, AssessmentPolicy, Assignment
from review.queries.pace import standing
from submissions import workflow as submissions
from submissions.expecting import expected
from submissions.models import Artifact, Content, Pace, Policy, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import claimed, fill, scored, submitted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    return factories.published(people.northfield)


def waiting(people: People, unit: MicroCredential, **fields: Any) -> Assessment:
    """One more that waits, as the queue knows it."""
    row = Assessment.objects.get(submission=submitted(people, factories.user(), unit))
    Assessment.objects.filter(pk=row.pk).update(**fields)
    if due := fields.get("due"):
        Submission.objects.filter(pk=row.submission_id).update(promised_on=due.date())
    row.refresh_from_db()
    return row


def history(people: People, unit: MicroCredential, days: int, count: int = 10) -> None:
    """So many decided, each after so many calendar days, over the last weeks."""
    version = Version.objects.get(micro_credential=unit)
    sample = waiting(people, unit)
    now = timezone.now()
    for number in range(count):
        decided = now - number * DAY
        Assessment.objects.create(
            submission=fresh(unit), issuer=unit.issuer, version=version, state="decided", places=0,
            due=sample.due, entered_at=decided - days * DAY, decided_at=decided,
        )  # fmt: skip
    Assessment.objects.filter(pk=sample.pk).delete()


def fresh(unit: MicroCredential) -> Submission:
    return factories.submitted(factories.user(), unit)


def kinds() -> Counter[str]:
    return Counter(Entry.objects.filter(kind__startswith="review.").values_list("kind", flat=True))


class TestThePromise:
    def test_follows_the_queue_within_what_the_issuer_allows(
        self, people: People, unit: MicroCredential
    ) -> None:
        assert (expected(unit.pk).days, expected(unit.pk).reckoned) == (10, False)
        history(people, unit, days=7)
        assert workflow.reckon(unit) is not None
        assert workflow.reckon(unit) is None  # nothing changed
        pace = Pace.objects.get(micro_credential=unit)
        assert (pace.days, pace.waiting) == (5, 0)  # seven days of the calendar are five of work
        AssessmentPolicy.objects.create(organisation=people.northfield, promise_floor=1, promise_cap=4)
        assert tasks.reckon_all() == 1
        assert Pace.objects.get().days == 4

    def test_is_told_before_and_kept_after_by_the_issuers_calendar(
        self, people: People, unit: MicroCredential
    ) -> None:
        day = timezone.now().date()
        closed = [day + number * DAY for number in range(1, 30)]
        Policy.objects.create(organisation=people.northfield, time_zone="Pacific/Auckland", holidays=closed)
        Pace.objects.create(micro_credential=unit, days=2, waiting=3)
        promise = expected(unit.pk)
        assert promise.reason == (
            "because its queue now takes up to 2 business days; 3 submissions are ahead of yours"
        )
        submission = factories.submitted(people.educator, unit)
        assert submission.promised_on == promise.day
        assert promise.day > closed[-1]

    def test_is_on_the_page_before_she_submits(self, people: People, unit: MicroCredential) -> None:
        client = signed_in(people.educator)
        client.post(f"/micro-credentials/{unit.slug}/enrol/")
        page = client.get(f"/submissions/{Submission.objects.get().pk}/").content.decode()
        assert "We expect to answer by" in page
        assert "because 10 business days is what we plan while it has no queue of its own" in page


class TestTheClocks:
    def test_a_claim_that_stands_still_goes_back_after_a_reminder(self, people: People) -> None:
        assignment = claimed(people)
        AssessmentPolicy.objects.create(organisation=people.northfield, stall_days=3, claim_days=20)
        tuesday = datetime(2026, 11, 17, 12, tzinfo=UTC)
        Assignment.objects.update(due=timezone.now() + 20 * DAY, saved_at=tuesday)
        row = Assignment.objects.get()
        assert [one.pk for one in workflow.ending_soon(DAY)] == [row.pk]
        assert (tasks.lapse_claims(), tasks.lapse_claims()) == (1, 0)
        row.refresh_from_db()
        assert (row.state, Submission.objects.get().state) == ("lapsed", "submitted")
        assert Assessment.objects.get().places == 1
        assert workflow.claim(assignment.submission, people.assessor).state == "claimed"

    def test_she_is_reminded_a_day_before_and_again_when_it_comes_near_again(self, people: People) -> None:
        row = claimed(people)
        Assignment.objects.update(due=timezone.now() + timedelta(hours=20))
        assert [workflow.remind(row), workflow.remind(row)] == [True, False]
        Assignment.objects.update(reminded_at=timezone.now() - 3 * DAY)  # before she worked on it again
        assert [workflow.remind(row), workflow.remind(row)] == [True, False]
        assert kinds()["review.claim_due"] == 2

    def test_what_ages_is_escalated_once_and_never_a_blind_copy(
        self, people: People, unit: MicroCredential
    ) -> None:
        far, near = waiting(people, unit), waiting(people, unit, due=timezone.now() + timedelta(hours=30))
        held = workflow.claim(waiting(people, unit, due=timezone.now() - DAY).submission, people.assessor)
        assert (tasks.escalate_ageing(), tasks.escalate_ageing()) == (2, 0)
        assert kinds()["review.escalated"] == 2
        told = Assessment.objects.filter(escalated_at__isnull=False)
        assert {row.pk for row in told} == {near.pk, held.assessment_id}
        far.refresh_from_db()
        assert (far.escalated_at, workflow.escalate(near)) == (None, False)
        page = signed_in(people.approver).get("/review/attention/").content.decode()
        assert [code in page for code in (near.submission.code, far.submission.code)] == [True, False]
        assert 'tag--warn num">2</span>' in page
        now = standing(people.northfield.pk)
        assert (now.undecided, now.untouched, now.late) == (3, 2, 1)

    def test_an_approver_close_to_the_educator_sees_nothing_of_it(
        self, people: People, unit: MicroCredential
    ) -> None:
        row = waiting(people, unit, due=timezone.now() - DAY)
        tasks.escalate_ageing()
        factories.member(people.approver, people.oak, Membership.Role.EDUCATOR)
        factories.member(row.submission.enrolment.earner, people.oak, Membership.Role.EDUCATOR)
        page = signed_in(User.objects.get(pk=people.approver.pk)).get("/review/attention/").content.decode()
        assert (row.submission.code in page, "Nothing needs you now" in page) == (False, True)


class TestThePage:
    def test_orders_by_the_promise_and_says_how_much_work_it_is(
        self, people: People, unit: MicroCredential
    ) -> None:
        later = waiting(people, unit, media_seconds=600, usual_minutes=35)
        late = waiting(people, unit, due=timezone.now() - 2 * DAY)
        page = signed_in(people.assessor).get("/review/").content.decode()
        assert page.index(late.submission.code) < page.index(later.submission.code)
        for words in ("Late: promised for", "usually 35 min", "10 min to watch or hear", "Promised for"):
            assert words in page

    def test_three_that_fit_are_claimed_one_click_each(self, people: People, unit: MicroCredential) -> None:
        for number, minutes in enumerate((20, 40, 15, 10, 5)):
            waiting(people, unit, usual_minutes=minutes, due=timezone.now() + (number + 1) * DAY)
        client = signed_in(people.assessor)
        answer = client.get("/review/?minutes=45")
        assert [row.minutes for row in answer.context["fitting"]] == [20, 15, 10]
        first = answer.context["fitting"][0].submission
        taken = client.post(f"/review/claim/{first.pk}/", {"minutes": "45"})
        assert taken.headers["Location"] == "/review/?minutes=25"
        left = client.get("/review/?minutes=25").context["fitting"]
        assert [row.minutes for row in left] == [15, 10]
        assert client.get("/review/?minutes=-1;x").status_code == 200

    def test_what_is_kept_for_her_stands_on_top_and_can_be_declined(
        self, people: People, unit: MicroCredential
    ) -> None:
        row = waiting(people, unit)
        until = timezone.now() + DAY
        Assessment.objects.update(reserved_for=people.assessor, reserved_until=until, reserved_why="offered")
        client, other = signed_in(people.assessor), signed_in(people.assessor2)
        assert "Offered to you until" in client.get("/review/").content.decode()
        assert row.submission.code not in other.get("/review/").content.decode()
        assert client.post(f"/review/decline/{row.pk}/").status_code == 302
        assert row.submission.code in other.get("/review/").content.decode()

    def test_taking_the_next_takes_what_is_due_first_and_hers_to_read(
        self, people: People, unit: MicroCredential
    ) -> None:
        own = waiting(people, unit, due=timezone.now() + 2 * DAY)
        factories.member(people.assessor, people.elm, Membership.Role.EDUCATOR)
        factories.member(own.submission.enrolment.earner, people.elm, Membership.Role.EDUCATOR)
        mine = waiting(people, unit, due=timezone.now() + 3 * DAY)
        client = signed_in(User.objects.get(pk=people.assessor.pk))
        client.post("/review/next/")
        assert Assignment.objects.get().submission_id == mine.submission_id
        assert client.post("/api/v1/reviews/next/").status_code == 404

    def test_the_size_is_stored_at_entering(self, people: People, unit: MicroCredential) -> None:
        submission = fill(submissions.enrol(people.educator, unit), people.educator)
        content = Content.objects.create(
            owner=people.educator, file="k", size=1, sha256="0" * 64, content_type="video/mp4",
            facts={"duration": 599.6},
        )  # fmt: skip
        Artifact.objects.filter(submission=submission).update(content=content)
        Assessment.objects.all().delete()
        row = workflow.enter(submission)
        assert (row.media_seconds, row.usual_minutes) == (600, 30)


def test_the_statement_counts_by_month_and_names_nobody(people: People) -> None:
    done = workflow.complete(scored(claimed(people)), people.assessor)
    Assignment.objects.update(ended_at=datetime(2026, 10, 5, 12, tzinfo=UTC), active_seconds=5400)
    client = signed_in(people.assessor)
    answer = client.get("/review/statement/?month=2026-10")
    (month,) = answer.context["months"]
    assert (month.month, month.readings, month.adjudications, month.hours) == (date(2026, 10, 1), 1, 0, 1.5)
    body = b"".join(client.get("/review/statement.csv?month=2026-10")).decode()
    head, line = csv.reader(io.StringIO(body.removeprefix("\ufeff")))
    assert head == ["date", "micro-credential", "code", "kind", "minutes"]
    assert (line[0], line[2:]) == ("2026-10-05", [done.submission.code, "Reading", "90.0"])
    assert people.educator.name not in answer.content.decode() + body
    assert client.get("/review/statement/?month=nonsense").status_code == 404
    assert signed_in(people.assessor2).get("/review/statement/").context["months"] == []
