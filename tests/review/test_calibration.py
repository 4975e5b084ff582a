"""Qualifying on anchors, practising, and what readings of blind ones do to a licence."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError
from microcreds.wiring import WIRING
from notifications.models import Message
from notifications.tasks import attention, licence
from review import rules, workflow
from review.models import Assessment, Assignment, Calibration, Check, Licence
from review.queries import policy_of
from submissions.models import Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.review import anchored

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    anchored.policy(people, anchor_rate=0)
    return factories.published(people.northfield)


def licensed(people: People, unit: MicroCredential) -> Licence:
    """The assessor's, earned on a set of two."""
    anchored.anchored(people, unit)
    anchored.run(unit, people.assessor)
    return Licence.objects.get(assessor=people.assessor)


def checked(people: People, licence: Licence, *rights: int) -> None:
    """Blind anchors of three criteria each, so many of them on the right side."""
    for right in rights:
        anchor = anchored.ready(people, anchored.decided(people, licence.version.micro_credential), "live")
        Check.objects.create(
            assessor=licence.assessor, version=licence.version, anchor=anchor, criteria=3, passing=right, exact=right
        )  # fmt: skip


def test_founding_assessors_score_until_the_set_is_there_and_finish_what_they_hold(
    people: People, unit: MicroCredential
) -> None:
    first, second = (anchored.decided(people, unit) for _one in range(2))
    page = signed_in(people.assessor)
    anchored.ready(people, first)
    assert "Not yet calibrated" in page.get("/review/calibration/").content.decode()
    held = workflow.claim(factories.submitted(people.educator, unit), people.assessor)
    waiting = factories.submitted(people.educator2, unit)
    anchored.ready(people, second)
    assert not rules.may_assess(people.assessor, waiting)
    assert "Not qualified yet" in page.get("/review/calibration/").content.decode()
    assert anchored.score(held).state == "completed"


def test_a_set_is_scored_on_the_desk_and_its_answers_follow(people: People, unit: MicroCredential) -> None:
    anchored.anchored(people, unit)
    page = signed_in(people.assessor)
    assert unit.current is not None
    answer = page.post(f"/review/calibration/versions/{unit.current.pk}/", {"qualify": "1"})
    run = Calibration.objects.get(assessor=people.assessor)
    assert answer["Location"] == f"/review/calibration/{run.pk}/"
    desks = list(Assignment.objects.filter(calibration=run))
    assert len(desks) == 2
    body = page.get(f"/review/{desks[0].pk}/").content.decode()
    assert ("Give it back" in body, "Due in" in body) == (False, False)
    assert anchored.WHY not in body
    for desk in desks:
        levels = {"context": {"level": 2}, "plan": {"level": 3}, "growth": {"level": 2}}
        workflow.save(desk, people.assessor, revision=0, scores=levels)
        sent = page.post(f"/review/{desk.pk}/complete/", {"revision": "1"})
        assert sent["Location"] == f"/review/calibration/{run.pk}/"
    run.refresh_from_db()
    assert (run.state, run.passing, run.exact, run.passed) == ("completed", 100, 100, True)
    result = page.get(f"/review/calibration/{run.pk}/").content.decode()
    assert result.count(anchored.WHY) == 6
    assert rules.may_assess(people.assessor, factories.submitted(people.educator, unit))
    assert Licence.objects.get(assessor=people.assessor).state == "qualified"
    assert signed_in(people.assessor2).get(f"/review/calibration/{run.pk}/").status_code == 404


def test_a_desk_of_a_run_is_neither_given_back_nor_due(people: People, unit: MicroCredential) -> None:
    anchored.anchored(people, unit)
    assert unit.current is not None
    run = workflow.start_calibration(unit.current, people.assessor, "qualifying")
    desk = Assignment.objects.filter(calibration=run)[0]
    with pytest.raises(GuardError):
        workflow.release(desk, people.assessor)
    with pytest.raises(GuardError):
        workflow.recuse(desk, people.assessor, "knows")
    assert workflow.available(desk, people.assessor) == {"save", "complete"}
    assert workflow.start_calibration(unit.current, people.assessor, "qualifying") == run
    workflow.stop_calibration(run, people.assessor)
    desk.refresh_from_db()
    assert desk.state == "released"


def test_a_second_try_needs_practice_or_unseen_anchors(people: People, unit: MicroCredential) -> None:
    anchored.anchored(people, unit)
    failed = anchored.run(unit, people.assessor, below="plan")
    assert (failed.passed, failed.passing, failed.exact) == (False, 66, 66)
    assert unit.current is not None
    with pytest.raises(GuardError):
        workflow.start_calibration(unit.current, people.assessor, "qualifying")
    anchored.anchored(people, unit, "practice", 1)
    assert anchored.run(unit, people.assessor, kind="practice").passed
    assert not Licence.objects.filter(assessor=people.assessor).exists()
    again = anchored.run(unit, people.assessor)
    assert again.passed
    assert Licence.objects.get(assessor=people.assessor).calibration == again


