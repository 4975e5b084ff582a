"""What follows from the journal for people: one task a kind of entry, each telling whoever is concerned, once."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Invitation, Membership, User
from accounts.workflow import invitation_url
from badges.models import Award
from journal.models import Entry
from notifications import queries, workflow
from notifications.models import Kind, Message, Question
from review.models import Assignment
from submissions import queries as submissions
from submissions.models import Enrolment, Milestone, Submission

SWEEP = 200
RECEIPT_FIELDS = ("name", "url", "title", "size", "sha256", "received_sha256")


def _subject(entry_id: str, related: Any) -> tuple[Entry, Any]:
    """The entry and its subject; the subject is None where it is gone by now."""
    entry = Entry.objects.get(pk=entry_id)
    return entry, related.filter(pk=entry.subject_id).first()


@shared_task
def send(message_id: str) -> None:
    """Send one mail now."""
    message = Message.objects.filter(pk=message_id).first()
    if message:
        workflow.send(message)


@shared_task
def send_due() -> int:
    """Send what waits: mails put off, and those whose task got lost."""
    return sum(workflow.send(message) for message in queries.due()[:SWEEP])


@shared_task
def welcome(entry_id: str) -> None:
    """To a new account."""
    entry, user = _subject(entry_id, User.objects.all())
    if user:
        workflow.notify(entry, user, Kind.WELCOME, {}, reverse("my"))


@shared_task
def submitted(entry_id: str) -> None:
    """The receipt: what was sent, file by file."""
    submissions = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = _subject(entry_id, submissions)
    if submission:
        context = {
            "micro_credential": submission.enrolment.version.title,
            "code": submission.code,
            "attempt": submission.attempt,
            "date": date_format(submission.submitted_at or entry.created, "DATE_FORMAT"),
            "manifest": [
                {name: row.get(name, "") for name in RECEIPT_FIELDS}
                for row in submission.manifest.get("artifacts", [])
            ],
            "promised": date_format(submission.promised_on, "DATE_FORMAT") if submission.promised_on else "",
            "seal": submission.seal,
        }
        url = reverse("submission-receipt", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.SUBMITTED, context, url)


@shared_task
def evidence(entry_id: str) -> None:
    """A file she sent cannot be used: why, and what to do. One that family or issuer closed is told of elsewhere."""
    related = Artifact.objects.select_related(
        "submission__enrolment__earner", "submission__enrolment__version"
    )
    entry, artifact = _subject(entry_id, related)
    if artifact and artifact.problem_code and artifact.submission.state == Submission.State.DRAFT:
        context = {
            "micro_credential": artifact.submission.enrolment.version.title,
            "name": artifact.title,
            "problem": artifact.problem,
        }
        url = reverse("submission", args=[artifact.submission_id]) + "#part-2"
        workflow.notify(entry, artifact.submission.enrolment.earner, Kind.EVIDENCE, context, url)


@shared_task
def decided(entry_id: str) -> None:
    """The decision is there. Says nothing of who assessed."""
    submissions = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = _subject(entry_id, submissions)
    if submission:
        context = {
            "micro_credential": submission.enrolment.version.title,
            "outcome": submission.state,
            "strength": submission.strength,
            "next_step": submission.next_step,
        }
        url = reverse("submission", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.DECIDED, context, url)


@shared_task
def reminder(entry_id: str) -> None:
    """What she asked to be reminded of, unless it is done by now, with the one next step and the way to stop it."""
    entry, enrolment = _subject(entry_id, Enrolment.objects.select_related("earner", "version"))
    if enrolment is None:
        return
    item = submissions.work_of(Q(enrolment=enrolment), timezone.localdate())[0]
    keys = entry.data.get("milestones", [])
    stages = [one for one in item.plan.stages if one.key in keys and one.state != "done"] if item.plan else []
    if item.state != Submission.State.DRAFT or (keys and not stages):
        return
    context = {
        "micro_credential": enrolment.version.title,
        "stages": [
            {"label": str(Milestone.Key(one.key).label), "day": date_format(one.day, "DATE_FORMAT")}
            for one in stages
        ],
        "next_step": item.next_step,
        "plan": reverse("enrolment-plan", args=[enrolment.pk]),
    }
    workflow.notify(entry, enrolment.earner, Kind.REMINDER, context, item.url)


@shared_task
def claim_due(entry_id: str) -> None:
    """A review that its assessor holds is nearly due. Says nothing of whose work it is."""
    entry, assignment = _subject(
        entry_id, Assignment.objects.select_related("assessor", "submission__enrolment__version")
    )
    if assignment:
        context = {
            "micro_credential": assignment.submission.enrolment.version.title,
            "code": assignment.submission.code,
            "due": date_format(assignment.due, "DATE_FORMAT"),
        }
        url = reverse("review-desk", args=[assignment.pk])
        workflow.notify(entry, assignment.assessor, Kind.CLAIM_DUE, context, url)


def _award(entry_id: str, kind: Kind) -> None:
    entry, award = _subject(entry_id, Award.objects.select_related("earner", "version", "issuer"))
    if award:
        context = {
            "micro_credential": award.version.title,
            "issuer": award.issuer.name,
            "reason": award.revocation_reason,
        }
        workflow.notify(entry, award.earner, kind, context, reverse("badge", args=[award.pk]))


@shared_task
def earned(entry_id: str) -> None:
    """The badge is ready."""
    _award(entry_id, Kind.EARNED)


@shared_task
def revoked(entry_id: str) -> None:
    """A badge was revoked, and why."""
    _award(entry_id, Kind.REVOKED)


@shared_task
def invited(entry_id: str) -> None:
    """An invitation, to the account that has the address or to the bare address."""
    entry, invitation = _subject(entry_id, Invitation.objects.select_related("organisation"))
    if invitation:
        user = User.objects.filter(
            emailaddress__email__iexact=invitation.email, emailaddress__verified=True
        ).first()
        context = {
            "organisation": invitation.organisation.name,
            "role": str(invitation.get_role_display()),
            "until": date_format(invitation.expires, "DATE_FORMAT"),
        }
        url = invitation_url(invitation)
        workflow.notify(entry, user, Kind.INVITED, context, url, address=invitation.email)


@shared_task
def question(entry_id: str) -> None:
    """A question, to the people of the issuer or of the platform."""
    entry, asked = _subject(entry_id, Question.objects.select_related("organisation"))
    if asked is None:
        return
    context = {
        "text": asked.text,
        "reply_to": asked.reply_to,
        "organisation": str(asked.organisation or "Microcreds"),
    }
    recipients = list(_answerers(asked))
    for user in recipients:
        workflow.notify(entry, user, Kind.QUESTION, context, reverse("notifications"))
    address = asked.organisation.contact_email if asked.organisation else ""
    if address or not recipients:
        address = address or settings.DEFAULT_FROM_EMAIL
        workflow.notify(entry, None, Kind.QUESTION, context, reverse("notifications"), address=address)


def _answerers(asked: Question) -> Any:
    """Up to twenty people: the issuer's authors, approvers and admins, or the platform's admins."""
    if asked.organisation is None:
        return User.objects.filter(is_superuser=True, is_active=True)[:20]
    roles = [Membership.Role.AUTHOR, Membership.Role.APPROVER, Membership.Role.ADMIN]
    members = Membership.objects.filter(organisation=asked.organisation, role__in=roles, state="active")
    return User.objects.filter(pk__in=members.values("user"))[:20]
