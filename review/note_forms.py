"""The notes beside each piece of evidence, and the small form that adds one: with a typed place it works without script."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from journal.workflow import GuardError
from review.forms import DeskForm, NoteRow
from review.places import PASSAGE, REGION, TIME
from review.queries import Answer, Item, kinds_of

CLOCK = re.compile(r"(?:(\d{1,2}):)?(\d{1,3}):(\d{1,2}(?:\.\d{1,3})?)|(\d{1,6}(?:\.\d{1,3})?)")
# Parts of a picture one can name without a mouse: x, y, width, height as shares.
PARTS: dict[str, tuple[Any, tuple[float, float, float, float]]] = {
    "whole": (gettext_lazy("The whole page"), (0, 0, 1, 1)),
    "top": (gettext_lazy("Its upper third"), (0, 0, 1, 0.3333)),
    "middle": (gettext_lazy("Its middle"), (0, 0.3333, 1, 0.3334)),
    "bottom": (gettext_lazy("Its lower third"), (0, 0.6667, 1, 0.3333)),
    "left": (gettext_lazy("Its left half"), (0, 0, 0.5, 1)),
    "right": (gettext_lazy("Its right half"), (0.5, 0, 0.5, 1)),
}


@dataclass
class Board:
    """The notes on one panel of the evidence: an artifact, or the answers of a written part."""

    number: int
    key: str  # the panel's data-item
    kinds: list[str]
    questions: list[Answer] = field(default_factory=list)
    rows: list[NoteRow] = field(default_factory=list)
    pages: int = 1
    item: UUID | None = None  # the artifact
    typed: dict[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def parts(self) -> list[tuple[str, Any]]:
        return [(key, words) for key, (words, _box) in PARTS.items()]

    def beside(self, fresh: Board) -> Board:
        """The panel as it is now, with what was typed here and why it was refused."""
        return replace(fresh, typed=self.typed, problem=self.problem)

    @property
    def holds(self) -> set[str]:
        """What its notes are on."""
        return {answer.key for answer in self.questions} or {self.key}


def boards(form: DeskForm, items: Iterable[Item], answers: Mapping[str, list[Answer]]) -> list[Board]:
    """One for each panel a note can be put on."""
    rows = form.note_rows()
    found = [
        Board(0, name, [PASSAGE], [one for one in answers.get(name, []) if one.text.strip()])
        for name in ("overview", "reflection")
    ]
    for item in items:
        pages = int(item.facts.get("pages") or len(item.pages) or 1)
        found.append(Board(0, str(item.artifact.pk), kinds_of(item), pages=pages, item=item.artifact.pk))
    for number, board in enumerate(found, 1):
        board.number = number
        board.rows = [row for row in rows if row.placed.on in board.holds]
    return [board for board in found if board.kinds and (board.questions or board.key not in answers)]


def typed(post: Mapping[str, str], board: Board) -> dict[str, str]:
    """What the small form under a panel holds."""
    start = f"new-{board.number}-"
    return {name.removeprefix(start): value for name, value in post.items() if name.startswith(start)}


def read_note(given: Mapping[str, str], board: Board) -> dict[str, Any]:
    """What `workflow.add_note` takes; a place that cannot be understood is refused in words."""
    written = bool(board.questions)
    kind = PASSAGE if PASSAGE in board.kinds and given.get("quote", "").strip() else board.kinds[0]
    return {
        "artifact": board.item,
        "question": given.get("question", "") if written else "",
        "kind": kind,
        "place": {TIME: _time, REGION: _region, PASSAGE: _passage}[kind](given),
        "text": given.get("text", ""),
        "criterion": given.get("about", ""),
        "shared": "shared" in given,
        "cited": "cited" in given,
    }


def _passage(given: Mapping[str, str]) -> dict[str, Any]:
    return {"quote": given.get("quote", "")}


def _time(given: Mapping[str, str]) -> dict[str, Any]:
    start = read_clock(given.get("start", ""))
    end = read_clock(given["end"]) if given.get("end", "").strip() else start
    return {"start": start, "end": end}


def read_clock(text: str) -> float:
    """Seconds from `3:12`, `1:03:12`, `3:12.5` or a plain number of seconds."""
    found = CLOCK.fullmatch(text.strip())
    if not found:
        raise _refused(_("Write a time as minutes and seconds, for example 3:12."))
    hours, minutes, seconds, alone = found.groups()
    return float(alone) if alone else int(hours or 0) * 3600 + int(minutes) * 60 + float(seconds)


def _region(given: Mapping[str, str]) -> dict[str, Any]:
    page = given.get("page", "").strip() or "1"
    if not (page.isascii() and page.isdigit() and len(page) < 6):
        raise _refused(_("Write the page as a number."))
    _words, box = PARTS.get(given.get("part", ""), PARTS["whole"])
    return {"page": int(page), **dict(zip(("x", "y", "width", "height"), box, strict=True))}


def _refused(words: str) -> GuardError:
    return GuardError(words, {"place": [words]})
