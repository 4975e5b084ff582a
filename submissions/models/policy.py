"""What an issuer decides about evidence: how long it is kept, what is asked at submit; and what must not be deleted."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
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
