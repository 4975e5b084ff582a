"""What differs between an attempt and the one before it: as both sides' rules see it, under neutral names."""

from __future__ import annotations

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from review.models import Assignment
from review.queries.evidence import Item, answers, evidence
from submissions.carrying import attempt_before, identity
from submissions.differences import SAME, Difference, differences
from submissions.models import Submission


@dataclass(frozen=True)
class Rewritten:
    """An answer that is not as it was."""

    prompt: str
    difference: Difference


@dataclass(frozen=True)
class Piece:
    """A piece of evidence of either attempt: `new`, `replaced`, `unchanged` or `removed`."""

    label: str
    state: str
    words: str
    difference: Difference = field(default_factory=list)  # of a written piece that replaces a written one


@dataclass(frozen=True)
class Changes:
    """What another attempt changed, blind: texts by their differences, pieces by what became of them."""

    attempt: int  # the one before
    answers: list[Rewritten]
    pieces: list[Piece]
    same: int  # answers as they were


WORDS = {"new": _("New"), "replaced": _("Replaced"), "unchanged": _("Unchanged"), "removed": _("Taken out")}


def changes(assignment: Assignment) -> Changes | None:
    """Against the last attempt that was decided; nothing for a first one."""
    submission = assignment.submission
    before = attempt_before(submission)
    if before is None:
        return None
    before.enrolment = submission.enrolment
    rows, same = [], 0
    past = {one.key: one.text for part in answers(before).values() for one in part}
    for one in [one for part in answers(submission).values() for one in part]:
        difference = differences(past.get(one.key, "").strip(), one.text.strip())
        if all(op == SAME for op, _text in difference):
            same += 1
        else:
            rows.append(Rewritten(one.prompt, difference))
    return Changes(before.attempt, rows, _pieces(before, submission), same)


def _pieces(before: Submission, after: Submission) -> list[Piece]:
    was, now = evidence(before), evidence(after)
    known = {identity(one.artifact) for one in was}
    received = {one.artifact.received_sha256 for one in was} - {""}
    found, kept = [], set()
    for one in now:
        row = one.artifact
        if identity(row) in known or row.received_sha256 in received:
            kept.add(identity(row))
            kept.add(row.received_sha256)
            found.append(_piece(one, "unchanged"))
        else:
            earlier = next((past for past in was if past.artifact.pk == row.before_id), None)
            found.append(_piece(one, "replaced" if earlier else "new", earlier))
            kept.add(identity(earlier.artifact) if earlier else "")
    gone = [one for one in was if not {identity(one.artifact), one.artifact.received_sha256 or "-"} & kept]
    return found + [_piece(one, "removed") for one in gone]


def _piece(item: Item, state: str, earlier: Item | None = None) -> Piece:
    texts = (
        earlier is not None and item.look == earlier.look == "text" and not (item.closed or earlier.closed)
    )
    shown = differences(earlier.artifact.text, item.artifact.text) if texts and earlier else []
    return Piece(item.label, state, str(WORDS[state]), shown)
