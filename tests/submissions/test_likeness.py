"""What resembles what: found by bands among others' and one's own work, declared where it was, and never a verdict."""

from __future__ import annotations

import random
from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from catalog.models import MicroCredential
from journal.models import Entry
from submissions import tasks, workflow
from submissions.likeness import bands_of, telling
from submissions.models import Artifact, Fingerprint, Likeness, Submission, Team
from submissions.workflow import likening
from tests import factories
from tests.submissions.stories import FULL, outcomes

pytestmark = pytest.mark.django_db
WORDS = "students ask answer wait listen plan talk show evidence lesson board pair share think turn write read draw"


def essay(seed: int, length: int = 150) -> str:
    return " ".join(random.Random(seed).choices(WORDS.split(), k=length))


ESSAY = essay(1)
NEARLY = ESSAY.replace(" ".join(ESSAY.split()[70:74]), "and something of my own")


@pytest.fixture
def unit() -> MicroCredential:
    return factories.published()


def draft(person: User, unit: MicroCredential, text: str = "", **answers: str) -> Submission:
    row = workflow.enrol(person, unit)
    workflow.save(row, person, revision=row.revision, answers={**FULL, **answers})
    if text:
        workflow.add_text(row, person, requirement="plan", text=text)
    return row


def send(row: Submission) -> Submission:
    """Submit it, and do what the worker does: twice, for a task may run twice."""
    workflow.submit(row, row.enrolment.earner, ["privacy"])
    entry = Entry.objects.filter(kind="submissions.submitted", subject_id=str(row.pk)).latest("created")
    tasks.compare(str(entry.pk))
    tasks.compare(str(entry.pk))
    return row


def noted() -> list[tuple[Any, ...]]:
    rows = Likeness.objects.order_by("-score")
    return [
        (row.newer.submission_id, row.older.submission_id, row.kind, row.own, row.declared) for row in rows
    ]


def picture(row: Submission, phash: int, sha256: str) -> Artifact:
    artifact = factories.kept(row, sha256.encode(), "image/webp", "board.jpg")
    assert artifact.content is not None
    artifact.content.facts = {"phash": phash}
    artifact.content.save()
    return artifact


