"""Who may be seen: classes with their forms, pupil by pupil, by alias only."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """What a form covers."""

    IMAGE = "image", _("Image")
    VOICE = "voice", _("Voice")
    WORK = "work", _("Work")


class Purpose(models.TextChoices):
    """What evidence may be used for: a closed list."""

    ASSESSMENT = "assessment", _("Assessment")
    COACH = "coach", _("Coaching")
    CALIBRATION = "calibration", _("Training assessors")
    PUBLISHED_EXAMPLE = "published_example", _("A published example")
    PUBLIC_BADGE = "public_badge", _("The public badge")


class SchoolClass(models.Model):
    """A class for which forms are on file. Its pupils are numbers; which child is which stays on the educator's paper."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="school_classes"
    )
    label = models.CharField(_("class"), max_length=60)
    number = models.PositiveSmallIntegerField(_("pupils"))
    scope = ArrayField(
        models.CharField(max_length=8, choices=Scope.choices), verbose_name=_("what the forms cover")
    )
    purposes = ArrayField(
        models.CharField(max_length=20, choices=Purpose.choices), verbose_name=_("what the forms allow")
    )
    expires = models.DateField(_("valid until"))
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-created"]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="school_class_number", condition=models.Q(number__gte=1, number__lte=400)
            ),
        ]

    def __str__(self) -> str:
        return self.label


class Consent(models.Model):
    """One pupil's form. `code` is printed on it; whoever holds it can stop the use without an account."""

    class State(models.TextChoices):
        ON_FILE = "on_file", _("Form on file")
        MISSING = "missing", _("No form")
        STOPPED = "stopped", _("Stopped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    school_class = models.ForeignKey(SchoolClass, on_delete=models.CASCADE, related_name="consents")
    number = models.PositiveSmallIntegerField()
    alias = models.CharField(max_length=40, blank=True)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ON_FILE)
    code = models.CharField(max_length=16, unique=True)
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["school_class", "number"], name="consent_once"),
            models.CheckConstraint(
                name="consent_state", condition=models.Q(state__in=["on_file", "missing", "stopped"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.school_class_id} {self.number}"
