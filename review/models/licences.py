"""Anchors with true scores, and what assessors showed on them."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion, Version
from submissions.models import Submission


class Permission(models.Model):
    """An issuer asked an educator whether a decided attempt may serve as an anchor; hers to give and to end."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        GIVEN = "given", _("Given")
        DECLINED = "declined", _("Declined")
        ENDED = "ended", _("Taken back")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="permission")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(auto_now_add=True)
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="permission_state",
                condition=models.Q(state__in=["asked", "given", "declined", "ended"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.state}"


class Anchor(models.Model):
    """A submission with known true scores. `submission` is the anchor's own copy of `source`: nobody's, and blind.

    `uses`: `calibration` (the qualifying set), `practice`, `live` (seeded blind into the queue). An anchor used live is
    in no set that an assessor sees with its answers.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Being written")
        READY = "ready", _("In use")
        RETIRED = "retired", _("Retired")

    class Use(models.TextChoices):
        CALIBRATION = "calibration", _("Qualifying set")
        PRACTICE = "practice", _("Practice")
        LIVE = "live", _("Blind check in the queue")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    source = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="+")
    submission = models.OneToOneField(Submission, on_delete=models.PROTECT, related_name="+")
    use = models.CharField(max_length=12, choices=Use.choices, default=Use.CALIBRATION)
    state = models.CharField(max_length=8, choices=State.choices, default=State.DRAFT)
    built_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created", "id"]
        indexes: ClassVar = [models.Index(fields=["version", "use", "state"], name="anchor_in_use")]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="anchor_state", condition=models.Q(state__in=["draft", "ready", "retired"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class TrueScore(models.Model):
    """The true level of one criterion of an anchor, and why."""

    anchor = models.ForeignKey(Anchor, on_delete=models.CASCADE, related_name="true_scores")
    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    level = models.PositiveSmallIntegerField()
    justification = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["anchor", "criterion"], name="true_score_once")
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id}: {self.level}"


class Calibration(models.Model):
    """One run of an assessor through anchors of a version: to qualify, or to practise."""

    class Kind(models.TextChoices):
        QUALIFYING = "qualifying", _("Qualifying")
        PRACTICE = "practice", _("Practice")

    class State(models.TextChoices):
        OPEN = "open", _("Being scored")
        COMPLETED = "completed", _("Completed")
        ENDED = "ended", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="calibrations"
    )
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.QUALIFYING)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    exact = models.PositiveSmallIntegerField(null=True, blank=True)  # percent of criteria at the true level
    passing = models.PositiveSmallIntegerField(
        null=True, blank=True
    )  # percent on the right side of the passing level
    passed = models.BooleanField(default=False)
    created = models.DateTimeField(auto_now_add=True)
    completed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["assessor", "version"], condition=models.Q(state="open"), name="one_open_calibration"
            ),
            models.CheckConstraint(
                name="calibration_state", condition=models.Q(state__in=["open", "completed", "ended"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Licence(models.Model):
    """That an assessor is qualified for a version; paused while her agreement with the anchors is too low."""

    class State(models.TextChoices):
        QUALIFIED = "qualified", _("Qualified")
        PAUSED = "paused", _("Reviews get a second reading")
        ENDED = "ended", _("Ended")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="licences")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUALIFIED)
    calibration = models.ForeignKey(Calibration, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["assessor", "version"], name="licence_once"),
            models.CheckConstraint(
                name="licence_state", condition=models.Q(state__in=["qualified", "paused", "ended"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessor_id} {self.version_id}: {self.state}"


class Check(models.Model):
    """How far an assessor's reading of a blind anchor agreed with the truth."""

    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="checks")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    anchor = models.ForeignKey(Anchor, on_delete=models.PROTECT, related_name="checks")
    criteria = models.PositiveSmallIntegerField()
    passing = models.PositiveSmallIntegerField()  # how many were on the right side of the passing level
    exact = models.PositiveSmallIntegerField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["assessor", "version", "created"], name="check_rolling")]
        constraints: ClassVar = [models.UniqueConstraint(fields=["assessor", "anchor"], name="check_once")]

    def __str__(self) -> str:
        return f"{self.assessor_id}: {self.passing}/{self.criteria}"