def test_new_anchors_come_first_and_where_there_is_no_practice_a_week_is_enough(
    people: People, unit: MicroCredential
) -> None:
    anchored.anchored(people, unit)
    assert unit.current is not None
    failed = anchored.run(unit, people.assessor, below="plan")
    assert rules.qualifying_set(people.assessor, unit.current) == []
    Calibration.objects.filter(pk=failed.pk).update(completed_at=timezone.now() - timedelta(days=8))
    assert len(rules.qualifying_set(people.assessor, unit.current)) == 2
    fresh = anchored.anchored(people, unit)
    assert rules.qualifying_set(people.assessor, unit.current) == fresh


def test_agreement_with_blind_anchors_is_watched_and_told_kindly_a_day_later(
    people: People, unit: MicroCredential
) -> None:
    row = licensed(people, unit)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    checked(people, row, 2)
    copy = anchored.copy(people, unit, anchor)
    anchored.policy(people, anchor_rate=0)
    anchored.score(workflow.claim(copy.submission, people.assessor), "plan")
    row.refresh_from_db()
    assert row.state == Licence.State.PAUSED
    page = signed_in(people.assessor)
    assert "Read twice for now" not in page.get("/review/calibration/").content.decode()
    attention(str(Entry.objects.get(kind="review.licence_paused").pk))
    assert Message.objects.get(kind="attention").user == people.approver
    assert workflow.look_after_licences() == 0
    Licence.objects.filter(assessor=people.assessor).update(paused_at=timezone.now() - timedelta(days=1))
    assert (workflow.look_after_licences(), workflow.look_after_licences()) == (1, 0)
    assert WIRING["review.pause_told"] == ["notifications.tasks.licence"]
    licence(str(Entry.objects.get(kind="review.pause_told").pk))
    assert Message.objects.get(kind="licence").user == people.assessor
    assert "Read twice for now" in page.get("/review/calibration/").content.decode()


def test_a_paused_assessor_never_decides_alone_until_she_is_close_again(
    people: People, unit: MicroCredential
) -> None:
    row = licensed(people, unit)
    mine = workflow.claim(factories.submitted(people.educator, unit), people.assessor)
    Licence.objects.filter(assessor=people.assessor).update(state="paused", paused_at=timezone.now())
    done = anchored.score(mine)  # she lost it during the review: sending asks for a second reading
    whole = Assessment.objects.get(submission=done.submission)
    assert (whole.state, whole.wanted, whole.places, whole.draw["why"]) == ("open", 2, 1, "paused")
    assert Submission.objects.get(pk=done.submission_id).state == "in_review"
    anchored.anchored(people, unit, "practice", 1)
    anchored.run(unit, people.assessor, kind="practice")
    row.refresh_from_db()
    assert (row.state, row.paused_at) == ("qualified", None)
    again = workflow.claim(factories.submitted(people.educator2, unit), people.assessor)
    anchored.score(again)
    assert Submission.objects.get(pk=again.submission_id).state == "earned"


def test_an_ended_licence_closes_the_desk_with_clear_words(people: People, unit: MicroCredential) -> None:
    row = licensed(people, unit)
    held = workflow.claim(factories.submitted(people.educator, unit), people.assessor)
    approver = signed_in(people.approver)
    figures = approver.get("/review/assessors/").content.decode()
    assert "Ingrid Vale" in figures
    assert approver.post(f"/review/licences/{row.pk}/end/").status_code == 302
    page = signed_in(people.assessor).get(f"/review/{held.pk}/").content.decode()
    assert "You may no longer assess this submission" in page
    with pytest.raises(GuardError):
        workflow.save(held, people.assessor, revision=0, strength="x")
    anchored.anchored(people, unit)
    assert anchored.run(unit, people.assessor).passed
    row.refresh_from_db()
    assert row.state == "qualified"


def test_pauses_are_lifted_once_the_checks_are_close_again(people: People, unit: MicroCredential) -> None:
    row = licensed(people, unit)
    Licence.objects.filter(assessor=people.assessor).update(
        state="paused", paused_at=timezone.now() - timedelta(days=2)
    )
    checked(people, row, 3, 3)
    assert workflow.look_after_licences() == 1
    row.refresh_from_db()
    assert row.state == "qualified"


def test_founding_assessors_are_checked_too_and_read_twice_when_they_stray(
    people: People, unit: MicroCredential
) -> None:
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    assert not rules.is_paused(people.assessor, anchor.version_id)
    for one in (anchor, anchored.ready(people, anchored.decided(people, unit), "live")):
        Check.objects.create(
            assessor=people.assessor, version=one.version, anchor=one, criteria=3, passing=1, exact=1
        )
    assert rules.is_paused(people.assessor, anchor.version_id)
    assert policy_of(people.northfield.pk).window == 2


def test_checks_are_announced_at_the_first_claim_and_figures_stay_with_approvers(
    people: People, unit: MicroCredential
) -> None:
    page = signed_in(people.assessor)
    rows = [factories.submitted(one, unit) for one in (people.educator, people.educator2)]
    first = page.post(f"/review/claim/{rows[0].pk}/", follow=True).content.decode()
    second = page.post(f"/review/claim/{rows[1].pk}/", follow=True).content.decode()
    assert ("is a check" in first, "is a check" in second) == (True, False)
    assert "Checks exist" in page.get("/review/calibration/").content.decode()
    assert page.get("/review/assessors/").status_code == 403
