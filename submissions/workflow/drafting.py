"""Working on a draft: texts with a revision, so that no save overwrites another."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError, TransitionError
from submissions.checklist import AI, NOTE, TEAM, text_problem
from submissions.models import Submission
from submissions.workflow.table import check_earner, lock_draft

ANSWER_MAX = 40_000  # characters; the longest answer asked for is about 6,000
NOTE_MAX = 5_000


class StaleRevision(TransitionError):
    """Somebody (the same person in another tab) saved in between: carries what is stored now."""

    def __init__(self, submission: Submission) -> None:
        message = _("This page was saved somewhere else in the meantime. Both texts are kept.")
        super().__init__(message, state=submission.state, code="stale")
        self.revision = submission.revision
        self.answers: dict[str, str] = dict(submission.answers)
        self.resubmission_note = submission.resubmission_note
        self.ai_use = submission.ai_use
        self.contribution = submission.contribution


def save(
    submission: Submission,
    user: User,
    *,
    revision: int,
    answers: Mapping[str, str],
    resubmission_note: str | None = None,
    ai_use: str | None = None,
    contribution: str | None = None,
) -> Submission:
    """Keep what she typed. A save that does not know the latest revision raises `StaleRevision`."""
    check_earner(submission, user)
    given = {NOTE: resubmission_note, AI: ai_use, TEAM: contribution}
    beside = {name: text for name, text in given.items() if text is not None}
    _check_texts(submission, answers, beside)
    with transaction.atomic():
        current = lock_draft(submission)
        if current.revision != revision:
            raise StaleRevision(current)
        current.answers = {**current.answers, **answers}
        for name, text in beside.items():
            setattr(current, name, text)
        current.revision += 1
        current.saved_at = timezone.now()
        current.save(update_fields=["answers", *beside, "revision", "saved_at"])
    for name in ("answers", *given, "revision", "saved_at"):
        setattr(submission, name, getattr(current, name))
    return submission


def _check_texts(submission: Submission, answers: Mapping[str, Any], beside: Mapping[str, Any]) -> None:
    known = {question["key"] for question in template_of(submission.enrolment.version)["questions"]}
    errors: dict[str, list[Any]] = {}
    for key, text in answers.items():
        if key not in known:
            errors[key] = [_("There is no such question.")]
        elif problem := text_problem(text, ANSWER_MAX):
            errors[key] = [problem]
    for name, text in beside.items():
        if problem := text_problem(text, NOTE_MAX):
            errors[name] = [problem]
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors)
