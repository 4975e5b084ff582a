"""What resembles what. A likeness is a reason for a person to look, never a verdict."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from submissions.models.evidence import Artifact
from submissions.models.work import Submission


class Fingerprint(models.Model):
    """Of one submitted text or artifact: enough to find its like, not enough to read it.

    `bands` are hashes of slices of the MinHash signature: two texts that share one are worth comparing.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="fingerprints")
    artifact = models.ForeignKey(Artifact, null=True, on_delete=models.CASCADE, related_name="fingerprints")
    field = models.SlugField(blank=True)  # the question's key, for an answer
    sha256 = models.CharField(max_length=64, db_index=True)
    minhash = ArrayField(models.BigIntegerField(), default=list, blank=True)
    bands = ArrayField(models.BigIntegerField(), default=list, blank=True)
    phash = models.BigIntegerField(null=True)

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["bands"], name="fingerprint_bands")]

    def __str__(self) -> str:
        return str(self.pk)


class Likeness(models.Model):
    """Two submitted pieces that are the same or nearly so, for an approver to look at."""

    class Kind(models.TextChoices):
        SAME = "same", _("The same file or text")
        TEXT = "text", _("Nearly the same text")
        IMAGE = "image", _("Nearly the same picture")

    class State(models.TextChoices):
        OPEN = "open", _("To look at")
        DISMISSED = "dismissed", _("Nothing to it")
        CASE = "case", _("A case was opened")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    newer = models.ForeignKey(Fingerprint, on_delete=models.CASCADE, related_name="+")
    older = models.ForeignKey(Fingerprint, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    score = models.PositiveSmallIntegerField()  # percent
    own = models.BooleanField()  # both by the same person
    declared = models.BooleanField(default=False)  # she said so, or the team shares it
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    note = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["created", "id"], condition=models.Q(state="open"), name="likeness_open")
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["newer", "older"], name="likeness_once"),
            models.CheckConstraint(
                name="likeness_state", condition=models.Q(state__in=["open", "dismissed", "case"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.score}"
