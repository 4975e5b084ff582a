"""Who scores what, and what they wrote."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion
from submissions.models import Submission


class Assignment(models.Model):
    """An assessor's claim on a submission, hers alone until `due`. What she drafted stays hers afterwards."""

    class State(models.TextChoices):
        CLAIMED = "claimed", _("Claimed")
        RELEASED = "released", _("Released")
        RECUSED = "recused", _("Recused")
        LAPSED = "lapsed", _("Lapsed")
        COMPLETED = "completed", _("Completed")

    class Reason(models.TextChoices):
        KNOWS = "knows", _("I recognise this person")
        CONFLICT = "conflict", _("I have another conflict of interest")
        EXPERTISE = "expertise", _("This is outside what I can judge")
        OTHER = "other", _("Another reason")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="assignments")
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assignments"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.CLAIMED)
    revision = models.PositiveIntegerField(default=0)
    strength = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    private_note = models.TextField(blank=True)
    reason = models.CharField(max_length=12, choices=Reason.choices, blank=True)
    claimed_at = models.DateTimeField(auto_now_add=True)
    due = models.DateTimeField()
    reminded_at = models.DateTimeField(null=True, blank=True)
    saved_at = models.DateTimeField(auto_now_add=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # The editing lock: minutes, renewed by activity, by browser tab.
    editor = models.CharField(max_length=40, blank=True)
    edited_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["assessor", "state", "due"], name="assignment_mine")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(state="claimed"), name="one_claim_a_submission"
            ),
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(state="completed"), name="one_decision_a_submission"
            ),
            models.CheckConstraint(
                name="assignment_state",
                condition=models.Q(state__in=["claimed", "released", "recused", "lapsed", "completed"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def days_left(self) -> int:
        """Whole days until the due date; below zero it is past."""
        return (self.due.date() - timezone.now().date()).days


class Score(models.Model):
    """The level and feedback one assessor gives one criterion; a draft until the assignment completes."""

    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField(null=True, blank=True)
    feedback = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="score_once")
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.level}"


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
