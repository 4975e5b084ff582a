"""Named reads of this room: the queue, one claim with everything its desk shows, and the blind evidence.

The desk has to fit in few queries, so the rubric's side (criteria, levels, scores, earlier outcomes) is one query.
Nothing here selects who the educator is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.models import ArtifactRequirement, Criterion, EvidenceKind, Level, Part, Question
from review.models import Assignment, Score
from submissions.kinds import KINDS
from submissions.models import Artifact, Outcome, Preview, Submission
from submissions.models.evidence import SPOKEN
from submissions.rules import covered_among

PAGE = 24
CAP = 100

STILLS = ("poster", "first_page", "thumb")
STREAMS = ("video_720", "video_360", "audio")
WORDS_SHOWN = 20_000  # characters
EXTENSIONS = {kind.content_type: kind.endings[0] for kind in KINDS}


# --- the queue --------------------------------------------------------------------------------------------


def mine(assignments: QuerySet[Assignment]) -> QuerySet[Assignment]:
    """Claims to work on, the next due first."""
    return (
        assignments.filter(state=Assignment.State.CLAIMED)
        .select_related("submission__enrolment__version")
        .order_by("due", "pk")
    )


class CountOf(Subquery):
    """How many rows a (capped) query has, as a column: the page and its count in one query."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"


def waiting(queue: QuerySet[Submission], after: Any = None) -> list[Submission]:
    """A page of the queue and one more, the longest waiting first, each with the capped count `waiting`."""
    page = queue
    if after is not None:
        stop = Submission.objects.filter(pk=after).values("submitted_at")[:1]
        page = page.filter(Q(submitted_at__gt=Subquery(stop)) | Q(submitted_at=Subquery(stop), pk__gt=after))
    counted = CountOf(queue.order_by().values("pk")[: CAP + 1])
    return list(
        page.annotate(waiting=counted)
        .select_related("enrolment__version")
        .order_by("submitted_at", "pk")[: PAGE + 1]
    )


@dataclass(frozen=True)
class Waiting:
    """A line of the queue: what is neutral about a submission."""

    submission: Submission

    @property
    def days(self) -> int:
        """How long it has waited, by dates: a time of day would hint at a time zone."""
        submitted = self.submission.submitted_at
        return (timezone.now().date() - submitted.date()).days if submitted else 0

    @property
    def kinds(self) -> list[str]:
        """The kinds of evidence asked for, in words."""
        names = dict(EvidenceKind.choices)
        return [str(names.get(kind, kind)) for kind in self.submission.enrolment.version.evidence_kinds]


def completed(assignments: QuerySet[Assignment], after: Any = None) -> list[Assignment]:
    """A page of completed reviews and one more, newest first."""
    rows = assignments.filter(state=Assignment.State.COMPLETED)
    if after is not None:
        stop = Assignment.objects.filter(pk=after).values("ended_at")[:1]
        rows = rows.filter(Q(ended_at__lt=Subquery(stop)) | Q(ended_at=Subquery(stop), pk__lt=after))
    related = rows.select_related("submission__enrolment__version", "assessor")
    return list(related.order_by("-ended_at", "-pk")[: PAGE + 1])


# --- the rubric's side ------------------------------------------------------------------------------------


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
    earlier: list[Earlier] = field(default_factory=list)

    @property
    def passed(self) -> bool | None:
        return None if self.level is None else self.level >= self.passing

    @property
    def level_name(self) -> str:
        return name_of(self.levels, self.level)

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
    outcomes = Outcome.objects.filter(
        criterion=OuterRef("pk"),
        submission__enrolment=submission.enrolment_id,
        submission__attempt__lt=submission.attempt,
    ).order_by("-submission__attempt")
    rows = Criterion.objects.filter(version=submission.enrolment.version_id).annotate(
        the_levels=ArraySubquery(
            levels.values(row=JSONObject(order="order", name="name", description="description"))
        ),
        the_score=ArraySubquery(scores.values(row=JSONObject(level="level", feedback="feedback"))),
        the_earlier=ArraySubquery(
            outcomes.values(
                row=JSONObject(
                    attempt="submission__attempt", level="level", passed="passed", feedback="feedback"
                )
            )
        ),
    )
    return [_line(ascii_uppercase[number % 26], row) for number, row in enumerate(rows)]


def _line(letter: str, row: Any) -> Line:
    score: dict[str, Any] = row.the_score[0] if row.the_score else {"level": None, "feedback": ""}
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
    scored = [line for line in lines if line.level is not None]
    return Verdict(len(lines), len(scored), [line.letter for line in scored if not line.passed])


