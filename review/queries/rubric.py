"""The rubric's side of the desk: criteria, levels, scores and earlier outcomes, in one query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import Criterion, Level
from review.models import Assignment, Note, Score
from review.places import label
from submissions.models import Outcome, Submission


@dataclass(frozen=True)
class Earlier:
    """What an earlier attempt got for a criterion."""

    attempt: int
    name: str
    passed: bool
    feedback: str


@dataclass(frozen=True)
class Line:
    """One criterion on the desk: its levels, the draft score, and what came of earlier attempts."""

    pk: UUID
    letter: str
    key: str
    part: int
    title: str
    description: str
    passing: int
    levels: list[dict[str, Any]]
    level: int | None
    feedback: str
    where: str = ""
    next_step: str = ""
    locked: int = 0  # the attempt in which it passed, when it stays passed
    reopened: bool = False  # it had passed, but its evidence was replaced
    cited: list[dict[str, Any]] = field(
        default_factory=list
    )  # notes: id, artifact, question, kind, place, text, shared
    kept: dict[str, Any] = field(
        default_factory=dict
    )  # what stands since it passed: attempt, level, feedback
    earlier: list[Earlier] = field(default_factory=list)

    @property
    def passed(self) -> bool | None:
        if self.locked:
            return True
        return None if self.level is None else self.level >= self.passing

    @property
    def cited_notes(self) -> list[dict[str, Any]]:
        """The cited notes with words for their places."""
        return [{**note, "label": label(note["kind"], note["place"])} for note in self.cited]

    @property
    def level_name(self) -> str:
        return name_of(self.levels, self.kept.get("level") if self.locked else self.level)

    @property
    def passing_name(self) -> str:
        return name_of(self.levels, self.passing)


def name_of(levels: Iterable[dict[str, Any]], order: int | None) -> str:
    """The name of a level by its order."""
    return next((level["name"] for level in levels if level["order"] == order), "")


def rubric(assignment: Assignment) -> list[Line]:
    """The criteria with everything the desk shows beside them, in one query."""
    submission = assignment.submission
    levels = Level.objects.filter(criterion=OuterRef("pk")).order_by("order")
    scores = Score.objects.filter(assignment=assignment, criterion=OuterRef("pk"))
    rows = Criterion.objects.filter(version=submission.enrolment.version_id).annotate(
        the_levels=ArraySubquery(
            levels.values(row=JSONObject(order="order", name="name", description="description"))
        ),
        the_score=ArraySubquery(
            scores.values(
                row=JSONObject(level="level", feedback="feedback", where="where", next_step="next_step")
            )
        ),
        the_cited=ArraySubquery(_cited(assignment)),
        the_earlier=ArraySubquery(_earlier(submission)),
    )
    whole = assignment.assessment
    carried, reopened = (whole.carried, whole.reopened) if whole else ({}, [])
    return [
        replace(
            _line(ascii_uppercase[number % 26], row),
            locked=carried.get(str(row.pk), {}).get("attempt", 0),
            kept=carried.get(str(row.pk), {}),
            reopened=str(row.pk) in reopened,
        )
        for number, row in enumerate(rows)
    ]


def _cited(assignment: Assignment) -> Any:
    """The notes a criterion's score cites."""
    names = {name: name for name in ("question", "kind", "place", "text", "shared")}
    rows = Note.objects.filter(assignment=assignment, criterion=OuterRef("pk"), cited=True)
    return rows.order_by("created", "pk").values(row=JSONObject(id="pk", artifact="artifact_id", **names))


def _earlier(submission: Submission) -> Any:
    """What earlier attempts got for a criterion, the latest first."""
    names = {name: name for name in ("level", "passed", "feedback")}
    rows = Outcome.objects.filter(
        criterion=OuterRef("pk"),
        submission__enrolment=submission.enrolment_id,
        submission__attempt__lt=submission.attempt,
    )
    return rows.order_by("-submission__attempt").values(
        row=JSONObject(attempt="submission__attempt", **names)
    )


def _line(letter: str, row: Any) -> Line:
    score: dict[str, Any] = (
        row.the_score[0] if row.the_score else {"level": None, "feedback": "", "where": "", "next_step": ""}
    )
    return Line(
        pk=row.pk,
        letter=letter,
        key=row.key,
        part=row.part,
        title=row.title,
        description=row.description,
        passing=row.passing,
        levels=row.the_levels,
        level=score["level"],
        feedback=score["feedback"],
        where=score["where"],
        next_step=score["next_step"],
        cited=row.the_cited,
        earlier=[
            Earlier(past["attempt"], name_of(row.the_levels, past["level"]), past["passed"], past["feedback"])
            for past in row.the_earlier
        ],
    )


@dataclass(frozen=True)
class Verdict:
    """What the scores so far would mean, by the conjunctive rule."""

    total: int
    scored: int
    below: list[str]

    @property
    def left(self) -> int:
        return self.total - self.scored

    @property
    def outcome(self) -> str:
        """`earned`, `not_yet`, or nothing while no score says anything."""
        if not self.scored:
            return ""
        return "not_yet" if self.below else "earned"

    @property
    def words(self) -> str:
        """The line of the verdict bar."""
        if not self.scored:
            return _("no criterion scored yet.")
        rest = ngettext("%d criterion left.", "%d criteria left.", self.left) % self.left if self.left else ""
        if self.below:
            return _("not yet (%(letters)s).") % {"letters": ", ".join(self.below)} + f" {rest}".rstrip()
        return f"{_('at the passing level so far.')} {rest}" if rest else _("earned: every criterion passes.")


def verdict(lines: list[Line]) -> Verdict:
    """Counts, and the letters of the criteria below their passing level."""
    open_lines = [line for line in lines if not line.locked]
    scored = [line for line in open_lines if line.level is not None]
    return Verdict(len(open_lines), len(scored), [line.letter for line in scored if not line.passed])
