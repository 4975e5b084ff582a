"""The same figures at three doors: page, file and API; and who may come in."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from badges import workflow as badges
from badges.models import Award, Share
from catalog.models import MicroCredential
from submissions import workflow as submissions
from submissions.models import Enrolment, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.reports.awards import by_new_people, month_back, shared

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    return factories.published(people.northfield, title="Questions that probe", slug="probe")


def report(person: User, **query: str) -> Any:
    return signed_in(person).get("/api/v1/reports/", query).json()


def rows(person: User, **query: str) -> list[list[str]]:
    answer = signed_in(person).get("/reports/export.csv", query)
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.reader(io.StringIO(text)))


def counts(table: list[dict[str, Any]]) -> dict[str, int | None]:
    return {row["key"]: row["count"] for row in table}


def test_a_school_with_one_teacher_is_withheld_at_every_door(people: People, unit: MicroCredential) -> None:
    lane = factories.organisation("lane-school", "school", parent=people.riverbend, name="Lane School")
    by_new_people(12, people.riverbend, unit, people.oak)
    by_new_people(7, people.riverbend, unit, lane)
    lone = factories.organisation("lone-school", "school", parent=people.riverbend, name="Lone School")
    for number in range(6):
        shared(people.riverbend, people.educator, factories.published(title=f"Unit {number}"), school=lone)

    body = report(people.district_admin)
    assert body["awards"] == 25
    assert counts(body["by_school"]) == {"oak-school": 12, "lane-school": None, "lone-school": None}
    schools = [line[1:] for line in rows(people.district_admin) if line[0] == "school"]
    assert schools == [["Oak School", "12"], ["Lane School", "withheld"], ["Lone School", "withheld"]]
    page = signed_in(people.district_admin).get("/reports/").content.decode()
    cells = page.split("<tbody>")[2].split("</tbody>")[0]
    assert cells.count(">withheld<") == 2


def test_months_without_awards_are_zero_and_older_ones_are_summed(
    people: People, unit: MicroCredential
) -> None:
    for back in (0, 11, 12, 30):
        for share in by_new_people(5, people.riverbend, unit):
            Award.objects.filter(pk=share.award_id).update(awarded_at=month_back(back))
    table = report(people.district_admin)["by_month"]
    assert [row["count"] for row in table] == [10, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5]
    assert [row["key"] for row in table][::12] == ["earlier", f"{month_back(0):%Y-%m}"]


def test_only_valid_awards_shared_with_this_district_count(people: People, unit: MicroCredential) -> None:
    shares = by_new_people(9, people.riverbend, unit)
    by_new_people(5, people.hillside, unit)
    Share.objects.filter(pk=shares[0].pk).update(state=Share.State.ENDED)
    Award.objects.filter(pk=shares[1].award_id).update(state=Award.State.REVOKED)
    assert report(people.district_admin)["awards"] == 7
    assert counts(report(people.district_admin)["by_micro_credential"]) == {"probe": 7}


def test_sharing_counts_at_once_and_taking_it_back_ends_it(people: People, unit: MicroCredential) -> None:
    awards = [share.award for share in by_new_people(6, people.riverbend, unit, people.oak)]
    Share.objects.all().delete()
    assert report(people.district_admin)["awards"] == 0
    for award in awards:
        badges.share_with(award, award.earner, people.riverbend)
    assert counts(report(people.district_admin)["by_school"]) == {"oak-school": 6}
    badges.unshare(awards[0], awards[0].earner, people.riverbend)
    assert report(people.district_admin)["awards"] == 5


def enrol(number: int, people: People, unit: MicroCredential, *, attempts: int) -> None:
    """Educators of a school of the district, each with so many attempts sent."""
    for _number in range(number):
        person = User.objects.create(email=f"worker{User.objects.count()}@example.test")
        factories.member(person, people.oak, "educator")
        first = submissions.enrol(person, unit)
        Submission.objects.filter(pk=first.pk).update(state="not_yet" if attempts > 1 else "draft")
        for attempt in range(2, attempts + 1):
            Submission.objects.create(
                enrolment=first.enrolment,
                attempt=attempt,
                code=f"{person.pk.hex[:8]}-{attempt}",
                state="submitted",
            )
        if attempts:
            Submission.objects.filter(enrolment=first.enrolment).update(submitted_at=month_back(0))


def test_submissions_count_enrolments_handed_in_so_that_attempts_stay_hidden(
    people: People, unit: MicroCredential
) -> None:
    enrol(6, people, unit, attempts=1)
    enrol(5, people, unit, attempts=2)
    enrol(5, people, unit, attempts=0)
    submissions.enrol(people.educator2, unit)
    body = report(people.district_admin)
    assert (body["enrolments"], body["submitted"]) == (16, 11)


def test_what_is_left_between_two_totals_is_protected_too(people: People, unit: MicroCredential) -> None:
    enrol(8, people, unit, attempts=1)
    enrol(1, people, unit, attempts=0)
    body = report(people.district_admin)
    assert (body["enrolments"], body["submitted"]) == (9, None)


def test_left_enrolments_do_not_count(people: People, unit: MicroCredential) -> None:
    enrol(6, people, unit, attempts=0)
    left = Enrolment.objects.first()
    assert left is not None
    submissions.leave(left, left.earner)
    assert report(people.district_admin)["enrolments"] == 5


def test_nothing_of_evidence_scores_or_attempts_is_in_the_answer(
    people: People, unit: MicroCredential
) -> None:
    assert sorted(report(people.district_admin)) == [
        "as_of",
        "awards",
        "by_micro_credential",
        "by_month",
        "by_school",
        "district",
        "enrolments",
        "minimum",
        "submitted",
    ]


def test_no_name_in_the_file_is_a_formula(people: People) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1"]
    for number, title in enumerate(evil):
        unit = factories.published(title=f"Unit {number}")
        MicroCredential.objects.filter(pk=unit.pk).update(title=title)
        by_new_people(5, people.riverbend, unit)
    titles = [line[1] for line in rows(people.district_admin) if line[0] == "micro-credential"]
    assert sorted(titles) == sorted(f"'{title}" for title in evil)


def test_the_file_is_streamed_named_and_read_as_utf8(people: People, unit: MicroCredential) -> None:
    by_new_people(5, people.riverbend, unit)
    answer = signed_in(people.district_admin).get("/reports/export.csv")
    assert answer.streaming
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="report-riverbend-')
    lines = rows(people.district_admin)
    assert lines[:3] == [
        ["\ufefftable", "label", "count"],
        ["total", "Awards shared with the district", "5"],
        ["total", "Enrolments", "0"],
    ]
    assert lines[-1] == ["micro-credential", "Questions that probe", "5"]


DOORS = ("/reports/", "/reports/export.csv", "/api/v1/reports/")


ENTRY = [
    ("district_admin", "", 200),
    ("district_admin", "riverbend", 200),
    ("district_admin", "hillside", 404),
    ("district_admin", "oak-school", 404),
    ("district_admin", "\0", 404),
    ("district_admin2", "riverbend", 404),
    ("educator", "", 403),
    ("educator", "riverbend", 404),
    ("assessor", "", 403),
    ("author", "", 403),
    ("admin", "", 200),
    ("admin", "hillside", 200),
]


@pytest.mark.parametrize("door", DOORS)
def test_who_comes_in(people: People, door: str) -> None:
    for who, slug, status in ENTRY:
        answer = signed_in(getattr(people, who)).get(door, {"district": slug} if slug else {})
        assert (who, slug, answer.status_code) == (who, slug, status)
        if status != 200 and door.startswith("/api/"):
            assert answer["Content-Type"] == "application/problem+json"


def test_strangers_sign_in_first(people: People) -> None:
    assert [Client().get(door).status_code for door in DOORS] == [302, 302, 401]


def test_a_role_that_ended_opens_nothing(people: People) -> None:
    people.district_admin.memberships.update(state="ended")
    assert signed_in(people.district_admin).get("/reports/").status_code == 403


def test_she_who_runs_two_districts_chooses(people: People, unit: MicroCredential) -> None:
    factories.member(people.district_admin, people.hillside, "district_admin")
    by_new_people(5, people.riverbend, unit)
    assert report(people.district_admin)["district"]["slug"] == "hillside"
    assert report(people.district_admin, district="riverbend")["awards"] == 5
    page = signed_in(people.district_admin).get("/reports/?district=riverbend").content.decode()
    assert '<option value="riverbend" selected>' in page


def test_an_empty_report_tells_how_educators_share(people: People) -> None:
    page = signed_in(people.district_admin).get("/reports/").content.decode()
    assert "Nobody has shared an award with the district yet" in page
    assert "may be recognised" in page


@pytest.mark.parametrize("number", [1, 3])
def test_the_page_needs_few_queries_however_much_there_is(people: People, number: int) -> None:
    for _number in range(number):
        school = factories.organisation(f"school-{_number}", "school", parent=people.riverbend)
        by_new_people(5, people.riverbend, factories.published(), school)
    client = signed_in(people.district_admin)
    client.get("/reports/")
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get("/reports/").status_code == 200
    assert len(queries) == 5
