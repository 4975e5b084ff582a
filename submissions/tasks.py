"""What happens to evidence in the background. A visit to a decoder may outlive the usual limits of a task."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.models import User
from journal.models import Entry
from submissions import workflow
from submissions.models import Artifact, Content, Submission
from submissions.workflow import likening

LONG = 6 * 3600  # seconds: a video of hours, on a slow machine


@shared_task(time_limit=LONG)
def check(entry_id: str) -> None:
    """Check what arrived."""
    entry = Entry.objects.get(pk=entry_id)
    related = Artifact.objects.select_related("submission__enrolment__micro_credential")
    if artifact := related.filter(pk=entry.subject_id).first():
        workflow.check(artifact)


@shared_task(time_limit=LONG)
def preview(entry_id: str) -> None:
    """Draw what takes long, once the file can already be used."""
    entry = Entry.objects.get(pk=entry_id)
    if content := Content.objects.filter(artifacts__pk=entry.subject_id, previewed_at=None).first():
        workflow.preview(content)


@shared_task
def compare(entry_id: str) -> None:
    """Note what a new submission resembles, for approvers to look at."""
    entry = Entry.objects.get(pk=entry_id)
    if submission := Submission.objects.filter(pk=entry.subject_id).first():
        likening.liken(submission)


@shared_task
def forget_stopped() -> int:
    """Delete what a family stopped and nobody decided about."""
    return workflow.forget_stopped()


@shared_task(time_limit=LONG)
def heal() -> int:
    """Take up checks that got stuck."""
    return workflow.heal()


@shared_task(time_limit=LONG)
def heal_previews() -> int:
    """Draw what nobody drew."""
    due = list(workflow.previews_due())
    for content in due:
        workflow.preview(content)
    return len(due)


@shared_task
def remind() -> int:
    """Remind those who asked for it. Every hour, for it is always morning somewhere."""
    return workflow.remind(timezone.now())


@shared_task(time_limit=LONG)
def sweep_uploads() -> int:
    """Let go of what nobody finished sending."""
    return workflow.sweep_uploads()


@shared_task
def retain() -> int:
    """Warn of deletions that are near, delete what is due, and finish for people who left."""
    for user in workflow.closed_with_something_left():
        workflow.let_go_of_person(user)
    return workflow.warn_of_deletion() + workflow.delete_expired()


@shared_task
def closed(entry_id: str) -> None:
    """Somebody closed her account: her work goes."""
    entry = Entry.objects.get(pk=entry_id)
    workflow.let_go_of_person(User.objects.get(pk=entry.subject_id))
