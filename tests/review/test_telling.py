"""What might tell by the side: asking again, an archive, a claim that ends, a list for approvers."""

from __future__ import annotations

from typing import Any

import pytest

from accounts import workflow as accounts
from accounts.models import Membership
from journal.models import Entry
from journal.workflow import GuardError
from microcreds.exporting import _journal
from review import rules, tasks, workflow
from review.models import Assessment, Assignment, Calibration, Check, Licence, Note
from review.workflow.governing import checklist_of
from submissions.models import Team
from tests import factories
from tests.people import People, cast, signed_in
from tests.review import anchored
from tests.review.work import ALL_PASS, claimed, scored, submitted

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def both(people: People) -> tuple[Assessment, Assessment]:
    """A real attempt that waits, and a blind copy."""
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    copy = anchored.copy(people, unit, anchor)
    return Assessment.objects.filter(anchor=None, state="open").latest("entered_at"), copy


def asked_again(people: People, row: Assessment) -> tuple[Any, ...]:
    page = signed_in(people.assessor)
    api = page.post(f"/api/v1/reviews/{row.submission_id}/claim/")
    answer = page.post(f"/review/claim/{row.submission_id}/")
    return api.status_code, api.json()["detail"], api.json().get("state"), answer.status_code


def test_asking_again_says_nothing_about_what_became_of_it(people: People) -> None:
    real, copy = both(people)
    waits = workflow.enter(factories.submitted(factories.user(), real.version.micro_credential))
    Assessment.objects.filter(pk=waits.pk).update(wanted=2, places=2)
    for row in (real, copy, waits):
        anchored.score(workflow.claim(row.submission, people.assessor))
    said = {asked_again(people, row) for row in (real, copy, waits)}
    assert said == {(409, "You have claimed or read this submission already.", "", 409)}


def test_an_archive_tells_no_check_from_real_work(people: People) -> None:
    real, copy = both(people)
    found = []
    for row in (real, copy):
        before = set(Entry.objects.values_list("pk", flat=True))
        anchored.score(workflow.claim(row.submission, people.assessor))
        new = Entry.objects.exclude(pk__in=before).values_list("kind", "created")
        moments = {at for _kind, at in new}
        kept = [one["kind"] for one in _journal(people.assessor) if one["created"] in moments]
        found.append(sorted(kept))
    assert found[0] == found[1] == ["review.claimed", "review.completed"]


def test_whoever_reads_an_anchor_first_of_two_is_watched_as_well(people: People) -> None:
    _real, copy = both(people)
    Assessment.objects.filter(pk=copy.pk).update(wanted=2, places=2)
    anchored.policy(people, window=2, pause_below=70)
    calibration = Calibration.objects.create(assessor=people.assessor, version=copy.version)
    licence = Licence.objects.create(assessor=people.assessor, version=copy.version, calibration=calibration)
    other = anchored.ready(people, anchored.decided(people, copy.version.micro_credential), "practice")
    Check.objects.create(
        assessor=people.assessor, version=copy.version, anchor=other, criteria=3, passing=0, exact=0
    )
    anchored.score(workflow.claim(copy.submission, people.assessor), "plan")
    licence.refresh_from_db()
    assert licence.state == "paused"


def test_an_approver_gives_out_nothing_of_people_she_is_close_to(people: People) -> None:
    row = submitted(people).assessments.get()
    assert rules.assessments_managed_by(people.approver).filter(pk=row.pk).exists()
    accounts.relate(people.approver, people.educator, "relative")
    assert not rules.assessments_managed_by(people.approver).exists()
    assert row.submission.code not in signed_in(people.approver).get("/review/giving/").content.decode()
    assert signed_in(people.approver).post(f"/review/giving/{row.pk}/one/").status_code == 404


def test_who_reads_and_approves_does_not_see_there_that_another_reads_too(people: People) -> None:
    factories.member(people.assessor, people.northfield, Membership.Role.APPROVER)
    row = submitted(people).assessments.get()
    Assessment.objects.filter(pk=row.pk).update(wanted=2, places=2)
    workflow.complete(scored(workflow.claim(row.submission, people.assessor), ALL_PASS), people.assessor)
    assert not rules.assessments_managed_by(people.assessor).exists()
    with pytest.raises(GuardError):
        workflow.let_one_decide(row, people.approver, "Not \x00 to be kept.")
    Assessment.objects.filter(pk=row.pk).update(nobody_at="2026-11-22T00:00Z")
    assert rules.assessments_managed_by(people.assessor).get() == row


def test_a_calibration_closes_with_the_role(people: People) -> None:
    unit = factories.published(people.northfield)
    anchored.anchored(people, unit)
    assert unit.current is not None
    run = workflow.start_calibration(unit.current, people.assessor, "qualifying")
    desk = Assignment.objects.filter(calibration=run)[0]
    assert rules.may_write(people.assessor, desk)
    Membership.objects.filter(user=people.assessor, role=Membership.Role.ASSESSOR).delete()
    people.assessor = type(people.assessor).objects.get(pk=people.assessor.pk)
    assert not rules.may_write(people.assessor, desk)


def test_a_teams_work_is_no_anchor(people: People) -> None:
    unit = factories.published(people.northfield)
    alone, shared = anchored.decided(people, unit), anchored.decided(people, unit)
    team = Team.objects.create(version=shared.enrolment.version, name="Duo")
    factories.kept(shared, b"%PDF-1.4", "application/pdf", "a.pdf")
    shared.artifacts.update(team=team)
    assert list(rules.askable(people.author)) == [alone]


def test_notes_quote_nobody_who_has_left(people: People) -> None:
    note = workflow.add_note(
        claimed(people), people.assessor, kind="passage", question="context", place={"start": 0, "end": 8}
    )
    assert note.place["quote"]
    closed = Entry.objects.create(
        kind="accounts.closed", subject_kind="accounts.user", subject_id=str(people.educator.pk)
    )
    tasks.closed(str(closed.pk))
    assert Note.objects.get(pk=note.pk).place == {**note.place, "quote": ""}


def test_lines_that_begin_alike_are_told_apart() -> None:
    long = "The film shows at least one whole round of talk, "
    rows = checklist_of(f"{long}with sound\n{long}with faces")
    assert len({row["key"] for row in rows}) == 2
