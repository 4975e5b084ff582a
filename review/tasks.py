"""The clock of claims."""

from __future__ import annotations

import contextlib

from celery import shared_task

from accounts.models import User
from journal.models import Entry
from journal.workflow import TransitionError
from review import workflow
from review.models import Assessment
from submissions.models import Submission


@shared_task(name="review.tasks.lapse_claims")
def lapse_claims() -> int:
    """Remind a day before a claim goes back, and end those past due or standing still; returns how many ended.

    A claim past due that nobody was reminded of (the sweep did not run) still ends: the date was promised.
    """
    ended = 0
    for assignment in list(workflow.ending_soon(workflow.REMIND)):
        with contextlib.suppress(TransitionError):  # completed, given back or saved meanwhile
            if not workflow.remind(assignment):
                workflow.lapse(assignment)
                ended += 1
    return ended


@shared_task(name="review.tasks.escalate_ageing")
def escalate_ageing() -> int:
    """By beat: approvers hear of what nears its promised day undecided, once each."""
    return sum(workflow.escalate(assessment) for assessment in workflow.ageing())


@shared_task
def reckon(entry_id: str) -> None:
    """Something entered the queue or left it decided: promise by what it takes now."""
    rows = Assessment.objects.select_related("version__micro_credential")
    workflow.reckon(rows.get(pk=Entry.objects.get(pk=entry_id).subject_id).version.micro_credential)


@shared_task(name="review.tasks.reckon_all")
def reckon_all() -> int:
    """By beat: the same for every queue, since time passes too."""
    return workflow.reckon_all()


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
def find_reader(entry_id: str) -> None:
    """A reading waits (again): offer it where the issuer wants that, and say at once where nobody may take it."""
    workflow.find_reader(Entry.objects.get(pk=entry_id).data["submission"])


@shared_task(name="review.tasks.find_readers")
def find_readers() -> int:
    """By beat: offers that ran out go on to the next, and whatever found nobody is looked at again."""
    return workflow.find_readers()


@shared_task
def closed(entry_id: str) -> None:
    """Somebody closed her account: her words in cases go, and anchors made of her work end."""
    entry = Entry.objects.get(pk=entry_id)
    user = User.objects.get(pk=entry.subject_id)
    workflow.let_go_of_person(user)
    workflow.let_go_of_appeals(user)
    workflow.let_go_of_quotes(user)
    workflow.end_permissions_of(user)


@shared_task
def seed(entry_id: str) -> None:
    """Real work entered the queue: draw whether a blind anchor follows it."""
    workflow.seed(Assessment.objects.get(pk=Entry.objects.get(pk=entry_id).subject_id))


@shared_task
def stopped(entry_id: str) -> None:
    """A family stopped the use of a recording: anchors that show it are used no more."""
    closed = [one["artifact"] for one in Entry.objects.get(pk=entry_id).data["closed"]]
    workflow.retire_showing(closed)


@shared_task(name="review.tasks.look_after_anchors")
def look_after_anchors() -> int:
    """By beat: anchors that may not be shown any more, copies nobody read, and pauses to tell of or to lift."""
    return workflow.tidy_anchors() + workflow.look_after_licences()


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


@shared_task
def count_comments(entry_id: str) -> None:
    """An attempt was decided: what came of the comments used on the one before."""
    workflow.count_comments(Assessment.objects.get(pk=Entry.objects.get(pk=entry_id).subject_id))


@shared_task(name="review.tasks.publish_quality")
def publish_quality() -> int:
    """Every hour the public pages get the figures of how sound the scoring is; returns how many changed."""
    return workflow.publish_quality()
