"""What is told about badges that may be revoked, were, or end by themselves: to holders, and to those who decide."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from celery import shared_task
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from accounts.models import Membership, User
from badges import rules
from badges.models import Award, Endorsement, Revocation
from journal.models import Entry
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.reaching import TOLD, holding
from notifications.tasks.telling import subject

AWARD = ("award__earner", "award__issuer", "award__micro_credential", "award__stack", "award__submission")


def _procedure(entry_id: str) -> tuple[Entry, Revocation | None]:
    rows = Revocation.objects.select_related(*AWARD).defer("award__credential", "award__seal")
    return subject(entry_id, rows)


def _day(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "DATE_FORMAT") if moment else ""


def _tell_holder(entry: Entry, row: Revocation, step: str, reason: str, until: Any = None) -> None:
    award = row.award
    context = {
        "micro_credential": award.listed_title,
        "issuer": award.issuer.name,
        "step": step,
        "reason": reason,
        "until": _day(until),
    }
    url = reverse("badge-revocation", args=[award.pk])
    workflow.notify(entry, award.earner, Kind.REVOKED, context, url)


@shared_task(name="notifications.tasks.endorsed")
def endorsed(entry_id: str) -> None:
    """To the holder: an organization stands behind her badge, and she may remove that."""
    entry, row = subject(
        entry_id, Endorsement.objects.select_related(*AWARD[:1], *AWARD[2:4], "endorser").defer("credential")
    )
    if row is None or row.award is None:
        return
    context = {
        "micro_credential": row.award.listed_title,
        "issuer": row.endorser.name,
        "step": "endorsed",
        "reason": row.words,
    }
    workflow.notify(entry, row.award.earner, Kind.REVOKED, context, reverse("badge", args=[row.award.pk]))


@shared_task(name="notifications.tasks.revocation_opened")
def revocation_opened(entry_id: str) -> None:
    """To the holder: why, that the badge stays valid, and until when she may answer."""
    entry, row = _procedure(entry_id)
    if row is not None:
        _tell_holder(entry, row, "opened", row.reason, row.answer_until)


@shared_task(name="notifications.tasks.revocation_settled")
def revocation_settled(entry_id: str) -> None:
    """To the holder: it was decided that the badge is kept, or what came of her appeal."""
    entry, row = _procedure(entry_id)
    if row is not None:
        reason = row.decision if row.state == Revocation.State.KEPT else row.appeal_decision
        _tell_holder(entry, row, row.state, reason)


@shared_task(name="notifications.tasks.revoked")
def revoked(entry_id: str) -> None:
    """To the holder: the badge is revoked, why, and until when she may appeal."""
    entry = Entry.objects.get(pk=entry_id)
    rows = Revocation.objects.select_related(*AWARD).filter(award=UUID(entry.subject_id))
    row = rows.exclude(state=Revocation.State.OPEN).order_by("-opened_at").first()
    if row is not None:
        _tell_holder(entry, row, "revoked", row.decision or row.reason, row.appeal_until)


@shared_task(name="notifications.tasks.revocation_waits")
def revocation_waits(entry_id: str) -> None:
    """It can be decided now: to those who may; where nobody at the issuer may, to its admins and the platform's."""
    entry, row = _procedure(entry_id)
    if row is None or row.state not in (Revocation.State.OPEN, Revocation.State.APPEALED):
        return
    able = rules.deciders(row)[:TOLD]
    appealed = "_appealed" if row.state == Revocation.State.APPEALED else ""
    for user in able:
        _tell_decider(entry, row, user, f"revocation{appealed}", reverse("revocation", args=[row.pk]))
    if able:
        return
    for user in holding(entry, Membership.Role.ADMIN):
        address = reverse("organization", args=[row.award.issuer.slug])
        _tell_decider(entry, row, user, "nobody_revokes", address)
    for user in User.objects.filter(is_superuser=True, is_active=True)[:TOLD]:
        if rules.may_settle(user, row):
            _tell_decider(
                entry, row, user, f"revocation_platform{appealed}", reverse("revocation", args=[row.pk])
            )


def _tell_decider(entry: Entry, row: Revocation, user: User, what: str, url: str) -> None:
    award = row.award
    context = {
        "code": award.submission.code if award.submission else "",
        "micro_credential": award.listed_title,
        "what": what,
    }
    workflow.notify(entry, user, Kind.ATTENTION, context, url)


@shared_task(name="notifications.tasks.ends_soon")
def ends_soon(entry_id: str) -> None:
    """To the holder: her badge ends on this day, and how to renew it."""
    entry = Entry.objects.get(pk=entry_id)
    awards = Award.objects.select_related("earner", "issuer", "micro_credential", "stack")
    award = awards.filter(pk=entry.subject_id, state=Award.State.ACTIVE, renewals=None).first()
    if award is not None:
        context = {
            "micro_credential": award.listed_title,
            "issuer": award.issuer.name,
            "step": "ends_soon",
            "until": _day(award.valid_until),
        }
        workflow.notify(entry, award.earner, Kind.REVOKED, context, reverse("badge-renew", args=[award.pk]))
