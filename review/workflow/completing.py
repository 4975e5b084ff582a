"""Sending a reading, and what follows from it: a decision, a second reading, an adjudication."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError
from review import rules
from review.models import Assessment, Assignment
from review.queries import Line, rubric
from review.workflow.adjudicating import adopt_places
from review.workflow.claiming import want_second
from review.workflow.completeness import guard_checked
from review.workflow.drafting import StaleDraft, held
from review.workflow.licensing import finish_calibration
from review.workflow.settling import deliver, settle
from review.workflow.table import change, lock_assessment


def complete(assignment: Assignment, user: User, revision: int | None = None) -> Assignment:
    """Send a reading: what is wanted is then decided, waits for a second reading, or for an approver.

    With `revision` it sends only what was previewed: a draft that changed since is refused.
    """
    with transaction.atomic():
        row = held(assignment, user)
        if revision is not None and row.revision != revision:
            raise StaleDraft(row)
        adjudicates = row.role == Assignment.Role.ADJUDICATION
        if adjudicates:
            adopt_places(row)
        if errors := missing(row, rubric(row)):
            raise GuardError(_("This review is not finished yet."), errors, state=row.state)
        if row.calibration:
            change("complete", row, user)
            finish_calibration(row.calibration)
            return row
        assessment = lock_assessment(row.submission)
        if assessment is None:
            raise GuardError(_("This submission is no longer being assessed."), state=row.state)
        if adjudicates:
            change("complete", row, user)
            deliver(assessment, row, user, Assessment.Settled.ADJUDICATED)
            return row
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
        elif not line.passed and not assignment.calibration_id:
            errors |= _lacking(line)
    if assignment.calibration_id:  # nobody reads texts on an anchor
        return errors
    if not assignment.strength.strip():
        errors["strength"] = [_("Name one strength you saw.")]
    if not assignment.next_step.strip():
        errors["next_step"] = [_("Name one next step.")]
    return errors


def _lacking(line: Line) -> dict[str, list[Any]]:
    """Below the passing level an educator needs what was seen, where, and one next step."""
    title = {"title": line.title}
    errors: dict[str, list[Any]] = {}
    if not line.feedback.strip():
        errors[f"feedback-{line.key}"] = [_("Say what you saw for “%(title)s”.") % title]
    if not line.where.strip() and not line.cited:
        words = _("Say where you saw it for “%(title)s”: cite a note, or write the place.")
        errors[f"where-{line.key}"] = [words % title]
    if not line.next_step.strip():
        errors[f"next-{line.key}"] = [_("Name one next step for “%(title)s”.") % title]
    return errors
