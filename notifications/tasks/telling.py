"""What follows from the journal for people: one task a kind of entry, each telling whoever is concerned, once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from celery import shared_task
from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import DataExport, Invitation, Membership, Organisation, User
from accounts.workflow import invitation_url
from badges.models import Award
from journal.models import Entry
from notifications import queries, workflow
from notifications.models import Kind, Message, Question
from review.models import Assignment, Case
from review.queries import clock_of
from review.rules import may_decide
from submissions import queries as submissions
from submissions import sealing
from submissions.models import Artifact, Consent, Enrolment, Milestone, Submission, TeamMember
from submissions.workflow import STOP_PATIENCE

SWEEP = 200
RECEIPT_FIELDS = ("name", "url", "title", "size", "sha256", "received_sha256")


def subject(entry_id: str, related: Any) -> tuple[Entry, Any]:
    """The entry and its subject; the subject is None where it is gone by now."""
    entry = Entry.objects.get(pk=entry_id)
    return entry, related.filter(pk=entry.subject_id).first()


@shared_task(name="notifications.tasks.send")
def send(message_id: str) -> None:
    """Send one mail now."""
    message = Message.objects.filter(pk=message_id).first()
    if message:
        workflow.send(message)


@shared_task(name="notifications.tasks.send_due")
def send_due() -> int:
    """Send what waits: mails put off, and those whose task got lost."""
    return sum(workflow.send(message) for message in queries.due()[:SWEEP])


@shared_task(name="notifications.tasks.welcome")
def welcome(entry_id: str) -> None:
    """To a new account."""
    entry, user = subject(entry_id, User.objects.all())
    if user:
        workflow.notify(entry, user, Kind.WELCOME, {}, reverse("my"))


@shared_task(name="notifications.tasks.submitted")
def submitted(entry_id: str) -> None:
    """The receipt: what was sent, file by file."""
    submissions = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = subject(entry_id, submissions)
    if submission:
        context = {
            "micro_credential": submission.enrolment.version.title,
            "code": submission.code,
            "attempt": submission.attempt,
            "date": date_format(submission.submitted_at or entry.created, "DATE_FORMAT"),
            "manifest": [
                {name: row.get(name, "") for name in RECEIPT_FIELDS}
                for row in sealing.manifest_held(submission).get("artifacts", [])
            ],
            "promised": date_format(submission.promised_on, "DATE_FORMAT") if submission.promised_on else "",
            "seal": submission.seal,
        }
        url = reverse("submission-receipt", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.SUBMITTED, context, url)


@shared_task(name="notifications.tasks.evidence")
def evidence(entry_id: str) -> None:
    """A file she sent cannot be used: why, and what to do. One that family or issuer closed is told of elsewhere."""
    related = Artifact.objects.select_related(
        "submission__enrolment__earner", "submission__enrolment__version"
    )
    entry, artifact = subject(entry_id, related)
    if artifact and artifact.problem_code and artifact.submission.state == Submission.State.DRAFT:
        context = {
            "micro_credential": artifact.submission.enrolment.version.title,
            "name": artifact.title,
            "problem": artifact.problem,
        }
        url = reverse("submission", args=[artifact.submission_id]) + "#part-2"
        workflow.notify(entry, artifact.submission.enrolment.earner, Kind.EVIDENCE, context, url)


@shared_task(name="notifications.tasks.retention")
def retention(entry_id: str) -> None:
    """Evidence of hers will be deleted soon: what, when, and what stays."""
    submissions = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = subject(entry_id, submissions)
    rows = Artifact.objects.filter(submission__pk=entry.subject_id, delete_on__isnull=False)
    days = rows.order_by("delete_on").values_list("delete_on", flat=True)
    if submission and (first := days.first()):
        context = {
            "micro_credential": submission.enrolment.version.title,
            "files": [row.title for row in rows],
            "date": date_format(first, "DATE_FORMAT"),
            "backup_days": settings.BACKUP_DAYS,
        }
        url = reverse("submission", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.RETENTION, context, url)


@shared_task(name="notifications.tasks.stopped")
def stopped(entry_id: str) -> None:
    """A family stopped the use: to the educator what to do; to the issuers' admins that evidence of a number is closed."""
    entry, consent = subject(entry_id, Consent.objects.select_related("school_class__owner"))
    if consent is None:
        return
    rows = Artifact.objects.filter(
        pk__in=[one["artifact"] for one in entry.data["closed"]], submission__anchor=False
    )
    seen = list(
        rows.select_related(
            "submission__enrolment__micro_credential__issuer", "submission__enrolment__earner"
        )
    )
    _tell_educators(entry, consent, seen)
    issuers = {one.submission.enrolment.micro_credential.issuer for one in seen}
    for issuer in issuers:
        _tell_issuer(entry, issuer, [one.submission for one in seen])


