"""What is told around an attempt besides its outcome: that it came back, and conversations with a coach."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.urls import reverse

from journal.models import Entry
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.telling import subject
from submissions.models import Conversation, Submission
from submissions.rules import coaches_of

MOST = 20  # coaches who are told that somebody asks


@shared_task(name="notifications.tasks.returned")
def returned(entry_id: str) -> None:
    """It came back before it was scored: what is missing. Says nothing of who looked."""
    related = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = subject(entry_id, related)
    if submission and submission.state == Submission.State.DRAFT and submission.returned:
        context = {
            "micro_credential": submission.enrolment.version.title,
            "lacking": submission.returned["lacking"],
            "note": submission.returned["note"],
        }
        url = reverse("submission", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.RETURNED, context, url)


def _conversation(entry_id: str) -> tuple[Entry, Conversation | None, dict[str, Any]]:
    related = Conversation.objects.select_related(
        "enrolment__earner", "enrolment__version", "enrolment__micro_credential", "coach"
    )
    entry, row = subject(entry_id, related)
    title = row.enrolment.version.title if row else ""
    return entry, row, {"step": entry.kind.removeprefix("submissions.coach_"), "micro_credential": title}


@shared_task(name="notifications.tasks.coach_asked")
def coach_asked(entry_id: str) -> None:
    """Somebody asks for a conversation: to the coaches who could take it."""
    entry, row, context = _conversation(entry_id)
    if row is None:
        return
    for user in coaches_of(row.enrolment).order_by("pk")[:MOST]:
        said = {**context, "name": str(row.enrolment.earner)}
        workflow.notify(entry, user, Kind.COACH, said, reverse("conversation", args=[row.pk]))


@shared_task(name="notifications.tasks.coach")
def coach(entry_id: str) -> None:
    """What one of the two did or wrote: to the other."""
    entry, row, context = _conversation(entry_id)
    if row is None or row.coach is None:
        return
    educator = row.enrolment.earner
    by, other = (row.coach, educator) if entry.actor_id == row.coach_id else (educator, row.coach)
    said = {**context, "name": str(by)}
    workflow.notify(entry, other, Kind.COACH, said, reverse("conversation", args=[row.pk]))
