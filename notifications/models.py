"""What we tell people, and how they want to be told."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class Kind(models.TextChoices):
    WELCOME = "welcome", _("Welcome")
    SUBMITTED = "submitted", _("Receipts for what I submitted")
    CLAIM_DUE = "claim_due", _("Reviews I hold that are nearly due")
    DECIDED = "decided", _("Decisions on my submissions")
    EARNED = "earned", _("Badges I earned")
    REVOKED = "revoked", _("Changes to my badges")
    QUESTION = "question", _("Questions people ask us")
    INVITED = "invited", _("Invitations")
    REMINDER = "reminder", _("Reminders I asked for")
    EVIDENCE = "evidence", _("Files that could not be used")
    STOPPED = "stopped", _("Families who stopped the use of a recording")
    RETENTION = "retention", _("Evidence that will be deleted soon")
    TEAM = "team", _("Invitations to a team")
    EXPORT = "export", _("Copies of my data")
    RETURNED = "returned", _("Submissions that came back because something is missing")
    ATTENTION = "attention", _("Reviews that need an approver")
    OFFER = "offer", _("Reviews offered or assigned to me")
    LICENCE = "licence", _("My calibration as an assessor")
    APPEAL = "appeal", _("Answers to my appeals")
    PERMISSION = "permission", _("Questions about using my work as an anchor")
    COACH = "coach", _("Conversations with a coach")
    CASE = "case", _("Questions about the integrity of a submission")
    RECOGNITION = "recognition", _("Badges from elsewhere that are to count")
    CERTIFICATE = "certificate", _("Certificates that pause or hold again")
    GRANTED = "granted", _("Lists of badges I granted")


class Preference(models.Model):
    """Whether one kind of message also goes out by mail. No row means yes."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=16, choices=Kind.choices)
    mail = models.BooleanField(default=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "kind"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind}"


class Message(models.Model):
    """One message to one person: a line in the app and, unless declined, a mail.

    `entry_id` makes it unique: what happened once is told once, however often a task runs.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Failed")
        IN_APP = "in_app", _("Shown in the app only")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.CASCADE, related_name="messages"
    )
    address = models.EmailField(blank=True)  # for whoever has no account; then `user` is empty
    kind = models.CharField(max_length=16, choices=Kind.choices)
    entry_id = models.UUIDField()
    context = models.JSONField(default=dict)  # what the templates need: titles, addresses, dates
    url = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    next_try = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    read_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["user", "created"], name="message_mine"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="message_unread"),
            models.Index(fields=["next_try"], condition=models.Q(state="queued"), name="message_due"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "address", "kind", "entry_id"], nulls_distinct=False, name="message_once"
            ),
            models.CheckConstraint(name="message_addressee", condition=~models.Q(user=None, address="")),
            models.CheckConstraint(
                name="message_state", condition=models.Q(state__in=["queued", "sent", "failed", "in_app"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} → {self.user_id}"


class Question(models.Model):
    """What somebody asks an issuer, or the platform when `organisation` is empty."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    reply_to = models.EmailField()
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.CASCADE, related_name="+")
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return str(self.pk)