def _tell_educators(entry: Entry, consent: Consent, seen: list[Artifact]) -> None:
    """The owner of the class, and whoever else shows the same recording."""
    row = consent.school_class
    concerned = {row.owner, *(one.submission.enrolment.earner for one in seen)}
    for educator in (one for one in concerned if one.closed_at is None):
        titles = [one.title for one in seen if one.submission.enrolment.earner_id == educator.pk]
        context = {"class": row.label, "number": consent.number, "titles": titles, "days": STOP_PATIENCE.days}
        url = reverse("class", args=[row.pk]) if educator == row.owner else reverse("my")
        workflow.notify(entry, educator, Kind.STOPPED, context, url)


def _tell_issuer(entry: Entry, issuer: Organisation, submissions: Iterable[Submission]) -> None:
    """Neither who the educator is nor which class: the neutral codes of what was handed in are enough to know."""
    codes = sorted(
        {
            one.code
            for one in submissions
            if one.state != Submission.State.DRAFT and one.enrolment.micro_credential.issuer_id == issuer.pk
        }
    )
    members = Membership.objects.filter(organisation=issuer, role=Membership.Role.ADMIN, state="active")
    for user in User.objects.filter(pk__in=members.values("user")) if codes else []:
        context = {"codes": codes, "organisation": issuer.name, "days": STOP_PATIENCE.days}
        workflow.notify(
            entry, user, Kind.STOPPED, context, reverse("organization-evidence", args=[issuer.slug])
        )


@shared_task(name="notifications.tasks.decided")
def decided(entry_id: str) -> None:
    """The decision is there. Says nothing of who assessed."""
    submissions = Submission.objects.select_related("enrolment__earner", "enrolment__version")
    entry, submission = subject(entry_id, submissions)
    if submission:
        context = {
            "micro_credential": submission.enrolment.version.title,
            "outcome": submission.state,
            "strength": submission.strength,
            "next_step": submission.next_step,
        }
        url = reverse("submission", args=[submission.pk])
        workflow.notify(entry, submission.enrolment.earner, Kind.DECIDED, context, url)


@shared_task(name="notifications.tasks.reminder")
def reminder(entry_id: str) -> None:
    """What she asked to be reminded of, unless it is done by now, with the one next step and the way to stop it."""
    entry, enrolment = subject(entry_id, Enrolment.objects.select_related("earner", "version"))
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


@shared_task(name="notifications.tasks.claim_due")
def claim_due(entry_id: str) -> None:
    """A review that its assessor holds is nearly due. Says nothing of whose work it is."""
    entry, assignment = subject(
        entry_id,
        Assignment.objects.select_related(
            "assessor", "submission__enrolment__version", "submission__enrolment__micro_credential"
        ),
    )
    if assignment:
        ends = clock_of(assignment.submission.enrolment.micro_credential.issuer_id).ends(assignment)
        context = {
            "micro_credential": assignment.submission.enrolment.version.title,
            "code": assignment.submission.code,
            "due": date_format(ends, "DATE_FORMAT"),
            "stands_still": ends < assignment.due,
        }
        url = reverse("review-desk", args=[assignment.pk])
        workflow.notify(entry, assignment.assessor, Kind.CLAIM_DUE, context, url)


