"""Attempts at one micro-credential of the demonstration: handed in, read twice, settled, and moved back in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone

from accounts.models import User
from badges.models import Award
from catalog.models import ArtifactRequirement, MicroCredential
from microcreds.demo import calibrating, evidence, history
from microcreds.demo.feedback import ADJUDICATED, BELOW, NEXT, STRENGTH, point_at, scores, steady
from review import workflow as review
from review.models import Appeal, Assessment, Assignment, Comment, Unblinding
from submissions import workflow as submissions
from submissions.files import IncomingFile
from submissions.models import Artifact, Enrolment, Submission


@dataclass
class Scene:
    """Who is there, and what is worked on."""

    unit: MicroCredential
    people: dict[str, User]
    educators: list[User]
    bank: dict[str, Comment] = field(default_factory=dict)  # criterion → the comment assessor2 puts in there

    def start(self, at: int) -> Submission:
        return history.start(self.educators[at], self.unit.slug)


def read(
    scene: Scene,
    at: int,
    levels: Sequence[str],
    readers: Sequence[str],
    settled: tuple[str, str] | None = None,
) -> Submission:
    """A first attempt, read by two who see nothing of each other; `settled`: by an approver, with these levels."""
    submission = history.hand_in(scene.start(at))
    read_by(scene, submission, levels, readers, cites=at % 3 == 0)
    if settled:
        settle(submission, scene.people[settled[1]], settled[0])
    submission.refresh_from_db()
    return submission


def read_by(
    scene: Scene,
    submission: Submission,
    levels: Sequence[str],
    readers: Sequence[str],
    *,
    cites: bool = False,
) -> None:
    for given, reader in zip(levels, readers, strict=True):
        bank = scene.bank if reader == "assessor2" else {}
        give(submission, scene.people[reader], given, bank, cites=cites)


def give(
    submission: Submission, reader: User, levels: str, bank: dict[str, Comment], *, cites: bool = False
) -> Assignment:
    """One reading: claimed, found complete, scored and sent."""
    claim = review.claim(submission, reader)
    if items := review.to_check(claim):
        review.check_complete(claim, reader, [item["key"] for item in items])
    criteria = calibrating.in_order(submission.enrolment.version)
    for digit, criterion in zip(levels, criteria, strict=True):
        if digit == "-" or int(digit) >= criterion.passing:
            continue
        if cites:
            point_at(claim, criterion, BELOW[criterion.key][0])
        if criterion.key in bank:
            review.use(bank[criterion.key], claim, reader, criterion.key)
    claim.refresh_from_db()
    review.save(
        claim, reader, revision=claim.revision, scores=scores(levels, criteria), strength=STRENGTH, next_step=NEXT
    )  # fmt: skip
    return review.complete(claim, reader)


def settle(submission: Submission, approver: User, levels: str) -> None:
    """An approver reads both and writes the one text."""
    row = review.begin_adjudication(Assessment.objects.get(submission=submission), approver)
    criteria = calibrating.in_order(submission.enrolment.version)
    given = scores(levels, criteria, ADJUDICATED)
    review.save(row, approver, revision=row.revision, scores=given, strength=STRENGTH, next_step=NEXT)
    review.complete(row, approver)


def revised_plan(submission: Submission, educator: User) -> None:
    """Another plan in place of the first: what it backed is read again."""
    old = Artifact.objects.get(submission=submission, requirement="lesson")
    submissions.remove_artifact(old, educator)
    wanted = ArtifactRequirement.objects.get(version=submission.enrolment.version_id, key="lesson")
    content = evidence.plan(evidence.SECOND)
    upload = IncomingFile(chunks=iter([content]), size=len(content), name="Lesson plan, second time.pdf")
    artifact = submissions.add_file(
        submission, educator, requirement=wanted.key, title=wanted.title, upload=upload
    )
    submissions.check(artifact)
    artifact.refresh_from_db()
    history.answered(artifact, educator)


def set_back(submission: Submission, ago: int) -> None:
    """Everything about this enrolment as many days earlier; each attempt takes some days, one in nine longer than promised."""
    rows = Submission.objects.filter(enrolment=submission.enrolment_id).order_by("attempt")
    for row in rows:
        at = timezone.now() - timedelta(days=ago - 24 * (row.attempt - 1), hours=row.attempt)
        luck = steady(f"{row.enrolment.earner.email} {row.attempt}", 1, 9)
        took = 17 if luck == 9 else 3 + luck
        _set_dates(row, at, at + timedelta(days=took))
    Enrolment.objects.filter(pk=submission.enrolment_id).update(
        created=timezone.now() - timedelta(days=ago + 25)
    )


def _set_dates(row: Submission, at: datetime, decided: datetime) -> None:
    decided = min(decided, timezone.now() - timedelta(hours=2))
    over = row.decided_at is not None
    Submission.objects.filter(pk=row.pk).update(
        submitted_at=at, decided_at=decided if over else None, promised_on=(at + timedelta(days=14)).date()
    )
    wholes = Assessment.objects.filter(submission=row)
    wholes.update(entered_at=at, due=at + timedelta(days=14))
    wholes.exclude(decided_at=None).update(decided_at=decided)
    for number, one in enumerate(Assignment.objects.filter(submission=row).order_by("claimed_at")):
        ended = decided - timedelta(hours=20 * (2 - min(number, 2)))
        Assignment.objects.filter(pk=one.pk).update(
            claimed_at=ended - timedelta(hours=26), saved_at=ended, ended_at=ended,
            active_seconds=60 * steady(f"{row.enrolment.earner.email} {number}", 18, 34),
        )  # fmt: skip
    Award.objects.filter(submission=row).update(awarded_at=decided)
    Appeal.objects.filter(submission=row, state=Appeal.State.ANSWERED).update(
        created=decided + timedelta(days=2), answered_at=decided + timedelta(days=8),
        answer_by=(decided + timedelta(days=16)).date(),
    )  # fmt: skip
    for appeal in Appeal.objects.filter(submission=row, state=Appeal.State.OPEN):
        Appeal.objects.filter(pk=appeal.pk).update(
            created=timezone.now() - timedelta(days=3), answer_by=appeal.answer_by - timedelta(days=3)
        )
    Unblinding.objects.filter(submission=row).update(created=decided + timedelta(days=5))
