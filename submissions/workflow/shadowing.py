"""Blind copies of attempts, for anchors: nobody's, never decided, and out of every list and count."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.workflow import keeper
from journal.workflow import GuardError
from submissions.models import Artifact, Content, Enrolment, Submission
from submissions.models.consent import Purpose
from submissions.rules import covered_whole
from submissions.workflow.forgetting import delete_bytes
from submissions.workflow.keeping import HOLDING
from submissions.workflow.table import COPIED, Evidence, State, lock_classes, move, new_code

TEXTS = ("answers", "ai_use", "contribution")
# What would lead from a copy back to other people's work.
TIES = ("team_id", "reused_from_id", "content_id")


def shadow(
    source: Submission, *, waiting: bool = False, at: datetime | None = None, promised_on: date | None = None
) -> Submission:
    """A copy under a code of its own, as a first attempt of nobody's; `waiting` for a reading, as if handed in `at`.

    Only where every piece of evidence is there and covered for calibration. Bytes, forms and classes are the same ones, so that
    a family's stop closes the copy too.
    """
    at = at or timezone.now()
    with transaction.atomic():
        rows = Artifact.objects.filter(submission=source)
        lock_classes(rows)
        held = rows.exclude(content=None).values("content")
        list(Content.objects.select_for_update().filter(pk__in=held).order_by("pk"))
        if not covered_whole(source, Purpose.CALIBRATION):
            raise GuardError(
                _(
                    "Not everything in this submission may be used to train assessors, or it is not there any more."
                )
            )
        new = Submission.objects.create(
            enrolment=_enrolment(source), code=new_code(), anchor=True, submitted_at=at, promised_on=promised_on,
            state=State.SUBMITTED if waiting else State.WITHDRAWN,
            **{name: getattr(source, name) for name in TEXTS},
        )  # fmt: skip
        later = at - (source.submitted_at or at)
        Artifact.objects.bulk_create(_copy(row, new, later) for row in rows.filter(state=Evidence.READY))
    return new


def _enrolment(source: Submission) -> Enrolment:
    """A place of the keeper's that was left, so that no rule about who works on what meets it."""
    joined = source.enrolment
    return Enrolment.objects.create(
        earner=keeper(), micro_credential_id=joined.micro_credential_id, version_id=joined.version_id,
        state=Enrolment.State.LEFT,
    )  # fmt: skip


def _copy(row: Artifact, new: Submission, later: timedelta) -> Artifact:
    """The same piece; the day a page was copied moves along, or it would tell that the work is older than it says."""
    taken: dict[str, Any] = {name: getattr(row, name) for name in COPIED if name not in TIES}
    if row.captured_at:
        taken["captured_at"] = row.captured_at + later
    return Artifact(submission=new, content_id=row.content_id, **taken)


def conclude_anchor(submission: Submission, actor: User | None) -> Submission:
    """A copy was read, or is not wanted any more: no outcome, nobody is told, and its evidence is let go of."""
    if not submission.anchor:
        raise GuardError(_("This submission is somebody's: it gets an outcome."), state=submission.state)
    with transaction.atomic():
        move(submission, "conclude_anchor", actor)
        let_go_of_copy(submission)
    return submission


def let_go_of_copy(submission: Submission) -> None:
    """Its hold on the bytes ends; the attempt it was copied from keeps its own."""
    if not submission.anchor:
        raise GuardError(_("This submission is somebody's own."), state=submission.state)
    related = Artifact.objects.select_related("submission__enrolment__micro_credential")
    with transaction.atomic():
        for artifact in related.filter(submission=submission, state__in=HOLDING):
            delete_bytes(artifact, None, "anchor")
        Submission.objects.filter(pk=submission.pk).update(answers={}, ai_use="", contribution="")
