"""The chain of records: unbroken whoever writes at once, fixed in the database, and telling of nobody."""

from __future__ import annotations

import hashlib
import io
import json
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
import rfc8785
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from badges import workflow as badges
from journal.models import Entry, Record
from journal.queries import record_of, walk_chain
from journal.workflow import chain, record
from review import workflow
from review.models import Assessment, AssessmentPolicy, Assignment
from review.pseudonyms import pseudonym
from submissions.models import Submission
from tests import factories
from tests.people import People, cast
from tests.review.work import ALL_PASS, BELOW, claimed, scored, submitted

FIRST = "0" * 64


@pytest.fixture
def people() -> People:
    return cast()


def checked() -> str:
    said = io.StringIO()
    call_command("check_chain", stdout=said)
    return said.getvalue()


def behind_its_back(statement: str, *values: Any) -> None:
    """What somebody with the database's own keys could do."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")  # triggers rest
        cursor.execute(statement, values)
        cursor.execute("SET session_replication_role = DEFAULT")


@pytest.mark.django_db(transaction=True)
def test_eight_decisions_at_once_make_one_unbroken_chain(people: People) -> None:
    unit = factories.published(people.northfield)
    work = [
        scored(
            claimed(people, earner=factories.user(), micro_credential=unit), BELOW if number % 2 else ALL_PASS
        )
        for number in range(8)
    ]
    gate = Barrier(8)

    def decide(assignment: Assignment) -> None:
        try:
            gate.wait(20)
            workflow.complete(assignment, people.assessor)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(decide, work))
    rows = list(Record.objects.order_by("number"))
    assert [row.number for row in rows] == list(range(1, 9))
    assert [row.previous for row in rows] == [FIRST, *(row.hash for row in rows[:-1])]
    assert {row.body["submission"] for row in rows} == {str(one.submission_id) for one in work}
    last = bytes.fromhex(rows[-1].previous) + rfc8785.dumps(rows[-1].body)
    assert hashlib.sha256(last).hexdigest() == rows[-1].hash
    assert checked() == f"8 records hold, and 0 badges agree. Last hash: {rows[-1].hash}\n"


@pytest.mark.django_db
def test_a_decision_that_fails_leaves_no_record(people: People) -> None:
    with transaction.atomic():
        workflow.complete(scored(claimed(people)), people.assessor)
        assert Record.objects.count() == 1
        transaction.set_rollback(True)
    assert (Record.objects.count(), walk_chain().whole) == (0, 0)


@pytest.mark.django_db
def test_records_can_be_neither_changed_nor_deleted(people: People) -> None:
    workflow.complete(scored(claimed(people)), people.assessor)
    rows = Record.objects.all()
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        rows.update(body={})
    with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
        rows.delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="never changed or deleted"), transaction.atomic():
            cursor.execute("TRUNCATE journal_record")
    assert walk_chain().whole == 1


@pytest.mark.django_db
def test_the_first_break_is_found_whatever_was_done(people: People) -> None:
    for number in range(4):
        chain(record("test.happened", people.northfield), {"n": number})
    hashes = list(Record.objects.order_by("number").values_list("hash", flat=True))
    behind_its_back("UPDATE journal_record SET body = '{\"n\": 9}' WHERE number = 3")
    found = walk_chain()
    assert (found.whole, found.last, found.broken, found.why) == (
        2,
        hashes[1],
        3,
        "its body is not what was hashed",
    )
    with pytest.raises(CommandError, match="The chain breaks at record 3"):
        checked()
    behind_its_back(
        "UPDATE journal_record SET hash = %s WHERE number = 3", Record.hash_of(hashes[1], {"n": 9})
    )
    assert (walk_chain().broken, walk_chain().why) == (4, "it does not follow from the record before")
    behind_its_back("DELETE FROM journal_record WHERE number = 3")
    assert (walk_chain().broken, walk_chain().why) == (4, "record 3 is missing")


@pytest.mark.django_db
def test_badges_hold_the_chain_from_outside(people: People) -> None:
    """Whoever cuts off the end, or writes everything anew, has the signed badges against her."""
    badges.award(factories.earned(people))
    assert "1 records hold, and 1 badges agree" in checked()
    behind_its_back("UPDATE journal_record SET body = '{}', hash = %s", Record.hash_of(FIRST, {}))
    assert walk_chain().broken is None
    with pytest.raises(CommandError, match="names a record that the chain does not have"):
        checked()


def twice_read(people: People) -> Submission:
    """Read by two who differ on the plan, and settled by an approver as not yet."""
    AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100)
    submission = submitted(people)
    for reader, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW)):
        workflow.complete(scored(workflow.claim(submission, reader), scores), reader)
    assert Record.objects.count() == 0
    settled = workflow.begin_adjudication(Assessment.objects.get(submission=submission), people.approver)
    workflow.complete(scored(settled, BELOW), people.approver)
    submission.refresh_from_db()
    return submission


@pytest.mark.django_db
def test_what_a_record_says(people: People) -> None:
    submission = twice_read(people)
    row, version, decided = record_of(submission), submission.enrolment.version, submission.decided_at
    assert row is not None
    assert decided is not None
    day = {name: decided.date().isoformat() for name in ("claimed_on", "completed_on")}
    names = [pseudonym(people.northfield.pk, one.pk) for one in (people.assessor, people.assessor2)]
    readings = [
        {"assessor": name, "licence": "founding", "levels": {"context": 2, "plan": plan, "growth": 2}, **day}
        for name, plan in zip(names, (3, 2), strict=True)
    ]
    assert row.body == {
        "format": "microcreds-decision-1",
        "submission": str(submission.pk),
        "attempt": 1,
        "version": {"id": str(version.pk), "number": 1},
        "rubric_sha256": hashlib.sha256(rfc8785.dumps(version.template["criteria"])).hexdigest(),
        "seal": submission.seal,
        "root": submission.manifest["root"],
        "outcome": "not_yet",
        "decided_at": decided.isoformat(),
        "scores": {"context": {"level": 2}, "plan": {"level": 2}, "growth": {"level": 2}},
        "settled": "adjudicated",
        "settled_by": pseudonym(people.northfield.pk, people.approver.pk),
        "readings": sorted(readings, key=lambda one: str(one["assessor"])),
        "amends": "",
    }


@pytest.mark.django_db
def test_a_record_tells_of_nobody_and_an_appeal_adds_another(people: People) -> None:
    submission = twice_read(people)
    first = Record.objects.get()
    readers = (people.assessor, people.assessor2, people.approver, people.educator)
    told = json.dumps(first.body)
    assert [one.name for one in readers if str(one.pk) in told or one.name in told] == []
    assert pseudonym(people.lakes.pk, people.assessor.pk) not in told
    entry = Entry.objects.get(kind="review.decision_recorded")
    assert (entry.actor_id, entry.data, entry.pk) == (None, {}, first.entry_id)
    other = factories.user()
    factories.member(other, people.northfield, "approver")
    appeal = workflow.open_appeal(
        submission, people.educator, "On page two the quiet students do join: look."
    )
    given = {"plan": (3, "They join from the second lesson on.")}
    words = "I read your plan anew. The second photograph shows it."
    workflow.answer_appeal(appeal, other, finding="changed", text=words, levels=given)
    second = record_of(submission)
    assert second is not None
    changed = {name: second.body[name] for name in ("amends", "settled", "settled_by", "outcome")}
    by = pseudonym(people.northfield.pk, other.pk)
    assert changed == {"amends": first.hash, "settled": "appealed", "settled_by": by, "outcome": "earned"}
    assert second.body["readings"] == first.body["readings"]
