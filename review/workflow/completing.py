"""Sending a reading, and what follows from it: a decision, a second reading, an adjudication."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError
from review import rules
from review.models import Assignment
from review.queries import Line, rubric
from review.workflow.claiming import want_second
from review.workflow.completeness import guard_checked
from review.workflow.drafting import StaleDraft, held
from review.workflow.settling import settle
from review.workflow.table import change, lock_assessment


def complete(assignment: Assignment, user: User, revision: int | None = None) -> Assignment:
    """Send a reading: what is wanted is then decided, waits for a second reading, or for an approver.

    With `revision` it sends only what was previewed: a draft that changed since is refused.
    """
    with transaction.atomic():
        row = held(assignment, user)
        if revision is not None and row.revision != revision:
            raise StaleDraft(row)
        if errors := missing(row, rubric(row)):
            raise GuardError(_("This review is not finished yet."), errors, state=row.state)
        assessment = lock_assessment(row.submission)
        if assessment is None:
            raise GuardError(_("This submission is no longer being assessed."), state=row.state)
        guard_checked(row, assessment)
        if (
            assessment.wanted == 1
            and not assessment.anchor_id
            and rules.is_paused(user, assessment.version_id)
        ):
            want_second(assessment)
            assessment.save()
        change("complete", row, user)
        settle(assessment, user)
    return row


def missing(assignment: Assignment, lines: list[Line]) -> dict[str, list[Any]]:
    """What stands between this draft and its decision: field of the desk → what to do about it."""
    errors: dict[str, list[Any]] = {}
    for line in lines:
        if line.locked:
            continue
        if line.level is None:
            errors[f"level-{line.key}"] = [_("Choose a level for “%(title)s”.") % {"title": line.title}]
        elif not line.passed and not line.feedback.strip():
            message = _("Say what is missing for “%(title)s”: feedback is required below the passing level.")
            errors[f"feedback-{line.key}"] = [message % {"title": line.title}]
    if not assignment.strength.strip():
        errors["strength"] = [_("Name one strength you saw.")]
    if not assignment.next_step.strip():
        errors["next_step"] = [_("Name one next step.")]
    return errors
