"""What happens to evidence in the background."""

from __future__ import annotations

from celery import shared_task

from journal.models import Entry
from submissions import workflow
from submissions.models import Artifact


@shared_task
def check(entry_id: str) -> None:
    """Check what arrived."""
    entry = Entry.objects.get(pk=entry_id)
    related = Artifact.objects.select_related("submission__enrolment__micro_credential")
    if artifact := related.filter(pk=entry.subject_id).first():
        workflow.check(artifact)
