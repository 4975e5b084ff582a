"""Enrolments and the attempts made in them: texts, artifacts, and the outcome a person sees."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion, MicroCredential, Version


class Enrolment(models.Model):
    """An educator working on one micro-credential, pinned to the version she joined."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In progress")
        EARNED = "earned", _("Earned")
        LEFT = "left", _("Left")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    earner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="enrolments")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="enrolments")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="enrolments")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    target_date = models.DateField(_("target date"), null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["earner", "micro_credential"],
                condition=models.Q(state__in=["active", "earned"]),
                name="enrolment_once",
            ),
            models.CheckConstraint(
                name="enrolment_state", condition=models.Q(state__in=["active", "earned", "left"])
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

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=12, unique=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="submissions")
    attempt = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    revision = models.PositiveIntegerField(default=0)
    answers = models.JSONField(default=dict)
    resubmission_note = models.TextField(blank=True)
    attestations = models.JSONField(default=list)  # [{key, text, accepted_at}] as worded when submitted
    manifest = models.JSONField(default=list)  # [{artifact, name, size, sha256}] sealed at submit
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


class Artifact(models.Model):
    """One piece of evidence: a file, a link or a text, tagged to a Part 2 requirement and to criteria.

    `requirement` is the key of the version's `ArtifactRequirement`; `criteria` are criterion keys. `name` is the
    educator's own file name and is never shown to assessors, who see `label`.
    """

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")
        TEXT = "text", _("Text")

    class Scan(models.TextChoices):
        NOT_SCANNED = "not_scanned", _("Not scanned")
        CLEAN = "clean", _("Scanned, nothing found")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="artifacts")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    requirement = models.SlugField(blank=True)
    criteria = ArrayField(models.SlugField(), default=list, blank=True)
    title = models.CharField(max_length=160)
    name = models.CharField(max_length=255, blank=True)
    file = models.FileField(max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    order = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["order", "created"]

    def __str__(self) -> str:
        return self.title


class Outcome(models.Model):
    """What the educator reads about one criterion of a decided attempt; delivered by the review room."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="outcomes")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    passed = models.BooleanField()
    feedback = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["submission", "criterion"], name="outcome_once")
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.level}"
