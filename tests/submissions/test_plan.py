"""The way to a target date: how it is laid out, what she may move, when she is reminded, and the calendar file."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from accounts.models import Profile, User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks as notifications
from notifications.models import Message
from submissions import workflow
from submissions.models import Enrolment, Milestone, Submission
from submissions.plan import Key, lay_out, plan_for
from submissions.queries import my_work
from tests import factories
from tests.submissions.stories import FULL, complete

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


def days(*numbers: int) -> dict[str, date]:
    return {str(key): TODAY + timedelta(days=number) for key, number in zip(Key, numbers, strict=True)}


# --- laying out -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("span", "expected"),
    [(60, (12, 42, 54, 57)), (30, (6, 21, 27, 29)), (10, (2, 7, 9, 10)), (3, (1, 2, 3, 3)), (2, (0, 1, 2, 2)),
     (1, (0, 1, 1, 1)), (0, (0, 0, 0, 0)), (-5, (0, 0, 0, 0))],
)  # fmt: skip
def test_days_are_spread_by_weight(span: int, expected: tuple[int, ...]) -> None:
    assert lay_out(TODAY, TODAY + timedelta(days=span)) == days(*expected)


def test_it_is_in_order_from_today_to_the_date_and_never_all_on_one_day() -> None:
    for span in range(1, 400):
        target = TODAY + timedelta(days=span)
        for done in ([], ["part-1"], ["part-1", "part-2"], ["part-2"]):
            laid = list(lay_out(TODAY, target, done=done).values())
            assert laid == sorted(laid)
            assert TODAY <= laid[0] < laid[-1] <= target
        whole = lay_out(TODAY, target)
        stretches = [
            whole["part-1"] - TODAY,
            whole["part-2"] - whole["part-1"],
            whole["part-3"] - whole["part-2"],
        ]
        assert max(stretches) == stretches[1]


def test_what_she_moved_stays_and_the_others_keep_their_order() -> None:
    target = TODAY + timedelta(days=30)
    late, early = {"part-1": TODAY + timedelta(days=25)}, {"part-3": TODAY + timedelta(days=4)}
    assert lay_out(TODAY, target, fixed=late) == days(25, 25, 27, 29)
    assert lay_out(TODAY, target, fixed=early) == days(4, 4, 4, 29)


def test_every_stop_of_the_line_can_be_seen() -> None:
    for span in (0, 1, 2, 9, 300):
        plan = plan_for(TODAY + timedelta(days=span), {}, [], TODAY, TODAY)
        columns = [*(stage.column for stage in plan.stages), plan.target_column]
        assert all(1 <= column <= 24 for column in columns)
        assert all(after - before >= 2 for before, after in pairwise(columns))


# --- the verbs --------------------------------------------------------------------------------------------


@pytest.fixture
def draft() -> Submission:
    return workflow.enrol(factories.user(), factories.published())


def ahead(number: int) -> date:
    return timezone.localdate() + timedelta(days=number)


def planned(draft: Submission, number: int = 20) -> Enrolment:
    workflow.set_target(draft.enrolment, draft.enrolment.earner, ahead(number))
    return draft.enrolment


def stored(enrolment: Enrolment) -> list[int]:
    today = timezone.localdate()
    return [(row.day - today).days for row in Milestone.objects.filter(enrolment=enrolment).order_by("key")]


def stages(person: User) -> list[tuple[str, str]]:
    plan = my_work(person)[0].plan
    assert plan is not None
    return [(stage.key, stage.state) for stage in plan.stages]


def test_a_date_lays_out_the_way_and_no_date_clears_it(draft: Submission) -> None:
    enrolment = planned(draft)
    assert stored(enrolment) == [4, 14, 18, 19]
    workflow.set_target(enrolment, enrolment.earner, ahead(40))
    assert stored(enrolment) == [8, 28, 36, 38]
    workflow.set_target(enrolment, enrolment.earner, None)
    assert (stored(enrolment), my_work(enrolment.earner)[0].plan) == ([], None)


def test_enrolling_with_a_date_lays_it_out_too() -> None:
    draft = workflow.enrol(factories.user(), factories.published(), ahead(20))
    assert stored(draft.enrolment) == [4, 14, 18, 19]


def test_a_new_date_leaves_what_she_moved_and_a_reset_takes_it_back(draft: Submission) -> None:
    enrolment = planned(draft)
    workflow.move_milestones(enrolment, enrolment.earner, {"part-1": ahead(4), "part-2": ahead(9)})
    assert stored(enrolment) == [4, 9, 18, 19]
    assert list(Milestone.objects.filter(moved=True).values_list("key", flat=True)) == ["part-2"]
    workflow.set_target(enrolment, enrolment.earner, ahead(40))
    assert stored(enrolment) == [8, 9, 36, 38]
    workflow.reset_plan(enrolment, enrolment.earner)
    assert stored(enrolment) == [8, 28, 36, 38]


@pytest.mark.parametrize(
    ("moves", "field", "words"),
    [
        ({"part-1": -1}, "part-1", "Choose a day from today on."),
        ({"submit": 21}, "submit", "This is after your target date"),
        ({"part-2": 2}, "part-2", "“Part 1 written” comes first"),
        ({"part-1": 15}, "part-2", "“Part 1 written” comes first"),
    ],
)
def test_a_wrong_day_says_so_on_its_field_and_moves_nothing(
    draft: Submission, moves: dict[str, int], field: str, words: str
) -> None:
    enrolment = planned(draft)
    with pytest.raises(GuardError) as caught:
        workflow.move_milestones(
            enrolment, enrolment.earner, {key: ahead(number) for key, number in moves.items()}
        )
    assert (list(caught.value.errors), caught.value.errors[field][0].startswith(words)) == ([field], True)
    assert stored(enrolment) == [4, 14, 18, 19]


def test_a_day_that_has_passed_does_not_stop_her_from_moving_another(draft: Submission) -> None:
    enrolment = planned(draft)
    Milestone.objects.filter(key="part-1").update(day=ahead(-3))
    workflow.move_milestones(enrolment, enrolment.earner, {"part-1": ahead(-3), "part-2": ahead(9)})
    assert stored(enrolment) == [-3, 9, 18, 19]
    plan = my_work(enrolment.earner)[0].plan
    assert [stage.late for stage in plan.stages] == [True, False, False, False]  # type: ignore[union-attr]


def test_done_comes_from_the_checklist(draft: Submission) -> None:
    person = planned(draft).earner
    assert stages(person) == [("part-1", "now"), ("part-2", "todo"), ("part-3", "todo"), ("submit", "todo")]
    workflow.save(draft, person, revision=0, answers={"growth": FULL["growth"], "context": FULL["context"]})
    assert stages(person) == [("part-1", "done"), ("part-2", "now"), ("part-3", "done"), ("submit", "todo")]
    with pytest.raises(GuardError):
        workflow.move_milestones(draft.enrolment, person, {"part-1": ahead(7)})
    workflow.set_target(draft.enrolment, person, ahead(24))
    assert stored(draft.enrolment) == [4, 20, 18, 22]  # what is done keeps its day, the rest has the time


def test_all_is_done_once_it_is_submitted_and_nothing_is_planned_after_leaving(draft: Submission) -> None:
    person = planned(draft).earner
    workflow.submit(complete(person, draft.enrolment.micro_credential), person, ["privacy"])
    assert [state for _key, state in stages(person)] == ["done"] * 4
    workflow.leave(draft.enrolment, person)
    with pytest.raises(TransitionError):
        workflow.set_target(draft.enrolment, person, ahead(3))


def test_a_date_from_before_there_were_plans_has_days_as_soon_as_they_are_asked_for(
    draft: Submission,
) -> None:
    enrolment = draft.enrolment
    Enrolment.objects.update(target_date=ahead(20))
    assert [state for _key, state in stages(enrolment.earner)] == ["now", "todo", "todo", "todo"]
    workflow.move_milestones(enrolment, enrolment.earner, {"part-2": ahead(9)})
    assert stored(enrolment) == [4, 9, 18, 19]


# --- reminders --------------------------------------------------------------------------------------------


def at(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def reminded() -> list[list[str]]:
    return [
        row.data["milestones"]
        for row in Entry.objects.filter(kind="submissions.reminder_due").order_by("created")
    ]


def test_nobody_is_reminded_who_did_not_ask(draft: Submission) -> None:
    planned(draft)
    assert [workflow.remind(at(ahead(number), 12)) for number in range(25)] == [0] * 25


def test_milestones_are_reminded_of_two_days_before_and_once(draft: Submission) -> None:
    enrolment = planned(draft)
    workflow.set_reminders(enrolment, enrolment.earner, "milestones")
    found = {number: workflow.remind(at(ahead(number), 12)) for number in range(25)}
    assert [number for number, told in found.items() if told] == [2, 12, 16, 17]
    assert reminded() == [["part-1"], ["part-2"], ["part-3"], ["submit"]]
    assert workflow.remind(at(ahead(2), 12)) == 0


def test_a_moved_day_is_a_new_day_and_done_is_done(draft: Submission) -> None:
    enrolment = planned(draft)
    person = enrolment.earner
    workflow.set_reminders(enrolment, person, "milestones")
    assert workflow.remind(at(ahead(2), 12)) == 1
    workflow.move_milestones(enrolment, person, {"part-1": ahead(10)})
    assert [workflow.remind(at(ahead(number), 12)) for number in (6, 8, 9)] == [0, 1, 0]
    complete(person, enrolment.micro_credential)
    assert [workflow.remind(at(ahead(number), 12)) for number in (12, 16, 17)] == [0, 0, 1]
    assert reminded()[-1] == ["submit"]


def test_the_day_is_hers_and_begins_at_seven(draft: Submission) -> None:
    enrolment = planned(draft)
    Profile.objects.create(user=enrolment.earner, time_zone="America/Los_Angeles")
    workflow.set_reminders(enrolment, enrolment.earner, "milestones")
    Milestone.objects.filter(key="part-1").update(day=date(2030, 6, 12))
    Milestone.objects.exclude(key="part-1").update(day=date(2030, 7, 1))
    hours = [(10, 3), (10, 13), (10, 14)]  # 20:00 the day before, 06:00 and 07:00 in Los Angeles
    assert [workflow.remind(datetime(2030, 6, day, hour, tzinfo=UTC)) for day, hour in hours] == [0, 0, 1]


def test_weekly_on_the_weekday_she_enrolled_until_it_is_submitted(draft: Submission) -> None:
    enrolment, person = draft.enrolment, draft.enrolment.earner
    Enrolment.objects.update(created=at(ahead(0), 12))
    workflow.set_reminders(enrolment, person, "weekly")
    moments: list[datetime] = []
    for number in range(16):
        moments += [at(ahead(number), 12), at(ahead(number), 13)]
    told = []
    for moment in moments:
        if workflow.remind(moment):
            told.append(((moment.date() - ahead(0)).days, moment.hour))
            Entry.objects.filter(
                kind="submissions.reminder_due", created__gt=moment - timedelta(days=30)
            ).update(created=moment)
    assert (told, reminded()) == ([(7, 12), (14, 12)], [[], []])
    workflow.submit(complete(person, enrolment.micro_credential), person, ["privacy"])
    assert workflow.remind(at(ahead(21), 12)) == 0


@pytest.mark.parametrize("gone", ["left", "closed", "stopped"])
def test_who_is_gone_or_stopped_hears_nothing(draft: Submission, gone: str) -> None:
    enrolment = planned(draft)
    person = enrolment.earner
    workflow.set_reminders(enrolment, person, "milestones")
    if gone == "left":
        workflow.leave(enrolment, person)
    elif gone == "closed":
        User.objects.update(is_active=False, closed_at=timezone.now())
    else:
        workflow.set_reminders(enrolment, person, "none")
    assert workflow.remind(at(ahead(2), 12)) == 0


def test_milestones_need_a_date(draft: Submission) -> None:
    with pytest.raises(GuardError, match="Choose a target date first"):
        workflow.set_reminders(draft.enrolment, draft.enrolment.earner, "milestones")
    with pytest.raises(GuardError, match="Choose one of the answers"):
        workflow.set_reminders(draft.enrolment, draft.enrolment.earner, "hourly")


def test_the_mail_says_what_is_next_and_where_it_stops(draft: Submission) -> None:
    enrolment = planned(draft)
    workflow.set_reminders(enrolment, enrolment.earner, "milestones")
    workflow.remind(at(ahead(2), 12))
    entry = Entry.objects.get(kind="submissions.reminder_due")
    notifications.reminder(str(entry.pk))
    notifications.reminder(str(entry.pk))
    notifications.send(str(Message.objects.get(kind="reminder").pk))
    sent: Any = mail.outbox[-1]
    assert sent.subject.startswith("Part 1 written by ")
    for words in (
        "Your next step: Part 1: 1 question to finish.",
        f"/enrolments/{enrolment.pk}/plan/#reminders",
    ):
        assert words in sent.body
    assert f"/submissions/{draft.pk}/#part-1" in sent.body


def test_no_mail_for_what_was_done_in_the_meantime(draft: Submission) -> None:
    enrolment = planned(draft)
    workflow.set_reminders(enrolment, enrolment.earner, "milestones")
    workflow.remind(at(ahead(2), 12))
    complete(enrolment.earner, enrolment.micro_credential)
    notifications.reminder(str(Entry.objects.get(kind="submissions.reminder_due").pk))
    assert Message.objects.filter(kind="reminder").count() == 0


# --- the calendar file ------------------------------------------------------------------------------------


def read(client: Client, enrolment: Enrolment) -> Any:
    answer = client.get(f"/enrolments/{enrolment.pk}/plan.ics")
    assert answer["Content-Type"] == "text/calendar; charset=utf-8; method=PUBLISH"
    assert max(map(len, answer.content.split(b"\r\n"))) <= 75
    return Calendar.from_ical(answer.content)


def test_the_calendar_file_reads_back(client: Client) -> None:
    title = "Talk; listen, and\\or “wait” " + "– long " * 12
    draft = workflow.enrol(factories.user(), factories.published(title=title))
    enrolment = planned(draft)
    client.force_login(enrolment.earner)
    calendar = read(client, enrolment)
    events = calendar.walk("VEVENT")
    assert (calendar["METHOD"], calendar["VERSION"]) == ("PUBLISH", "2.0")
    assert [(event.decoded("dtstart") - timezone.localdate()).days for event in events] == [4, 14, 18, 19, 20]
    assert all(event.decoded("dtend") - event.decoded("dtstart") == timedelta(days=1) for event in events)
    assert str(events[0]["SUMMARY"]) == f"Part 1 written: {title}"
    assert all(event.decoded("dtstamp").tzinfo is not None for event in events)
    names = [str(event["UID"]) for event in events]
    assert len(set(names)) == 5
    workflow.move_milestones(enrolment, enrolment.earner, {"part-2": ahead(9)})
    again = read(client, enrolment).walk("VEVENT")
    assert [str(event["UID"]) for event in again] == names
    assert again[1].decoded("dtstart") == ahead(9)
