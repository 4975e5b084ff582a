"""The evidence's side of the desk: blind, and each piece under a neutral name. Nothing here selects who the educator is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.utils.translation import gettext as _

from catalog.models import ArtifactRequirement, Part, Question
from review.queries.rubric import Line
from submissions.kinds import KINDS
from submissions.models import Artifact, Preview, Submission
from submissions.models.consent import Purpose
from submissions.models.evidence import SPOKEN
from submissions.rules import covered_among

STILLS = ("poster", "first_page", "thumb")
STREAMS = ("video_720", "video_360", "audio")
STREAM_RATE = 30.0  # the most a streamable version has
WORDS_SHOWN = 20_000  # characters
EXTENSIONS = {kind.content_type: kind.endings[0] for kind in KINDS}


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
    def pages(self) -> list[int]:
        """The pages of a document that there are pictures of."""
        return sorted(int(kind[5:]) for kind in self.drawn if kind.startswith("page_"))

    @property
    def facts(self) -> dict[str, Any]:
        """What was measured when it was checked: `duration`, `pages`, `width`, …"""
        return self.artifact.content.facts if self.artifact.content is not None else {}

    @property
    def length(self) -> str:
        """How long it plays, as a clock shows it."""
        seconds = int(self.facts.get("duration", 0))
        hours, rest = divmod(seconds, 3600)
        clock = f"{rest // 60:02d}:{rest % 60:02d}"
        return "" if not seconds else f"{hours}:{clock}" if hours else clock

    @property
    def rate(self) -> float:
        """Pictures a second of what is played; 0 where that is not known."""
        rate = float(self.facts.get("rate") or 0)
        return min(rate, STREAM_RATE) if self.stream else rate

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
    purpose = Purpose.CALIBRATION if submission.anchor else Purpose.ASSESSMENT
    return list(_named(submission.code, rows, purpose))


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


def _named(code: str, rows: list[Any], purpose: str) -> Iterator[Item]:
    totals, seen = Counter(row.requirement for row in rows), Counter[str]()
    usable = covered_among(rows, purpose)
    for row in rows:
        seen[row.requirement] += 1
        number = seen[row.requirement]
        label = row.asked or (_("Spoken reflection") if row.requirement == SPOKEN else row.get_kind_display())
        if totals[row.requirement] > 1:
            label = f"{label} {number}"
        stem = f"{code}-{row.requirement or 'evidence'}-{number}"
        name = stem + EXTENSIONS.get(row.content_type, ".bin")
        yield Item(row, label, name, look(row), row.pk not in usable, frozenset(row.drawn))


def recognisable(items: list[Item]) -> bool:
    """Whether the evidence may show the educator or let her be heard."""
    return any(item.look in {"video", "audio", "image"} for item in items)


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

    key: str
    prompt: str
    text: str


def answers(submission: Submission) -> dict[str, list[Answer]]:
    """The written parts: `overview` and `reflection`, in the order asked."""
    parts: dict[str, list[Answer]] = {"overview": [], "reflection": []}
    for question in Question.objects.filter(version=submission.enrolment.version_id):
        name = "overview" if question.part == Part.OVERVIEW else "reflection"
        parts[name].append(Answer(question.key, question.prompt, submission.answers.get(question.key, "")))
    if submission.contribution:
        asked = _("What did the educator contribute to the team’s work?")
        parts["reflection"].append(Answer("contribution", asked, submission.contribution))
    if submission.ai_use:
        parts["reflection"].append(Answer("ai_use", _("What help of AI was used?"), submission.ai_use))
    return parts
