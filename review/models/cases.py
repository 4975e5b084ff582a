"""What is asked about an attempt besides its scores: a doubt, an appeal, who it is."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from submissions.models import Submission


class Case(models.Model):
    """A doubt about the integrity of a submission: what was seen, her answer, and a written decision by somebody uninvolved.

    Nothing is denied or revoked before it is decided.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waits for the educator's answer")
        ANSWERED = "answered", _("Waits for a decision")
        DECIDED = "decided", _("Decided")

    class Finding(models.TextChoices):
        NONE = "none", _("No concern")
        EXPLAINED = "explained", _("Explained")
        CONCERN = "concern", _("A concern remains")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    passage = models.TextField()  # what was seen, as the educator reads it
    reason = models.TextField()
    answer_by = models.DateField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    finding = models.CharField(max_length=10, choices=Finding.choices, blank=True)
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["answer_by"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=~models.Q(state="decided"), name="one_open_case"
            ),
            models.CheckConstraint(
                name="case_state", condition=models.Q(state__in=["open", "answered", "decided"])
            ),
            models.CheckConstraint(
                name="case_four_eyes", condition=~models.Q(decided_by=models.F("opened_by"))
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Appeal(models.Model):
    """The one appeal an educator may make against a decision, and its written answer by somebody uninvolved."""

    class State(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        ANSWERED = "answered", _("Answered")
        WITHDRAWN = "withdrawn", _("Taken back")

    class Finding(models.TextChoices):
        STANDS = "stands", _("The decision stands")
        CHANGED = "changed", _("The decision is changed")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="appeal")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    reason = models.TextField()
    answer_by = models.DateField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    finding = models.CharField(max_length=8, choices=Finding.choices, blank=True)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["answer_by"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="appeal_state", condition=models.Q(state__in=["open", "answered", "withdrawn"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Unblinding(models.Model):
    """An approver looked up who is behind an attempt, and why. From then on she is involved."""

    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="unblindings")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "by"], name="unblinding_once")]

    def __str__(self) -> str:
        return f"{self.submission_id} by {self.by_id}"
