"""What is told where approvers settle something: readings that differ, and appeals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from celery import shared_task
from django.urls import reverse
from django.utils.formats import date_format

from accounts.models import Membership, User
from journal.models import Entry
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.reaching import TOLD, holding
from notifications.tasks.telling import subject
from review.models import Appeal, Assessment, Assignment
from review.rules import adjudicable_by, may_answer
from submissions.models import Submission


def _tell(
    entry: Entry, submission: Submission, able: Callable[[User], bool], what: str, nobody: str, url: str
) -> None:
    """Those approvers who may; where none may, the issuer's admins are told so, or the platform's."""
    context = {"code": submission.code, "micro_credential": submission.enrolment.version.title}
    people = holding(entry, Membership.Role.APPROVER, able)
    for user in people:
        workflow.notify(entry, user, Kind.ATTENTION, {**context, "what": what}, url)
    if people:
        return
    issuer = submission.enrolment.micro_credential.issuer
    for user in (
        holding(entry, Membership.Role.ADMIN) or User.objects.filter(is_superuser=True, is_active=True)[:TOLD]
    ):
        address = reverse("organization", args=[issuer.slug])
        workflow.notify(entry, user, Kind.ATTENTION, {**context, "what": nobody}, address)


def _submission(entry: Entry) -> Submission:
    related = ("enrolment__version", "enrolment__micro_credential__issuer")
    return Submission.objects.select_related(*related).get(pk=entry.data["submission"])


@shared_task(name="notifications.tasks.adjudication")
def adjudication(entry_id: str) -> None:
    """Two readings differ, or an approver gave their adjudication back: to those who may settle it."""
    entry = Entry.objects.get(pk=entry_id)
    if entry.kind != "review.disagreed" and not _of_an_adjudication(entry):
        return
    waiting = Assessment.objects.filter(
        submission=entry.data["submission"], state=Assessment.State.ADJUDICATION
    )
    if (assessment := waiting.first()) is None:
        return

    def able(user: User) -> bool:
        return user.pk != entry.actor_id and adjudicable_by(user).filter(pk=assessment.pk).exists()

    places: Any = reverse("review-adjudications")
    _tell(entry, _submission(entry), able, "disagreed", "nobody_adjudicates", places)


def _of_an_adjudication(entry: Entry) -> bool:
    return Assignment.objects.filter(pk=entry.subject_id, role=Assignment.Role.ADJUDICATION).exists()


@shared_task(name="notifications.tasks.appeal_opened")
def appeal_opened(entry_id: str) -> None:
    """An educator appeals: to those approvers who were not involved."""
    entry, row = subject(entry_id, Appeal.objects.select_related("submission"))
    if row is not None:
        address = reverse("review-appeal", args=[row.pk])
        _tell(
            entry,
            _submission(entry),
            lambda user: may_answer(user, row),
            "appeal_opened",
            "nobody_hears",
            address,
        )


@shared_task(name="notifications.tasks.appeal")
def appeal(entry_id: str) -> None:
    """The answer is there. Says nothing of who gave it."""
    related = Appeal.objects.select_related("submission__enrolment__earner", "submission__enrolment__version")
    entry, row = subject(entry_id, related)
    if row is not None and row.answered_at:
        context = {
            "micro_credential": row.submission.enrolment.version.title,
            "finding": row.finding,
            "date": date_format(row.answered_at, "DATE_FORMAT"),
        }
        url = reverse("appeal", args=[row.submission_id])
        workflow.notify(entry, row.submission.enrolment.earner, Kind.APPEAL, context, url)
