"""Submissions in review states, made through the verbs of the program."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from accounts.models import User
from catalog.models import MicroCredential
from review import workflow
from review.models import Assignment, Case, Note
from submissions import workflow as submissions
from submissions.models import Fingerprint, Likeness, Submission
from tests import factories
from tests.people import People

ALL_PASS = {
    "context": {"level": 2, "feedback": "Clear picture of the class."},
    "plan": {"level": 3, "feedback": ""},
    "growth": {"level": 2, "feedback": ""},
}
SHOWN = {
    "feedback": "Show how quiet students join.",
    "where": "Minute two.",
    "next_step": "Give every student a card.",
}
BELOW = {**ALL_PASS, "plan": {"level": 2, **SHOWN}}
NAMED: dict[str, Any] = {"strength": "Your questions have many answers.", "next_step": "Wait longer."}


def fill(submission: Submission, earner: User, **answers: str) -> Submission:
    """Complete a draft and submit it."""
    given = {"context": "Twenty six seventh graders", "growth": "I wait much longer", **answers}
    note = "A new plan." if submission.attempt > 1 else None
    submission = submissions.save(
        submission, earner, revision=submission.revision, answers=given, resubmission_note=note
    )
    if not submission.artifacts.exists():
        submissions.add_text(
            submission, earner, requirement="plan", title="Plan of Maya", text="Ask, wait, hand back."
        )
    submission = submissions.submit(submission, earner, ["privacy"])
    workflow.enter(submission)
    return submission


def submitted(
    people: People, earner: User | None = None, micro_credential: MicroCredential | None = None
) -> Submission:
    """A submission waiting at northfield."""
    earner = earner or people.educator
    return fill(submissions.enrol(earner, micro_credential or factories.published(people.northfield)), earner)


def claimed(people: People, **fields: Any) -> Assignment:
    """A claim of `assessor`'s."""
    return workflow.claim(submitted(people, **fields), people.assessor)


def scored(assignment: Assignment, scores: dict[str, dict[str, Any]] | None = None) -> Assignment:
    """A draft that is ready to send."""
    scores = ALL_PASS if scores is None else scores
    return workflow.save(
        assignment, assignment.assessor, revision=assignment.revision, scores=scores, **NAMED
    )


def noted(assignment: Assignment, **more: Any) -> Note:
    """A note on an answer, by the assessor."""
    place = {"question": "growth", "kind": "passage", "place": {"quote": "wait"}}
    return workflow.add_note(assignment, assignment.assessor, **{**place, **more})


def doubted(people: People, newer: Submission, older: Submission) -> dict[str, Any]:
    """The ids of a likeness and of an open case about the newer one."""
    one, other = (Fingerprint.objects.create(submission=row, sha256="0" * 64) for row in (newer, older))
    alike = Likeness.objects.create(newer=one, older=other, kind="same", score=100, own=True)
    day = timezone.localdate() + workflow.PATIENCE
    case = Case.objects.create(submission=newer, opened_by=people.approver, answer_by=day)
    return {"likeness": alike.pk, "case": case.pk}


def appealed(people: People) -> dict[str, Any]:
    """The ids of a decided attempt and of the appeal against it."""
    unit = factories.published(people.northfield, slug="appealed", title="Appealed")
    done = workflow.complete(scored(claimed(people, micro_credential=unit), BELOW), people.assessor)
    reason = "On page two the quiet students do join: look at the second photograph."
    appeal = workflow.open_appeal(done.submission, people.educator, reason)
    return {"decided": done.submission.pk, "appeal": appeal.pk}


def desk(assignment: Assignment) -> str:
    """The desk's address."""
    return f"/review/{assignment.pk}/"
