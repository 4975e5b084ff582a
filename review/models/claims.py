"""Who scores what, and what they wrote."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from catalog.models import Criterion, Version
from review.models.licences import Anchor, Calibration
from submissions.models import Artifact, Submission


class Assessment(models.Model):
    """The assessment of one attempt as a whole: how many readings it gets, by when, and how it was settled.

    A row of the queue while it is open and `places` (readings nobody has claimed yet) is above zero. `draw` records how
    the number of readings was drawn, so that it can be recomputed. `carried` holds the criteria that passed before and
    stay passed: criterion id → {attempt, level}; `reopened` those that passed but whose evidence was replaced since.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Being assessed")
        ADJUDICATION = "adjudication", _("Waits for an approver: two readings differ")
        DECIDED = "decided", _("Decided")
        RETURNED = "returned", _("Returned as incomplete")
        ENDED = "ended", _("Taken back by the educator")

    class Settled(models.TextChoices):
        SINGLE = "single", _("One reading")
        AGREED = "agreed", _("Two readings that agree")
        ADJUDICATED = "adjudicated", _("Two readings and an adjudication")

    class Reserved(models.TextChoices):
        ASSIGNED = "assigned", _("Assigned by an approver")
        OFFERED = "offered", _("Offered")
        SAME = "same", _("Read the attempt before")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.PROTECT, related_name="assessments")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    anchor = models.ForeignKey(Anchor, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=12, choices=State.choices, default=State.OPEN)
    wanted = models.PositiveSmallIntegerField(default=1)
    places = models.PositiveSmallIntegerField(default=1)
    draw = models.JSONField(default=dict)  # {seed, rate, value, why}
    carried = models.JSONField(default=dict)
    reopened = models.JSONField(default=list)
    entered_at = models.DateTimeField(default=timezone.now)
    due = models.DateTimeField()  # when the outcome was promised for
    checked_at = models.DateTimeField(null=True, blank=True)  # found complete, or not
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reserved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    reserved_until = models.DateTimeField(null=True, blank=True)
    reserved_why = models.CharField(max_length=8, choices=Reserved.choices, blank=True)
    media_seconds = models.PositiveIntegerField(default=0)
    usual_minutes = models.PositiveSmallIntegerField(default=0)
    escalated_at = models.DateTimeField(null=True, blank=True)  # approvers were told that it ages
    nobody_at = models.DateTimeField(null=True, blank=True)  # approvers were told that nobody may take it
    settled = models.CharField(max_length=12, choices=Settled.choices, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    folded_at = models.DateTimeField(null=True, blank=True)  # counted in the figures

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["issuer", "due", "id"],
                condition=models.Q(state="open", places__gt=0),
                name="assessment_queue",
            ),
            models.Index(
                fields=["decided_at"],
                condition=models.Q(state="decided", folded_at=None),
                name="assessment_unfolded",
            ),
            models.Index(fields=["version", "decided_at"], name="assessment_pace"),
            models.Index(
                fields=["issuer", "due"],
                condition=models.Q(state__in=["open", "adjudication"])
                & (
                    models.Q(places=0)
                    | models.Q(escalated_at__isnull=False)
                    | models.Q(nobody_at__isnull=False)
                ),
                name="assessment_attention",
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"],
                condition=models.Q(state__in=["open", "adjudication", "decided"]),
                name="one_assessment_a_submission",
            ),
            models.CheckConstraint(
                name="assessment_state",
                condition=models.Q(state__in=["open", "adjudication", "decided", "returned", "ended"]),
            ),
            models.CheckConstraint(
                name="assessment_places",
                condition=models.Q(places__lte=models.F("wanted"), wanted__gte=1, wanted__lte=2),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Assignment(models.Model):
    """An assessor's claim on a submission, hers alone until `due`. What she drafted stays hers afterwards.

    Three roles: a reading of the queue, an approver's adjudication between two readings, and a calibration on an
    anchor, which has no assessment.
    """

    class Role(models.TextChoices):
        READING = "reading", _("Reading")
        ADJUDICATION = "adjudication", _("Adjudication")
        CALIBRATION = "calibration", _("Calibration")

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
    assessment = models.ForeignKey(
        Assessment, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    calibration = models.ForeignKey(
        Calibration, null=True, blank=True, on_delete=models.PROTECT, related_name="assignments"
    )
    role = models.CharField(max_length=12, choices=Role.choices, default=Role.READING)
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
    active_seconds = models.PositiveIntegerField(default=0)  # time at the desk, pauses left out
    # The editing lock: minutes, renewed by activity, by browser tab.
    editor = models.CharField(max_length=40, blank=True)
    edited_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["assessor", "state", "due"], name="assignment_mine")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission", "assessor"],
                condition=models.Q(state="claimed", role__in=["reading", "adjudication"]),
                name="one_claim_each",
            ),
            models.UniqueConstraint(
                fields=["assessment", "assessor"],
                condition=models.Q(state="completed"),
                name="one_completed_reading_each",
            ),
            models.UniqueConstraint(
                fields=["assessment"],
                condition=models.Q(role="adjudication", state__in=["claimed", "completed"]),
                name="one_adjudication",
            ),
            models.UniqueConstraint(
                fields=["calibration", "submission"],
                condition=models.Q(role="calibration", state__in=["claimed", "completed"]),
                name="one_calibration_each",
            ),
            models.CheckConstraint(
                name="assignment_role",
                condition=(
                    models.Q(role__in=["reading", "adjudication"], assessment__isnull=False, calibration=None)
                    | models.Q(role="calibration", assessment=None, calibration__isnull=False)
                ),
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
    feedback = models.TextField(blank=True)  # what was seen
    where = models.TextField(blank=True)  # where it was seen, in words, when no note is cited
    next_step = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assignment", "criterion"], name="score_once")
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.level}"


class Note(models.Model):
    """A note at one place of the evidence, tied to a criterion; for the educator or private. A score may cite it.

    `id` is made by the browser, so that a repeated request adds nothing. `place` by kind, always in the cleaned copy:
    time {start, end} in seconds; region {page, x, y, width, height}, page from 1, the rest as shares of the picture from
    0 to 1; passage {start, end, quote} in characters. A passage of a written answer names its question in `question`.
    """

    class Kind(models.TextChoices):
        TIME = "time", _("A time")
        REGION = "region", _("A region")
        PASSAGE = "passage", _("A passage")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assignment = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="notes")
    artifact = models.ForeignKey(Artifact, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    question = models.CharField(max_length=80, blank=True)
    criterion = models.ForeignKey(
        Criterion, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=8, choices=Kind.choices)
    place = models.JSONField(default=dict)
    text = models.TextField(blank=True)
    shared = models.BooleanField(default=False)  # for the educator; else private
    cited = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    changed = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["created", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="note_on_one_thing",
                condition=models.Q(artifact__isnull=False, question="")
                | (models.Q(artifact=None) & ~models.Q(question="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.place}"
