"""Rollups of decided assessments, so that the issuer's figures never read the scores themselves.

`workflow.fold` adds each decided assessment once; `workflow.recount` rebuilds them from the scores and must agree.
Months are the first day of the month in which the assessment was decided.
"""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models import Criterion, Version


class Tally(models.Model):
    """How many units (one criterion of one attempt) got exactly these levels.

    `readings`: the levels of independent readings, sorted. `anchor`: [true level, level given].
    """

    class Kind(models.TextChoices):
        READINGS = "readings", _("Independent readings")
        ANCHOR = "anchor", _("Against an anchor")

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    levels = ArrayField(models.PositiveSmallIntegerField())
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "criterion", "month", "kind", "levels"], name="tally_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.levels}: {self.n}"


class LevelCount(models.Model):
    """How often an assessor gave a criterion this level; `first`: in first attempts."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    level = models.PositiveSmallIntegerField()
    first = models.BooleanField(default=True)
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "criterion", "assessor", "month", "level", "first"],
                name="level_count_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.level}: {self.n}"


class AssessorMonth(models.Model):
    """An assessor's reviews of a version: how many, how long, and how many had one level throughout (halo)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    assessor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    reviews = models.PositiveIntegerField(default=0)
    seconds = models.PositiveBigIntegerField(default=0)
    flat = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "assessor", "month"], name="assessor_month_once")
        ]

    def __str__(self) -> str:
        return f"{self.assessor_id} {self.month}: {self.reviews}"


class OutcomeCount(models.Model):
    """Decided attempts by attempt number, outcome and business days taken: drop-off, p50, p90 and breaches."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    attempt = models.PositiveSmallIntegerField()
    earned = models.BooleanField()
    days = models.PositiveSmallIntegerField()
    late = models.BooleanField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["version", "month", "attempt", "earned", "days", "late"], name="outcome_count_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.month}: {self.n}"


class UsefulCount(models.Model):
    """How useful educators found their feedback, in sum."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="+")
    month = models.DateField()
    rating = models.PositiveSmallIntegerField()
    n = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "month", "rating"], name="useful_count_once")
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.rating}: {self.n}"