def _case(entry_id: str) -> tuple[Entry, Case | None, dict[str, str]]:
    entry, row = subject(
        entry_id,
        Case.objects.select_related("submission__enrolment__earner", "submission__enrolment__version"),
    )
    context = {
        "step": entry.kind.removeprefix("review.case_"),
        "micro_credential": row.submission.enrolment.version.title if row else "",
        "code": row.submission.code if row else "",
        "until": date_format(row.answer_by, "DATE_FORMAT") if row else "",
    }
    return entry, row, context


@shared_task(name="notifications.tasks.case")
def case(entry_id: str) -> None:
    """A doubt about a submission of hers, to be answered; later what was decided. Says nothing of who asks."""
    entry, row, context = _case(entry_id)
    if row:
        url = reverse("case", args=[row.pk])
        workflow.notify(entry, row.submission.enrolment.earner, Kind.CASE, context, url)


@shared_task(name="notifications.tasks.case_answered")
def case_answered(entry_id: str) -> None:
    """She has answered: to those approvers who may decide."""
    entry, row, context = _case(entry_id)
    if row is None:
        return
    members = Membership.objects.filter(
        organisation=entry.organisation_id, role=Membership.Role.APPROVER, state="active"
    )
    for user in User.objects.filter(pk__in=members.values("user"))[:20]:
        if may_decide(user, row):
            workflow.notify(entry, user, Kind.CASE, context, reverse("review-case", args=[row.pk]))


def _award(entry_id: str, kind: Kind) -> None:
    entry, award = subject(entry_id, Award.objects.select_related("earner", "version", "stack", "issuer"))
    if award:
        context = {
            "micro_credential": award.title,
            "issuer": award.issuer.name,
            "reason": award.revocation_reason,
            "granted": award.origin == Award.Origin.GRANTED,
            # Where nobody has set a password yet, the badge waits for whoever holds the address.
            "waits_for": "" if award.earner.has_usable_password() else award.earner.email,
            "claim": f"{settings.BASE_URL}{reverse('account_reset_password')}",
        }
        workflow.notify(entry, award.earner, kind, context, reverse("badge", args=[award.pk]))


@shared_task(name="notifications.tasks.earned")
def earned(entry_id: str) -> None:
    """The badge is ready."""
    _award(entry_id, Kind.EARNED)


@shared_task(name="notifications.tasks.invited")
def invited(entry_id: str) -> None:
    """An invitation, to the account that has the address or to the bare address."""
    entry, invitation = subject(entry_id, Invitation.objects.select_related("organisation"))
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


@shared_task(name="notifications.tasks.team")
def team(entry_id: str) -> None:
    """An invitation to a team, to the account that has the address or to the bare address."""
    related = TeamMember.objects.select_related("team__version", "invited_by")
    entry, place = subject(entry_id, related.filter(state=TeamMember.State.INVITED))
    if place:
        holders = User.objects.filter(emailaddress__email__iexact=place.email, emailaddress__verified=True)
        context = {
            "inviter": str(place.invited_by or ""),
            "team": place.team.name,
            "micro_credential": place.team.version.title,
        }
        url = reverse("team-invitation", args=[place.pk])
        workflow.notify(entry, holders.first(), Kind.TEAM, context, url, address=place.email)


@shared_task(name="notifications.tasks.question")
def question(entry_id: str) -> None:
    """A question, to the people of the issuer or of the platform."""
    entry, asked = subject(entry_id, Question.objects.select_related("organisation"))
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


@shared_task(name="notifications.tasks.export")
def export(entry_id: str) -> None:
    """The copy of her data is there, or could not be made."""
    entry, row = subject(entry_id, DataExport.objects.select_related("user"))
    if row:
        context = {
            "ready": row.state == DataExport.State.READY,
            "date": date_format(row.expires, "DATE_FORMAT") if row.expires else "",
        }
        workflow.notify(entry, row.user, Kind.EXPORT, context, reverse("account-data"))


@shared_task(name="notifications.tasks.closed")
def closed(entry_id: str) -> None:
    """Somebody closed her account: what we told her, and how she wanted to be told, goes."""
    entry = Entry.objects.get(pk=entry_id)
    workflow.forget(User(pk=entry.subject_id))