class TestFinding:
    def test_the_same_and_nearly_the_same_text_of_others(self, unit: MicroCredential) -> None:
        first = send(draft(factories.user(), unit, ESSAY))
        send(draft(factories.user(), unit, essay(2)))
        assert noted() == []
        same = send(draft(factories.user(), unit, f"  {ESSAY.upper()}\n"))
        assert noted() == [(same.pk, first.pk, "same", False, False)]
        near = send(draft(factories.user(), unit, NEARLY))
        assert {row[:3] for row in noted()[1:]} == {
            (near.pk, first.pk, "text"), (near.pk, same.pk, "text"),
        }  # fmt: skip
        assert all(50 < row.score < 100 for row in Likeness.objects.filter(kind="text"))

    def test_an_answer_is_found_in_somebodys_artifact(self, unit: MicroCredential) -> None:
        words = essay(3, 50)
        first = send(draft(factories.user(), unit, words))
        second = send(draft(factories.user(), unit, essay(4), context=words))
        assert noted() == [(second.pk, first.pk, "same", False, False)]
        assert Likeness.objects.get().newer.field == "context"

    def test_pictures_that_differ_in_a_few_bits_and_not_plain_ones(self, unit: MicroCredential) -> None:
        phash = 0x5A3C_96F0_1E2D_4B87
        first, second, third = (draft(factories.user(), unit) for _number in range(3))
        picture(first, phash, "a" * 64)
        picture(first, 1 << 62, "b" * 64)
        picture(second, phash ^ 0b1001_0001 ^ (1 << 40), "c" * 64)
        picture(second, 1 << 62, "d" * 64)
        picture(third, phash ^ (2**63 - 1), "e" * 64)
        for row in (first, second, third):
            send(row)
        assert noted() == [(second.pk, first.pk, "image", False, False)]
        assert Likeness.objects.get().score == 94

    def test_the_same_file_by_what_arrived_or_by_what_is_assessed(self, unit: MicroCredential) -> None:
        first, second = draft(factories.user(), unit), draft(factories.user(), unit)
        for row, body in ((first, b"x"), (second, b"y")):
            factories.kept(row, body, "video/mp4", "a.mov")
        Artifact.objects.filter(kind="file").update(received_sha256="1" * 64)
        send(first)
        send(second)
        assert noted() == [(second.pk, first.pk, "same", False, False)]

    def test_candidates_come_from_an_index(self, unit: MicroCredential) -> None:
        row = send(draft(factories.user(), unit, ESSAY))
        many = (
            "INSERT INTO submissions_fingerprint (id, submission_id, field, sha256, minhash, bands) "
            "SELECT gen_random_uuid(), %s, '', md5(n::text), '{}', array(SELECT (random() * 1e15)::bigint + n - n "
            "FROM generate_series(1, 16)) FROM generate_series(1, 30000) n"
        )
        with connection.cursor() as cursor:
            cursor.execute(many, [row.pk])
            cursor.execute("ANALYZE submissions_fingerprint")
        one = Fingerprint.objects.exclude(minhash=[]).get()
        likening.by_index()
        plan = Fingerprint.objects.filter(bands__overlap=one.bands)[:200].explain()
        assert ("fingerprint_bands" in plan, "Seq Scan" in plan) == (True, False)

    def test_bands_meet_up_to_six_bits_apart_always(self) -> None:
        chance = random.Random(5)
        for _number in range(100):
            one = chance.getrandbits(63)
            other = one
            for bit in chance.sample(range(63), 6):
                other ^= 1 << bit
            assert set(bands_of([], one)) & set(bands_of([], other)) or not (telling(one) and telling(other))


class TestHerOwn:
    def test_the_next_attempt_is_meant_to_be_alike(self, unit: MicroCredential) -> None:
        educator, assessor = factories.user(), factories.user()
        first = send(draft(educator, unit, ESSAY))
        workflow.begin_review(first, assessor)
        given = outcomes(first, below="plan")
        workflow.decide(first, assessor, outcomes=given, strength="Clear.", next_step="Film.")
        again = workflow.resubmit(first, educator)
        workflow.save(again, educator, revision=0, answers={}, resubmission_note="More of the same.")
        send(again)
        assert noted() == []

    def test_another_micro_credential_is_noted_as_her_own(self, unit: MicroCredential) -> None:
        educator = factories.user()
        first = send(draft(educator, unit, ESSAY))
        second = send(draft(educator, factories.published(), ESSAY))
        assert noted() == [(second.pk, first.pk, "same", True, False)]

    def test_what_a_team_shares_is_declared(self, unit: MicroCredential) -> None:
        rows = [draft(factories.user(), unit, ESSAY) for _number in range(2)]
        team = Team.objects.create(version=rows[0].enrolment.version, name="Grade 7")
        Artifact.objects.update(team=team)
        Submission.objects.update(contribution="I wrote the questions.")
        for row in rows:
            send(row)
        assert noted() == [(rows[1].pk, rows[0].pk, "same", False, True)]

    def test_taken_back_and_corrected_it_is_compared_anew(self, unit: MicroCredential) -> None:
        send(draft(factories.user(), unit, ESSAY))
        educator = factories.user()
        second = send(draft(educator, unit, NEARLY))
        Likeness.objects.update(state="dismissed", note="A common protocol.")
        workflow.withdraw(second, educator)
        send(second)
        assert list(Likeness.objects.values_list("state", flat=True)) == ["dismissed"]
        workflow.withdraw(second, educator)
        workflow.remove_artifact(second.artifacts.get(), educator)
        workflow.add_text(second, educator, requirement="plan", text=essay(9))
        send(second)
        assert noted() == []
