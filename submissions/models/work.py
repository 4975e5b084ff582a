"""Enrolments and the attempts made in them: texts, the plan, and the outcome a person sees."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion, MicroCredential, Version


class Enrolment(models.Model):
    """An educator working on one micro-credential, pinned to the version she joined."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In progress")
        EARNED = "earned", _("Earned")
        RENEWED = "renewed", _("Earned, and begun again to renew it")
        LEFT = "left", _("Left")

    class Reminders(models.TextChoices):
        NONE = "none", _("No reminders")
        MILESTONES = "milestones", _("Two days before each milestone")
        WEEKLY = "weekly", _("Once a week, until it is submitted")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    earner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    target_date = models.DateField(_("target date"), null=True, blank=True)
    reminders = models.CharField(
        _("reminders"), max_length=10, choices=Reminders.choices, default=Reminders.NONE, blank=True
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["earner", "micro_credential"],
                condition=models.Q(state__in=["active", "earned"]),
                name="enrolment_once",
            ),
            models.CheckConstraint(
                name="enrolment_state", condition=models.Q(state__in=["active", "earned", "renewed", "left"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Submission(models.Model):
    """One attempt. `answers` maps question key → text; `revision` counts saves, so that none overwrites another.

    `code` is the neutral name the assessor sees (R-…); it says nothing about the person.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Submitted")
        IN_REVIEW = "in_review", _("In review")
        EARNED = "earned", _("Earned")
        NOT_YET = "not_yet", _("Not yet")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    class Appealed(models.TextChoices):
        OPEN = "open", _("Waits for an answer")
        OVER = "over", _("Answered or taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=12, unique=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="submissions")
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    resubmission_note = models.TextField(blank=True)
    attestations = models.JSONField(default=list)  # [{key, text, accepted_at}] as worded when submitted
    # Sealed at submit: what `workflow.sealing` writes; attempts sealed before it existed hold a list of files.
    manifest = models.JSONField(default=dict)
    seal = models.CharField(max_length=64, blank=True)  # SHA-256 of the manifest in canonical JSON (RFC 8785)
    promised_on = models.DateField(null=True, blank=True)  # when the outcome was promised for, at submit
    ai_use = models.TextField(blank=True)  # what AI help was used, where the issuer asks
    self_rating = models.JSONField(default=dict)  # criterion key → level, hers alone until the decision
    contribution = models.TextField(blank=True)  # her own part in what a team shares
    anchor = models.BooleanField(
        default=False
    )  # nobody's attempt: an anchor's copy, known to the review room only
    outside = models.BooleanField(default=False)  # she asked to be assessed outside her district
    # Found incomplete before any scoring: {at, lacking: [text], note}; the attempt is a draft again and does not count.
    returned = models.JSONField(default=dict)
    # An appeal against the outcome, known to the review room; while it is open no next attempt is sent.
    appealed = models.CharField(max_length=4, choices=Appealed.choices, blank=True)
    useful = models.PositiveSmallIntegerField(null=True, blank=True)  # 1 to 4: how useful the feedback was
    saved_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    strength = models.TextField(blank=True)  # one strength seen
    next_step = models.TextField(blank=True)  # one next step
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["submitted_at", "id"], condition=models.Q(state="submitted"), name="submission_queue"
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "attempt"], name="attempt_once"),
            models.UniqueConstraint(
                fields=["enrolment"],
                condition=models.Q(state__in=["draft", "submitted", "in_review"]),
                name="one_open_attempt",
            ),
            models.CheckConstraint(
                name="submission_state",
                condition=models.Q(
                    state__in=["draft", "submitted", "in_review", "earned", "not_yet", "withdrawn"]
                ),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Outcome(models.Model):
    """What the educator reads about one criterion of a decided attempt; delivered by the review room."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="outcomes")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    feedback = models.TextField(blank=True)
    next_step = models.TextField(blank=True)
    places = models.JSONField(default=list)  # cited: [{artifact, question, kind, place, text}]
    carried_from = models.PositiveSmallIntegerField(null=True, blank=True)  # the attempt in which it passed

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "criterion"], name="outcome_once")
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.level}"


class Milestone(models.Model):
    """A date on the way to the target date, laid out backward from it; hers to move."""

    class Key(models.TextChoices):
        PART_1 = "part-1", _("Part 1 written")
        PART_2 = "part-2", _("Evidence together")
        PART_3 = "part-3", _("Reflection written")
        SUBMIT = "submit", _("Submitted")

    enrolment = models.ForeignKey(Enrolment, on_delete=models.CASCADE, related_name="milestones")
    key = models.CharField(max_length=8, choices=Key.choices)
    day = models.DateField()
    moved = models.BooleanField(default=False)  # by her; a new target date leaves it where it is
    reminded_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["day", "key"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["enrolment", "key"], name="milestone_once")]

    def __str__(self) -> str:
        return f"{self.key} {self.day}"
