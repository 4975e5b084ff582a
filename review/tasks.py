"""The clock of claims."""

from __future__ import annotations

import contextlib

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from journal.models import Entry
from journal.workflow import TransitionError
from review import workflow
from review.models import Assignment
from submissions.models import Submission


@shared_task(name="review.tasks.lapse_claims")
def lapse_claims() -> int:
    """Remind a day before a claim is due, and end those past due; returns how many ended.

    A claim past due that nobody was reminded of (the sweep did not run) still ends: the date was promised.
    """
    now = timezone.now()
    held = Assignment.objects.filter(state=Assignment.State.CLAIMED).select_related(
        "submission__enrolment__micro_credential"
    )
    for assignment in held.filter(reminded_at=None, due__gt=now, due__lte=now + workflow.REMIND):
        workflow.remind(assignment)
    ended = 0
    for assignment in held.filter(due__lte=now):
        with contextlib.suppress(TransitionError):  # completed or given back meanwhile
            workflow.lapse(assignment)
            ended += 1
    return ended


@shared_task
def enter(entry_id: str) -> None:
    """An attempt was submitted: it enters the queue."""
    submission = Submission.objects.get(pk=Entry.objects.get(pk=entry_id).subject_id)
    with contextlib.suppress(TransitionError):  # taken back meanwhile
        workflow.enter(submission)


@shared_task
def leave(entry_id: str) -> None:
    """The educator took an attempt back: it leaves the queue."""
    workflow.leave(Submission.objects.get(pk=Entry.objects.get(pk=entry_id).subject_id))


@shared_task
def closed(entry_id: str) -> None:
    """Somebody closed her account: her words in cases go."""
    entry = Entry.objects.get(pk=entry_id)
    workflow.let_go_of_person(User.objects.get(pk=entry.subject_id))


@shared_task(name="review.tasks.fold")
def fold(_entry_id: str = "") -> int:
    """What was decided goes into the figures: at once, and by beat what was missed."""
    return workflow.fold()


@shared_task
def fold_rating(entry_id: str) -> None:
    """Somebody said how useful her feedback was."""
    workflow.fold_rating(Submission.objects.get(pk=Entry.objects.get(pk=entry_id).subject_id))


@shared_task(name="review.tasks.recount")
def recount() -> int:
    """Every night the figures are compared with the scores; returns how many rows were wrong."""
    return sum(workflow.recount().values())