# --- the evidence's side ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Item:
    """One artifact as an assessor may see it: a neutral label and name, never the educator's own."""

    artifact: Artifact
    label: str
    name: str
    look: str  # video | audio | image | pdf | document | link | text
    closed: bool = False  # for privacy: a family stopped the use, or the forms no longer cover it
    drawn: frozenset[str] = frozenset()  # the previews there are

    @property
    def gone(self) -> bool:
        """Whether its time was over: the hash stays, the bytes do not."""
        return self.artifact.state == Artifact.State.DELETED

    @property
    def picture(self) -> str:
        """The preview that stands for it: a still picture or the first page."""
        return next((kind for kind in STILLS if kind in self.drawn), "")

    @property
    def stream(self) -> str:
        """The preview that plays everywhere, the larger first."""
        return next((kind for kind in STREAMS if kind in self.drawn), "")

    @property
    def words(self) -> str:
        """What a document says, for reading in the page; bounded, the whole is in the file."""
        return self.artifact.content.text[:WORDS_SHOWN] if self.artifact.content is not None else ""

    @property
    def cleaned(self) -> bool:
        """Whether what the file said about its maker is gone; files from before that was done say so."""
        return self.artifact.content is not None and bool(self.artifact.content.facts)


def evidence(submission: Submission) -> list[Item]:
    """The artifacts in order, each named by what was asked for."""
    asked = ArtifactRequirement.objects.filter(
        version=submission.enrolment.version_id, key=OuterRef("requirement")
    ).values("title")[:1]
    order = ArtifactRequirement.objects.filter(
        version=submission.enrolment.version_id, key=OuterRef("requirement")
    ).values("order")[:1]
    rows = list(
        Artifact.objects.filter(submission=submission)
        .select_related("content")
        .annotate(
            asked=Subquery(asked),
            asked_order=Subquery(order),
            drawn=ArraySubquery(Preview.objects.filter(content=OuterRef("content")).values("kind")),
        )
        .order_by(F("asked_order").asc(nulls_last=True), "order", "created", "pk")
    )
    return list(_named(submission.code, rows))


def sources(lines: list[Line], items: list[Item]) -> dict[str, list[tuple[str, str]]]:
    """Criterion → where to look for it, as (panel, label): the written part, or the artifacts tagged to it."""
    written = {
        Part.OVERVIEW: ("ev-overview", _("Overview")),
        Part.REFLECTION: ("ev-reflection", _("Reflection")),
    }
    found: dict[str, list[tuple[str, str]]] = {}
    for line in lines:
        tagged = [
            (f"ev-{at}", item.label) for at, item in enumerate(items, 1) if line.key in item.artifact.criteria
        ]
        found[line.key] = [written[Part(line.part)]] if line.part in written else tagged
    return found


def _named(code: str, rows: list[Any]) -> Iterator[Item]:
    totals, seen = Counter(row.requirement for row in rows), Counter[str]()
    usable = covered_among(rows)
    for row in rows:
        seen[row.requirement] += 1
        number = seen[row.requirement]
        label = row.asked or (_("Spoken reflection") if row.requirement == SPOKEN else row.get_kind_display())
        if totals[row.requirement] > 1:
            label = f"{label} {number}"
        stem = f"{code}-{row.requirement or 'evidence'}-{number}"
        name = stem + EXTENSIONS.get(row.content_type, ".bin")
        yield Item(row, label, name, look(row), row.pk not in usable, frozenset(row.drawn))


def look(artifact: Artifact) -> str:
    """How a page shows it."""
    if artifact.kind == Artifact.Kind.TEXT or (artifact.kind == Artifact.Kind.LINK and not artifact.sealed):
        return str(artifact.kind)
    if artifact.content_type == "application/pdf":
        return "pdf"
    family = artifact.content_type.split("/")[0]
    return family if family in {"video", "audio", "image"} else "document"


@dataclass(frozen=True)
class Answer:
    """A question of Part 1 or 3 and what was written."""

    prompt: str
    text: str


def answers(submission: Submission) -> dict[str, list[Answer]]:
    """The written parts: `overview` and `reflection`, in the order asked."""
    parts: dict[str, list[Answer]] = {"overview": [], "reflection": []}
    for question in Question.objects.filter(version=submission.enrolment.version_id):
        name = "overview" if question.part == Part.OVERVIEW else "reflection"
        parts[name].append(Answer(question.prompt, submission.answers.get(question.key, "")))
    if submission.contribution:
        parts["reflection"].append(
            Answer(_("What did the educator contribute to the team’s work?"), submission.contribution)
        )
    if submission.ai_use:
        parts["reflection"].append(Answer(_("What help of AI was used?"), submission.ai_use))
    return parts
