"""What an issuer decides about evidence: how long it is kept, what is asked at submit; and what must not be deleted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation, validate_time_zone
from catalog.models import MicroCredential
from submissions.models.work import Submission

RETENTION_DAYS = 180
WARNING_DAYS = 14


class Policy(models.Model):
    """One issuer's rules for evidence. No row means the defaults."""

    organisation = models.OneToOneField(
        Organisation, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    retention_days = models.PositiveSmallIntegerField(
        _("days kept after the decision"), default=RETENTION_DAYS
    )
    asks_ai = models.BooleanField(_("ask what AI help was used"), default=False)
    coach_after = models.PositiveSmallIntegerField(
        _("attempts after which a coach conversation comes first"), default=3
    )  # 0: never
    # Its calendar, by which every promised date counts.
    time_zone = models.CharField(
        _("time zone"), max_length=64, default="UTC", validators=[validate_time_zone]
    )
    holidays = ArrayField(models.DateField(), default=list, blank=True, verbose_name=_("days without work"))

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="policy_retention",
                condition=models.Q(retention_days__gte=30, retention_days__lte=3650),
            ),
        ]

    def __str__(self) -> str:
        return str(self.organisation_id)


class Hold(models.Model):
    """A legal hold: evidence of this attempt is not deleted while it stands."""

    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="holds")
    reason = models.TextField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField(auto_now_add=True)
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["submission"], condition=models.Q(lifted_at=None), name="hold_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.submission_id}: {self.reason}"


class Pace(models.Model):
    """How fast outcomes come, as the review room last reckoned it: the days promised at submit."""

    micro_credential = models.OneToOneField(
        MicroCredential, primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    days = models.PositiveSmallIntegerField()  # business days from submitting to the outcome
    waiting = models.PositiveIntegerField(default=0)
    changed = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.micro_credential_id}: {self.days}"
