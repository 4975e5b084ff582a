"""What is told around assessment: to approvers, assessors and educators. One task a kind of entry."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import Membership, User
from journal.models import Entry
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.reaching import holding
from notifications.tasks.telling import subject
from review.models import Assessment, Licence, Permission
from review.rules import people_close_to
from submissions.models import Submission

# Journal kind → where an approver goes on from there.
PLACES = {
    "review.escalated": "review-attention",
    "review.nobody_left": "review-giving",
    "review.licence_paused": "review-assessors",
    "review.permission_given": "review-anchors",
}


def approvers_of(entry: Entry, earner_id: Any = None) -> list[User]:
    """Approvers of the entry's organisation who are not close to this educator; its admins where there is none."""
    for role in (Membership.Role.APPROVER, Membership.Role.ADMIN):
        if people := holding(entry, role, lambda user: not _close(user, earner_id)):
            return people
    return []


def _close(user: User, earner_id: Any) -> bool:
    return earner_id is not None and people_close_to(user).filter(pk=earner_id).exists()


@shared_task(name="notifications.tasks.attention")
def attention(entry_id: str) -> None:
    """Something in the reviews needs an approver. Says which submission by its code, never whose."""
    entry = Entry.objects.get(pk=entry_id)
    submission = (
        Submission.objects.filter(pk=entry.data.get("submission"))
        .select_related("enrolment__version")
        .first()
        if entry.data.get("submission")
        else None
    )
    context = {
        "what": entry.kind.removeprefix("review."),
        "code": submission.code if submission else "",
        "micro_credential": submission.enrolment.version.title if submission else entry.data.get("title", ""),
        "until": date_format(submission.promised_on) if submission and submission.promised_on else "",
    }
    earner = submission.enrolment.earner_id if submission else None
    for user in approvers_of(entry, earner):
        workflow.notify(entry, user, Kind.ATTENTION, context, reverse(PLACES[entry.kind]))


@shared_task(name="notifications.tasks.offer")
def offer(entry_id: str) -> None:
    """A reading is kept for an assessor: offered by the platform, or assigned by an approver."""
    entry, row = subject(entry_id, Assessment.objects.select_related("submission", "version", "reserved_for"))
    if row is None or row.reserved_for is None or str(row.reserved_for_id) != entry.data["assessor"]:
        return
    context = {
        "what": entry.kind.removeprefix("review."),
        "code": row.submission.code,
        "micro_credential": row.version.title,
        "until": date_format(row.reserved_until, "DATE_FORMAT"),
    }
    workflow.notify(entry, row.reserved_for, Kind.OFFER, context, reverse("review-queue"))


@shared_task(name="notifications.tasks.licence")
def licence(entry_id: str) -> None:
    """To an assessor: she qualified, her readings get a second one for now, no longer, or her licence ended."""
    entry, row = subject(entry_id, Licence.objects.select_related("assessor", "version"))
    if row:
        context = {"what": entry.kind.removeprefix("review."), "micro_credential": row.version.title}
        workflow.notify(entry, row.assessor, Kind.LICENCE, context, reverse("review-calibration"))


@shared_task(name="notifications.tasks.permission")
def permission(entry_id: str) -> None:
    """To an educator: may her work train assessors?"""
    related = Permission.objects.select_related(
        "submission__enrolment__earner", "submission__enrolment__micro_credential__issuer"
    )
    entry, row = subject(entry_id, related)
    if row and row.submission.enrolment.earner.closed_at is None:
        enrolment = row.submission.enrolment
        context = {
            "micro_credential": enrolment.micro_credential.title,
            "issuer": enrolment.micro_credential.issuer.name,
        }
        url = reverse("anchor-permission", args=[row.pk])
        workflow.notify(entry, enrolment.earner, Kind.PERMISSION, context, url)
