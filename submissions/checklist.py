"""What is still missing before an attempt can be submitted, in words, each with the field it belongs to."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from catalog.models import Part
from submissions.coverage import WORDS
from submissions.models import Artifact
from submissions.models.evidence import SPOKEN

NOTE = "resubmission_note"
AI = "ai_use"
TEAM = "contribution"
GONE = (Artifact.State.REJECTED, Artifact.State.DELETED)


@dataclass(frozen=True)
class Missing:
    """One gap. `field` is the question's or requirement's key; `text` says what to do about it."""

    part: int
    field: str
    text: str


# `static/js/wordcount.js` has the same three, so that the page and the rule never disagree.
LINK = re.compile(r'\[([^\[\]]*)\]\((?:<[^<>\n]*>|[^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"\n]*")?\)')
NUMBER = re.compile(r"^(?:[ \t]*(?:[-*+]|#{1,6}))*[ \t]*\d{1,9}[.)](?=\s|$)", re.MULTILINE)
RUN = re.compile(r"[^\s\x1c-\x1f\x85\ufeff]+")
LETTER = re.compile(r"[^\W_]")


def count_words(text: str) -> int:
    """Words as people count them: runs with a letter or a digit, without Markdown's marks and link addresses."""
    plain = NUMBER.sub("", LINK.sub(r"\1", text))
    return sum(1 for run in RUN.findall(plain) if LETTER.search(run))


def limits(question: Mapping[str, Any]) -> str:
    """The word limits of a question as a phrase, or nothing."""
    low, high = question["min_words"], question["max_words"]
    if low and high:
        return _("%(low)d to %(high)d words") % {"low": low, "high": high}
    if high:
        return str(ngettext("up to %d word", "up to %d words", high) % high)
    if low:
        return str(ngettext("at least %d word", "at least %d words", low) % low)
    return ""


def answer_gap(question: Mapping[str, Any], text: str) -> str:
    """Why this answer cannot be submitted yet, or nothing."""
    number, low, high = count_words(text), question["min_words"], question["max_words"]
    if not number:
        return _("This question still waits for your answer.")
    if number < low:
        words = ngettext(
            "%(more)d more word, please (now %(number)d, at least %(low)d).",
            "%(more)d more words, please (now %(number)d, at least %(low)d).",
            low - number,
        )
        return words % {"more": low - number, "number": number, "low": low}
    if high and number > high:
        words = ngettext(
            "Please cut %(over)d word (now %(number)d, at most %(high)d).",
            "Please cut %(over)d words (now %(number)d, at most %(high)d).",
            number - high,
        )
        return words % {"over": number - high, "number": number, "high": high}
    return ""


def requirement_gap(requirement: Mapping[str, Any], number: int) -> str:
    """Why Part 2 is not complete for this requirement, or nothing."""
    more = requirement["minimum"] - number
    if more <= 0:
        return ""
    if number:
        return str(ngettext("Add %d more artifact here.", "Add %d more artifacts here.", more) % more)
    return str(ngettext("Add %d artifact here.", "Add %d artifacts here.", more) % more)


@dataclass(frozen=True)
class Held:
    """What the checklist needs to know of a piece of evidence."""

    requirement: str
    state: str
    title: str
    kind: str
    coverage: str  # why it may not be assessed, a key of `coverage.WORDS`, or nothing


STATES = {
    Artifact.State.UPLOADING: gettext_lazy(
        "“%s” is not here yet: choose the same file again and it goes on."
    ),
    Artifact.State.RECEIVED: gettext_lazy("“%s” is still being checked. That takes a moment; you can go on."),
    Artifact.State.CHECKING: gettext_lazy("“%s” is still being checked. That takes a moment; you can go on."),
    Artifact.State.REJECTED: gettext_lazy("“%s” cannot be used. Read why, and exchange or remove it."),
    Artifact.State.QUARANTINED: gettext_lazy("“%s” is closed. Read why, and exchange or remove it."),
}


def part_of(requirement: str) -> int:
    """Evidence is Part 2; a spoken reflection stands beside Part 3."""
    return int(Part.REFLECTION if requirement == SPOKEN else Part.ARTIFACTS)


def not_ready(held: Iterable[Held]) -> list[Missing]:
    """What stands in the way of submitting although it is there."""
    return [
        Missing(part_of(one.requirement), one.requirement, STATES[Artifact.State(one.state)] % one.title)
        for one in held
        if one.state in STATES
    ]


def not_covered(held: Iterable[Held]) -> list[Missing]:
    """Evidence that may show students for whom no form is on file, or of which nobody has said."""
    return [
        Missing(part_of(one.requirement), one.requirement, WORDS[one.coverage] % one.title)
        for one in held
        if one.coverage and one.state not in (*GONE, Artifact.State.QUARANTINED)
    ]


def missing(
    template: Mapping[str, Any],
    *,
    answers: Mapping[str, str],
    held: Collection[Held],
    attempt: int = 1,
    note: str = "",
    ai_use: str | None = None,
    contribution: str | None = None,
) -> list[Missing]:
    """All gaps, in the order of the page. Of AI help and of her part in a team's work it is None where nobody asks."""
    gaps: list[Missing] = []
    if attempt > 1 and not note.strip():
        gaps.append(Missing(0, NOTE, _("Say in a sentence or two what you changed since the last attempt.")))
    asked = [
        Missing(question["part"], question["key"], text)
        for question in template["questions"]
        if (text := answer_gap(question, answers.get(question["key"], "")))
    ]
    numbers = Counter(one.requirement for one in held if one.state not in GONE)
    wanted = [
        Missing(int(Part.ARTIFACTS), requirement["key"], text)
        for requirement in template["requirements"]
        if (text := requirement_gap(requirement, numbers[requirement["key"]]))
    ]
    if ai_use is not None and not ai_use.strip():
        asked.append(
            Missing(int(Part.REFLECTION), AI, _("Say what help of AI you used, or that you used none."))
        )
    if contribution is not None and not contribution.strip():
        words = _("Say what you yourself contributed to your team’s work.")
        asked.append(Missing(int(Part.REFLECTION), TEAM, words))
    return gaps + sorted(asked + wanted + not_ready(held) + not_covered(held), key=lambda gap: gap.part)


def text_problem(text: Any, maximum: int) -> str:
    """Why this text cannot be stored, in words, or nothing."""
    if not isinstance(text, str):
        return _("Send this as text.")
    if "\x00" in text:
        return _("This text holds a character that cannot be stored (NUL). Please remove it.")
    if len(text) > maximum:
        return _("This text is too long: %(length)s characters. At most %(maximum)s can be kept.") % {
            "length": f"{len(text):,}",
            "maximum": f"{maximum:,}",
        }
    return ""
