"""Where a piece of evidence goes in a draft: is there such a requirement, is there room, what is it read for?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.queries.template import template_of
from journal.workflow import GuardError, TransitionError
from submissions.checklist import text_problem
from submissions.models import Artifact, Submission
from submissions.models.evidence import SPOKEN
from submissions.workflow.table import WORDS, State, check_earner, lock_draft

TITLE_MAX = 160


def check_place(
    submission: Submission, user: User, requirement: str, criteria: Collection[str], title: str
) -> None:
    """Before any byte is read: is this a draft of hers, and is there room for one more?"""
    check_earner(submission, user)
    if submission.state != State.DRAFT:
        raise TransitionError(WORDS[State(submission.state)], state=submission.state)
    template = template_of(submission.enrolment.version)
    wanted = requirement_of(template, requirement)
    if wanted is None:
        raise GuardError(
            _("Choose what this is evidence of."), {"requirement": [_("There is no such requirement.")]}
        )
    _check_room(submission, wanted)
    known = {criterion["key"] for criterion in template["criteria"]}
    if unknown := set(criteria) - known:
        words = _("There is no criterion “%s”.") % min(unknown)
        raise GuardError(words, {"criteria": [words]})
    if problem := text_problem(title, TITLE_MAX):
        raise GuardError(problem, {"title": [problem]})


def holding(submission: Submission) -> QuerySet[Artifact]:
    """The evidence that takes up room: what was refused or deleted does not."""
    return Artifact.objects.filter(submission=submission).exclude(
        state__in=[Artifact.State.REJECTED, Artifact.State.DELETED]
    )


def requirement_of(template: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """A requirement of Part 2 by its key; a spoken reflection stands beside Part 3, once."""
    if key == SPOKEN:
        return {"key": SPOKEN, "title": _("Spoken reflection"), "minimum": 0, "maximum": 1}
    return next((row for row in template["requirements"] if row["key"] == key), None)


def _check_room(submission: Submission, requirement: Mapping[str, Any]) -> None:
    number = holding(submission).filter(requirement=requirement["key"]).count()
    if number >= requirement["maximum"]:
        words = _("“%(title)s” already has %(number)d: remove one to add another.") % {
            "title": requirement["title"],
            "number": number,
        }
        raise GuardError(words, {"requirement": [words]})


def attach(submission: Submission, requirement: str, criteria: Collection[str], **fields: Any) -> Artifact:
    """The row. Room is counted again under the lock, so that two uploads at once do not overfill it."""
    with transaction.atomic():
        current = lock_draft(submission)
        template = template_of(current.enrolment.version)
        if wanted := requirement_of(template, requirement):
            _check_room(submission, wanted)
        number = Artifact.objects.filter(submission=submission).count()
        before = _replaced(current, requirement)
        return Artifact.objects.create(
            submission=submission,
            requirement=requirement,
            criteria=_tags(template, requirement, criteria),
            order=number,
            before=before,
            origin=Artifact.Origin.REPLACED if before else Artifact.Origin.NEW,
            **fields,
        )


def _replaced(submission: Submission, requirement: str) -> Artifact | None:
    """What of the last attempt's evidence for this was taken out and has no successor yet."""
    if submission.attempt == 1:
        return None
    last = Artifact.objects.filter(
        submission__enrolment=submission.enrolment_id,
        submission__attempt=submission.attempt - 1,
        requirement=requirement,
    )
    followed = Artifact.objects.filter(submission=submission, before__isnull=False).values("before")
    return last.exclude(pk__in=followed).order_by("order", "created").first()


def _tags(template: Mapping[str, Any], requirement: str, criteria: Collection[str]) -> list[str]:
    """The criteria this is read for, in the rubric's order; untagged evidence counts for all of its requirement."""
    return [
        row["key"]
        for row in template["criteria"]
        if (row["key"] in criteria if criteria else requirement in row["requirements"])
    ]
