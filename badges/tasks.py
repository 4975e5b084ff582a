"""Ids → verb."""

from __future__ import annotations

import logging

from celery import shared_task

from badges import queries, workflow
from badges.models import Award
from badges.openbadges.documents import BadgeDataError
from badges.openbadges.keys import SigningKeyError
from badges.openbadges.text import TextError
from journal.models import Entry
from submissions.models import Submission

logger = logging.getLogger(__name__)
BATCH = 200


@shared_task
def award(entry_id: str) -> None:
    """A submission earned its badge."""
    entry = Entry.objects.get(pk=entry_id)
    if submission := Submission.objects.filter(pk=entry.subject_id).first():
        workflow.award(submission)


@shared_task
def heal() -> int:
    """Award what was earned and has no badge yet; one that fails does not hold up the others."""
    done = 0
    for submission in queries.earned_without_award()[:BATCH]:
        try:
            workflow.award(submission)
            done += 1
        except (BadgeDataError, SigningKeyError, TextError, OSError):
            logger.exception("no badge for submission %s", submission.pk)
    return done


@shared_task
def closed(entry_id: str) -> None:
    """Somebody closed her account: her badges stay valid for whoever has the file, and are shown to nobody here."""
    entry = Entry.objects.get(pk=entry_id)
    for row in Award.objects.filter(earner__pk=entry.subject_id).select_related("earner"):
        workflow.set_visibility(row, row.earner, Award.Visibility.PRIVATE, "")
