"""Notes as the desk shows them, and what a place of a note has to fit into."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from review.models import Assignment, Note
from review.places import PASSAGE, REGION, TIME, Piece, label
from review.queries.evidence import Item, answers, evidence
from submissions.models import Submission


def piece_of(submission: Submission, artifact: UUID | None, question: str) -> Piece | None:
    """The piece of evidence that a note is on, when it is this submission's and open."""
    if question:
        texts = {answer.key: answer.text for part in answers(submission).values() for answer in part}
        return (
            None if artifact or question not in texts else Piece(frozenset({PASSAGE}), text=texts[question])
        )
    item = next((one for one in evidence(submission) if one.artifact.pk == artifact), None)
    return None if item is None or item.closed or item.gone else Piece(**_measures(item))


def _measures(item: Item) -> dict[str, Any]:
    return {
        "kinds": frozenset(kinds_of(item)),
        "duration": float(item.facts.get("duration") or 0),
        "pages": int(item.facts.get("pages") or len(item.pages) or 1),
        "text": item.artifact.text if item.look == "text" else item.words,
    }


def kinds_of(item: Item) -> list[str]:
    """The kinds of places a piece has, the most telling first."""
    if item.closed or item.gone or item.look == "link":
        return []
    if item.look in ("video", "audio"):
        return [TIME]
    drawn = [REGION] if item.look in ("image", "pdf") or item.pages else []
    return [*drawn, *([PASSAGE] if item.look == "text" or item.words else [])]


@dataclass(frozen=True)
class Placed:
    """A note with words for its place."""

    note: Note

    @property
    def pk(self) -> UUID:
        return self.note.pk

    @property
    def on(self) -> str:
        """The artifact's id or the question's key."""
        return str(self.note.artifact_id or self.note.question)

    @property
    def criterion(self) -> str:
        return self.note.criterion.key if self.note.criterion else ""

    @property
    def label(self) -> str:
        return label(self.note.kind, self.note.place)

    @property
    def place(self) -> str:
        """For the script, which draws it."""
        return json.dumps(self.note.place)

    @property
    def order(self) -> tuple[float, ...]:
        """In the order of what it is on: by time, by page and height, by where the passage begins."""
        place = self.note.place
        return (place.get("start", 0), place.get("page", 0), place.get("y", 0))


def notes(assignment: Assignment) -> list[Placed]:
    """The notes of a review in the order of the evidence's own places."""
    rows = Note.objects.filter(assignment=assignment).select_related("criterion")
    return sorted((Placed(row) for row in rows), key=lambda placed: placed.order)
