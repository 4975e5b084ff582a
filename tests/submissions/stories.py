"""Attempts brought to a state by the verbs that lead there."""

from __future__ import annotations

from accounts.models import User
from catalog.models import Criterion, MicroCredential
from submissions import workflow
from submissions.models import Submission
from tests import factories
from tests.papers import PDF

__all__ = ["FULL", "PDF", "complete", "decided", "outcomes", "submitted"]
FULL = {"context": "Twenty six curious children", "growth": "I wait much longer now"}


def complete(person: User, unit: MicroCredential) -> Submission:
    """A draft with everything in it."""
    draft = workflow.enrol(person, unit)
    workflow.save(draft, person, revision=draft.revision, answers=FULL)
    workflow.add_text(draft, person, requirement="plan", text="First we look, then we talk.")
    return draft


def submitted(person: User, unit: MicroCredential) -> Submission:
    """One that waits."""
    return workflow.submit(complete(person, unit), person, ["privacy"])


def outcomes(submission: Submission, *, below: str = "") -> list[workflow.OutcomeData]:
    """Levels for every criterion; `below` names one that is not there yet."""
    criteria = Criterion.objects.filter(version=submission.enrolment.version)
    return [
        workflow.OutcomeData(
            one.pk,
            one.passing - (one.key == below),
            one.key != below,
            "Show where students answer one another." if one.key == below else "",
        )
        for one in criteria
    ]


def decided(person: User, unit: MicroCredential, *, below: str = "") -> Submission:
    """One with its outcome."""
    submission = submitted(person, unit)
    assessor = factories.user()
    workflow.begin_review(submission, assessor)
    given = outcomes(submission, below=below)
    workflow.decide(
        submission, assessor, outcomes=given, strength="A clear plan.", next_step="Film one talk."
    )
    return submission
