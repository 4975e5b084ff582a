"""What is told about stacks: questions whether a badge from elsewhere counts, and certificates that pause or come back."""

from __future__ import annotations

from itertools import islice

from celery import shared_task
from django.urls import reverse

from accounts.models import Membership, User
from badges.models import Award, Recognition
from badges.rules import REVOKERS, recognitions_visible_to
from journal.models import Entry
from notifications import workflow
from notifications.models import Kind
from notifications.tasks.reaching import TOLD
from notifications.tasks.telling import subject

RELATED = ("external__owner", "item__micro_credential", "item__group__stack__issuer")


def _context(row: Recognition, what: str) -> dict[str, str]:
    stack = row.item.group.stack
    return {
        "what": what,
        "badge": row.external.name,
        "micro_credential": row.item.micro_credential.title,
        "stack": stack.title,
        "issuer": stack.issuer.name,
        "words": row.words,
    }


@shared_task(name="notifications.tasks.recognition_asked")
def recognition_asked(entry_id: str) -> None:
    """To those at the stack's issuer who may answer; where none may, to the platform's admins."""
    entry, row = subject(entry_id, Recognition.objects.select_related(*RELATED))
    if row is None:
        return
    members = Membership.objects.filter(organisation=entry.organisation_id, role__in=REVOKERS, state="active")
    people = User.objects.filter(pk__in=members.values("user"), is_active=True).order_by("date_joined")
    may = (user for user in people if recognitions_visible_to(user).filter(pk=row.pk).exists())
    able = list(islice(may, TOLD))
    for user in able or User.objects.filter(is_superuser=True, is_active=True)[:TOLD]:
        url = reverse("recognition", args=[row.pk])
        workflow.notify(entry, user, Kind.RECOGNITION, _context(row, "asked"), url)


@shared_task(name="notifications.tasks.recognition")
def recognition(entry_id: str) -> None:
    """The answer, or that it was withdrawn, to whom the badge belongs."""
    entry, row = subject(entry_id, Recognition.objects.select_related(*RELATED))
    if row is not None:
        what = entry.kind.removeprefix("badges.recognition_")
        url = reverse("stack-progress", args=[row.item.group.stack.slug])
        workflow.notify(entry, row.external.owner, Kind.RECOGNITION, _context(row, what), url)


@shared_task(name="notifications.tasks.certificate")
def certificate(entry_id: str) -> None:
    """A certificate pauses, or holds again."""
    entry = Entry.objects.get(pk=entry_id)
    rows = Award.objects.filter(stack__isnull=False).select_related("earner", "stack", "issuer")
    row = rows.filter(pk=entry.subject_id).first()
    if row is None or row.stack is None:
        return
    context = {
        "paused": entry.kind == "badges.suspended",
        "certificate": row.title,
        "stack": row.stack.title,
        "issuer": row.issuer.name,
        "part": entry.data.get("part", ""),
    }
    url = reverse("stack-progress", args=[row.stack.slug])
    workflow.notify(entry, row.earner, Kind.CERTIFICATE, context, url)
