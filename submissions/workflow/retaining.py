"""How long evidence is kept: a clock from the issuer's policy, a warning, holds, and then the deletion."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, record
from submissions.models import Artifact, Hold, Policy, Submission
from submissions.models.policy import RETENTION_DAYS, WARNING_DAYS
from submissions.workflow.forgetting import delete_bytes
from submissions.workflow.keeping import HOLDING
from submissions.workflow.table import UNDER_WAY

BATCH = 500


def retention_days(organisation_id: UUID) -> int:
    """The issuer's days, or the default's."""
    days = (
        Policy.objects.filter(organisation=organisation_id).values_list("retention_days", flat=True).first()
    )
    return RETENTION_DAYS if days is None else days


def start_clock(submission: Submission) -> date:
    """From the decision (or from leaving) on, its evidence is kept for so many days. In the caller's transaction."""
    issuer = submission.enrolment.micro_credential.issuer_id
    day = timezone.now().date() + timedelta(days=retention_days(issuer))
    # What is still on its way in has its day too: it may be ready tomorrow.
    Artifact.objects.filter(submission=submission, state__in=[*HOLDING, *UNDER_WAY]).update(delete_on=day)
    return day


def unheld() -> QuerySet[Artifact]:
    """Evidence whose clock runs and that no legal hold stops."""
    holds = Hold.objects.filter(submission=OuterRef("submission"), lifted_at=None)
    return Artifact.objects.filter(~Exists(holds), state__in=HOLDING, delete_on__isnull=False)


def warn_of_deletion() -> int:
    """Tell each educator once an attempt, `WARNING_DAYS` before its evidence goes."""
    day = timezone.now().date() + timedelta(days=WARNING_DAYS)
    rows = unheld().filter(delete_on__lte=day, warned_at=None).order_by("delete_on")[:BATCH]
    concerned = Submission.objects.filter(pk__in={row.submission_id for row in rows})
    for submission in concerned.select_related("enrolment__micro_credential"):
        with transaction.atomic():
            told = unheld().filter(submission=submission, delete_on__lte=day, warned_at=None)
            if number := told.update(warned_at=timezone.now()):
                issuer = submission.enrolment.micro_credential.issuer_id
                record(
                    "submissions.deletion_near", submission, organisation_id=issuer, data={"files": number}
                )
    return len(concerned)


def delete_expired() -> int:
    """Delete what is due; never without `WARNING_DAYS` since the warning, however late that was."""
    now = timezone.now()
    due = unheld().filter(delete_on__lte=now.date(), warned_at__lte=now - timedelta(days=WARNING_DAYS))
    rows = due.select_related("submission__enrolment__micro_credential").order_by("delete_on")[:BATCH]
    for artifact in rows:
        delete_bytes(artifact, None, "retention")
    return len(rows)


def hold(submission: Submission, user: User, reason: str) -> Hold:
    """Keep this attempt's evidence from being deleted, by anybody, until the hold is lifted."""
    if not reason.strip():
        raise GuardError(_("Say why it is held."), {"reason": [_("Say why it is held.")]})
    with transaction.atomic():
        if Hold.objects.select_for_update().filter(submission=submission, lifted_at=None).exists():
            raise GuardError(_("This attempt is already under a hold."))
        row = Hold.objects.create(submission=submission, reason=reason.strip(), placed_by=user)
        record("submissions.held", submission, actor=user, data={"hold": row.pk})
    return row


def lift(row: Hold, user: User) -> None:
    """End a hold; the clock goes on, and a warning that is older than its evidence's last day is given again."""
    with transaction.atomic():
        if not Hold.objects.filter(pk=row.pk, lifted_at=None).update(lifted_at=timezone.now()):
            raise GuardError(_("This hold was already lifted."))
        Artifact.objects.filter(submission=row.submission_id, state__in=HOLDING).update(warned_at=None)
        record("submissions.hold_lifted", row.submission, actor=user, data={"hold": row.pk})
