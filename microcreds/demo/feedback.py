"""What the demonstration's assessors write, criterion by criterion of one micro-credential, and the places they cite."""

from __future__ import annotations

import hashlib
from typing import Any

from catalog.models import Criterion, Question
from review import workflow as review
from review.models import Assignment
from submissions.models import Artifact

# criterion → what is seen where it passes; what is seen, where and what next where it does not
PASSING = {
    "overview": "You quote two answers and read the habit behind each, and every source has its reason to be there.",
    "modeled": "You leave the page within seconds, say why each tab opens, and let the doubt be heard.",
    "practice": "Students compare two sources and say what each adds; your prompts keep the verdict with them.",
    "reasoning-grew": "All three later answers name who is behind the source and cite something found elsewhere.",
    "reflection": "You show a move that was named and not made, and draw the next lesson from it.",
}
BELOW = {
    "overview": (
        "The habit is named, but no answer of a student is quoted for it.",
        "In the first answer of Part 1, where the first task is described.",
        "Quote two answers word for word, and say under each what the student looked at.",
    ),
    "modeled": (
        "You open other tabs, but the moves are not named, and the result is known from the start.",
        "In the plan under “Moves I will use”, and in the second half of the recording.",
        "Take a source you have never seen and say aloud why you leave it and what you hope to find.",
    ),
    "practice": (
        "Students search, and most of them stop at the first result.",
        "In the recording, when the tables begin to work.",
        "Ask each pair for a second source and for one thing that it adds to the first.",
    ),
    "reasoning-grew": (
        "The later answers mention another source; for one student it is missing what that source said.",
        "In the second of the before-and-after tasks.",
        "Return that task with one question: what did the other page say, and does it change your mind?",
    ),
    "reflection": (
        "The reflection tells how engaged the class was; no student’s work shows a move that was named and not made.",
        "In the first half of the reflection.",
        "Choose one student’s paper, mark the move she names and does not make, and write your next step from it.",
    ),
}
STRENGTH = "Your students see you change your mind about a source, and you tell them what changed it."
NEXT = "Let a student lead the next think-aloud, and note which move the others ask about."
ADJUDICATED = "Both readings see the same lesson and weigh it differently. Read against the rubric’s words:"
REGION = {"page": 1, "x": 0.08, "y": 0.12, "width": 0.7, "height": 0.16}


def scores(levels: str, criteria: list[Criterion], before: str = "") -> dict[str, dict[str, Any]]:
    """A digit a criterion, in their order; `-` where nothing is to be scored."""
    found = {}
    for digit, criterion in zip(levels, criteria, strict=True):
        if digit == "-":
            continue
        level = int(digit)
        if level >= criterion.passing:
            found[criterion.key] = {"level": level, "feedback": f"{before} {PASSING[criterion.key]}".strip()}
            continue
        seen, where, step = BELOW[criterion.key]
        found[criterion.key] = {
            "level": level, "feedback": f"{before} {seen}".strip(), "where": where, "next_step": step,
        }  # fmt: skip
    return found


def why(criterion: Criterion, level: int) -> str:
    """The justification of a true level."""
    if level >= criterion.passing:
        return f"At the passing level. {PASSING[criterion.key]}"
    return f"One step short. {BELOW[criterion.key][0]}"


def point_at(assignment: Assignment, criterion: Criterion, text: str) -> None:
    """A note for the educator at one place of the evidence this criterion is about, cited by its score."""
    wanted = criterion.requirements.values_list("key", flat=True)
    rows = Artifact.objects.filter(submission=assignment.submission, requirement__in=list(wanted))
    artifact = rows.order_by("-content_type", "created").first()
    at = _place_in(artifact) if artifact else _place_in_answer(assignment, criterion)
    said: dict[str, Any] = {"criterion": criterion.key, "text": text, "shared": True, "cited": True}
    review.add_note(assignment, assignment.assessor, **at, **said)


def _place_in(artifact: Artifact) -> dict[str, Any]:
    if artifact.content_type.startswith(("video/", "audio/")):
        return {"kind": "time", "place": {"start": 1, "end": 3}, "artifact": artifact.pk}
    if artifact.text:
        return {"kind": "passage", "place": {"quote": first_sentence(artifact.text)}, "artifact": artifact.pk}
    return {"kind": "region", "place": REGION, "artifact": artifact.pk}


def _place_in_answer(assignment: Assignment, criterion: Criterion) -> dict[str, Any]:
    question = Question.objects.filter(version=criterion.version_id, part=criterion.part).order_by("order")[0]
    quote = first_sentence(assignment.submission.answers[question.key])
    return {"kind": "passage", "place": {"quote": quote}, "question": question.key}


def first_sentence(text: str) -> str:
    return text.partition(". ")[0]


def steady(key: object, low: int, high: int) -> int:
    """A number between the two that is the same each time: the demonstration is no game of chance."""
    digest = hashlib.sha256(str(key).encode()).digest()
    return low + int.from_bytes(digest[:4]) % (high - low + 1)
