"""What passed before and stays passed: another attempt is about the rest only.

A criterion that passed in the attempt before is carried, unless what backs it is no longer the same: a piece of
evidence for it exchanged, added or taken out; or, for the written parts, an answer of its part.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from catalog.models import Criterion, Part, Question
from submissions.models import Artifact, Outcome, Submission
from submissions.models.evidence import SPOKEN

Evidence = Artifact.State
OUT = (Evidence.REJECTED, Evidence.DELETED)  # nobody reads these in the new attempt
TAKEN = (Evidence.DELETED, Evidence.QUARANTINED)  # what she did not take out herself


@dataclass(frozen=True)
class Cause:
    """One thing that is not as it was: an artifact `added` or `removed`, or an `answer` that changed."""

    kind: str
    key: str  # the artifact's id or the question's key
    title: str


@dataclass(frozen=True)
class Passed:
    """A criterion that passed before: in which attempt, what backs it now, and why it is open again, if it is."""

    criterion: Criterion
    attempt: int
    backed_by: list[str]  # ids of artifacts and keys of questions
    causes: list[Cause]

    @property
    def stays(self) -> bool:
        return not self.causes


@dataclass(frozen=True)
class Carry:
    """`carried`: criterion id → {attempt, level, feedback}; `reopened`: ids of criteria that passed but are open again."""

    carried: dict[str, dict[str, Any]] = field(default_factory=dict)
    reopened: list[str] = field(default_factory=list)
    passed: list[Passed] = field(default_factory=list)

    @property
    def again(self) -> list[Passed]:
        """What had passed and will be read again."""
        return [one for one in self.passed if not one.stays]


@dataclass(frozen=True)
class Pair:
    """Two attempts with what either holds, by what it is: the same bytes are the same piece, uploaded again or not."""

    before: dict[str, Artifact]
    after: dict[str, Artifact]
    answers: list[Question]  # those that differ


def attempt_before(submission: Submission) -> Submission | None:
    """The last attempt of this enrolment that was decided before this one."""
    if submission.attempt == 1:
        return None
    return (
        Submission.objects.filter(
            enrolment=submission.enrolment_id, attempt__lt=submission.attempt, state=Submission.State.NOT_YET
        )
        .order_by("-attempt")
        .first()
    )


def passed_before(submission: Submission) -> Carry:
    """What this attempt keeps from the one before, by its evidence as it is now."""
    before = attempt_before(submission)
    if before is None:
        return Carry()
    outcomes = (
        Outcome.objects.filter(submission=before, passed=True)
        .select_related("criterion")
        .prefetch_related("criterion__requirements")
        .order_by("criterion__part", "criterion__order", "pk")
    )
    questions = list(Question.objects.filter(version=submission.enrolment.version_id))
    pair = compare(before, submission, questions)
    carry = Carry()
    for outcome in outcomes:
        attempt = outcome.carried_from or before.attempt
        one = _passed(outcome.criterion, attempt, pair, questions)
        carry.passed.append(one)
        key = str(outcome.criterion_id)
        if one.stays:
            carry.carried[key] = {"attempt": attempt, "level": outcome.level, "feedback": outcome.feedback}
        else:
            carry.reopened.append(key)
    return carry


def compare(before: Submission, after: Submission, questions: Iterable[Question]) -> Pair:
    """What either of the two holds, and which answers differ."""
    rows = Artifact.objects.filter(submission__in=[before, after]).exclude(state=Evidence.REJECTED)
    rows = rows.order_by("order", "created")
    first = [row for row in rows if row.submission_id == before.pk]
    second = [row for row in rows if row.submission_id == after.pk and row.state not in OUT]
    received = {row.received_sha256: identity(row) for row in first if row.received_sha256}
    return Pair(
        {identity(row): row for row in first},
        {
            received.get(row.received_sha256, identity(row)): row
            for row in second
            if row.state != Evidence.UPLOADING
        },
        [one for one in questions if _text(before.answers, one.key) != _text(after.answers, one.key)],
    )


def identity(artifact: Artifact) -> str:
    """What is read, whatever it is called: by its hash, or by its words or address where it has none."""
    return artifact.sha256 or artifact.received_sha256 or artifact.text or artifact.url


def backs(artifact: Artifact, criterion: Criterion) -> bool:
    """Whether this piece is read for this criterion: by its tags, else by its requirement; a spoken reflection for Part 3."""
    if artifact.requirement == SPOKEN and criterion.part == Part.REFLECTION:
        return True
    if artifact.criteria:
        return criterion.key in artifact.criteria
    return artifact.requirement in {one.key for one in criterion.requirements.all()}


def _passed(criterion: Criterion, attempt: int, pair: Pair, questions: Iterable[Question]) -> Passed:
    was = {key for key, piece in pair.before.items() if backs(piece, criterion)}
    now = {key for key, piece in pair.after.items() if backs(piece, criterion)}
    removed = [
        pair.before[key] for key in was - now if pair.before[key].state not in TAKEN or key in pair.after
    ]
    causes = [
        *(
            Cause("added", str(piece.pk), piece.title)
            for piece in _in_order(pair.after[key] for key in now - was)
        ),
        *(Cause("removed", str(piece.pk), piece.title) for piece in _in_order(removed)),
        *(Cause("answer", one.key, one.prompt) for one in pair.answers if one.part == criterion.part),
    ]
    held = [str(pair.after[key].pk) for key in now]
    written = [one.key for one in questions if one.part == criterion.part]
    return Passed(criterion, attempt, sorted(held) + written, causes)


def _in_order(pieces: Iterable[Artifact]) -> list[Artifact]:
    return sorted(pieces, key=lambda piece: (piece.order, piece.created))


def _text(answers: Mapping[str, str], key: str) -> str:
    return answers.get(key, "").replace("\r\n", "\n").strip()
