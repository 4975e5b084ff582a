"""The whole task on paper: what is asked, what is there, and lines to write on where nothing is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.text import Truncator

from catalog.models import Part
from submissions import pages
from submissions.checklist import limits
from submissions.models import Submission
from submissions.queries import Whole
from submissions.showing import spoken

WORDS_A_LINE = 10
FEWEST, MOST = 3, 20


def paper(whole: Whole) -> dict[str, Any]:
    """Questions with their limits, requirements, rubric, statements and what is missing, part by part."""
    draft = whole.submission.state == Submission.State.DRAFT
    titles = {row["key"]: row["prompt"] for row in whole.template["questions"]}
    titles |= {row["key"]: row["title"] for row in whole.template["requirements"]}
    return {
        "parts": [_part(whole, part) for part in whole.parts],
        "missing": [{"text": gap.text, "label": Truncator(titles.get(gap.field, "")).chars(70), "part": gap.part} for gap in whole.gaps]
        if draft
        else [],
        "statements": _statements(whole, draft),
        "note": whole.submission.resubmission_note,
        "asks_note": whole.submission.attempt > 1,
        "note_lines": range(FEWEST),
    }  # fmt: skip


def _part(whole: Whole, part: dict[str, Any]) -> dict[str, Any]:
    return {
        **part,
        "answers": [_answer(whole, question) for question in part["questions"]],
        "requirements": [_requirement(whole, row) for row in part["requirements"]],
        "spoken": [pages.shown(one) for one in spoken(whole.artifacts)]
        if part["number"] == Part.REFLECTION
        else [],
    }


def _answer(whole: Whole, question: Mapping[str, Any]) -> dict[str, Any]:
    lines = min(max((question["max_words"] or 0) // WORDS_A_LINE, FEWEST), MOST)
    return {
        "question": question["prompt"],
        "limits": limits(question),
        "text": whole.submission.answers.get(question["key"], ""),
        "lines": range(lines),
    }


def _requirement(whole: Whole, row: dict[str, Any]) -> dict[str, Any]:
    held = [one for one in whole.artifacts if one.requirement == row["key"]]
    return {
        **row,
        "artifacts": [pages.shown(one) for one in held],
        "room": range(max(row["minimum"] - len(held), 0)),
    }


def _statements(whole: Whole, draft: bool) -> list[dict[str, Any]]:
    """As she is asked to confirm them, or as she did."""
    if draft:
        return [
            {"text": row["text"], "done": False} for row in whole.submission.enrolment.version.attestations
        ]
    return [{"text": row["text"], "done": True} for row in whole.submission.attestations]
