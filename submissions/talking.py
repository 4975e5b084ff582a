"""What a conversation with a coach is about: the attempt that was not yet, and its outcome in words."""

from __future__ import annotations

from typing import Any

from catalog.queries.template import template_of
from submissions.models import Conversation, Outcome, Submission
from submissions.pages import outcome

WORDS = ("criterion_id", "level", "passed", "feedback", "next_step", "carried_from")


def attempt_of(row: Conversation) -> Submission | None:
    """The attempt that brought the two together."""
    return Submission.objects.filter(enrolment=row.enrolment_id, attempt=row.after).first()


def newest_of(row: Conversation) -> Submission | None:
    """Where the educator goes on from here."""
    return Submission.objects.filter(enrolment=row.enrolment_id).order_by("-attempt").first()


def outcomes_of(row: Conversation, attempt: Submission) -> list[dict[str, Any]]:
    """Levels and words, without the places: those lead into the evidence."""
    found = Outcome.objects.filter(submission=attempt).values(*WORDS)
    given: dict[str, dict[str, Any]] = {str(one["criterion_id"]): {**one} for one in found}
    rows = template_of(row.enrolment.version)["criteria"]
    return [outcome(one, given[one["id"]]) for one in rows if one["id"] in given]
