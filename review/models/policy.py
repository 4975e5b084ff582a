"""How an issuer assesses, and who is away."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


def between(low: int, high: int) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class AssessmentPolicy(models.Model):
    """One issuer's rules for assessment. No row means the defaults. Days are business days of its calendar.

    One reading is the default: a second one needs people, so an issuer asks for it after a staffing check.
    """

    class Returning(models.TextChoices):
        SAME = "same", _("The assessor of the attempt before, if she is there")
        FRESH = "fresh", _("Somebody who has not read an earlier attempt")

    class Mode(models.TextChoices):
        CLAIM = "claim", _("Assessors take from the queue")
        ASSIGN = "assign", _("Approvers assign")
        OFFER = "offer", _("The platform offers, balanced by load")

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    double_first = models.PositiveSmallIntegerField(
        _("submissions of a new version that are always read twice"), default=0, validators=between(0, 1000)
    )
    double_rate = models.PositiveSmallIntegerField(
        _("percent read twice afterwards"), default=0, validators=between(0, 100)
    )
    same_district = models.BooleanField(_("nobody from the educator’s district assesses"), default=False)
    returning = models.CharField(
        _("who reads the next attempt"), max_length=5, choices=Returning.choices, default=Returning.SAME
    )
    checklist = models.JSONField(_("completeness checklist"), default=list, blank=True)  # [{key, text}]
    check_days = models.PositiveSmallIntegerField(
        _("days until an incomplete submission is returned"), default=2, validators=between(1, 10)
    )
    claim_days = models.PositiveSmallIntegerField(
        _("days an assessor may hold a claim"), default=5, validators=between(1, 20)
    )
    stall_days = models.PositiveSmallIntegerField(
        _("days without any work after which a claim goes back"), default=3, validators=between(1, 20)
    )
    promise_floor = models.PositiveSmallIntegerField(
        _("fewest days promised"), default=3, validators=between(1, 60)
    )
    promise_cap = models.PositiveSmallIntegerField(
        _("most days promised"), default=15, validators=between(1, 90)
    )
    escalate_days = models.PositiveSmallIntegerField(
        _("days before the promised date on which approvers are told"), default=2, validators=between(0, 10)
    )
    appeal_days = models.PositiveSmallIntegerField(
        _("days in which an educator may appeal"), default=20, validators=between(5, 90)
    )
    licensed_only = models.BooleanField(_("assessors qualify on anchors before they assess"), default=True)
    anchors_needed = models.PositiveSmallIntegerField(
        _("anchors in a qualifying set"), default=3, validators=between(1, 20)
    )
    qualify_at = models.PositiveSmallIntegerField(
        _("percent of criteria on the right side of the passing level to qualify"),
        default=80,
        validators=between(50, 100),
    )
    anchor_rate = models.PositiveSmallIntegerField(
        _("blind anchors for every 100 submissions"), default=5, validators=between(0, 50)
    )
    pause_below = models.PositiveSmallIntegerField(
        _("percent of agreement with blind anchors below which every review gets a second reading"),
        default=70,
        validators=between(0, 100),
    )
    window = models.PositiveSmallIntegerField(
        _("blind anchors that count for it"), default=5, validators=between(2, 50)
    )
    mode = models.CharField(
        _("how work is given out"), max_length=6, choices=Mode.choices, default=Mode.CLAIM
    )
    offer_days = models.PositiveSmallIntegerField(
        _("days an offer stands"), default=1, validators=between(1, 10)
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="assessment_policy_promise",
                condition=models.Q(promise_floor__lte=models.F("promise_cap")),
            ),
            models.CheckConstraint(
                name="assessment_policy_rates",
                condition=models.Q(double_rate__lte=100, anchor_rate__lte=50, pause_below__lte=100),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)


class Absence(models.Model):
    """An assessor is away: nothing is offered or assigned to her until the day after."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="absence"
    )
    until = models.DateField()

    def __str__(self) -> str:
        return f"{self.user_id} until {self.until}"
