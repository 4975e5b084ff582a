"""Organisations that stand behind a micro-credential, an issuer or an award, in a signed document."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from badges.models.awards import Award, StatusList
from badges.models.keys import IssuerKey
from catalog.models import MicroCredential


class Endorsement(models.Model):
    """One organisation's endorsement of exactly one thing (Open Badges 3.0, EndorsementCredential)."""

    class State(models.TextChoices):
        ACTIVE = "active", _("In force")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    endorser = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="endorsements_given")
    micro_credential = models.ForeignKey(
        MicroCredential, null=True, blank=True, on_delete=models.CASCADE, related_name="endorsements"
    )
    issuer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="endorsements"
    )
    award = models.ForeignKey(
        Award, null=True, blank=True, on_delete=models.CASCADE, related_name="endorsements"
    )
    words = models.TextField()
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    credential = models.JSONField()
    key = models.ForeignKey(IssuerKey, null=True, on_delete=models.PROTECT, related_name="+")
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="endorsements")
    status_index = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-created"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["endorser", "micro_credential", "issuer", "award"],
                condition=models.Q(state="active"),
                nulls_distinct=False,
                name="endorsed_once",
            ),
            models.UniqueConstraint(fields=["status_list", "status_index"], name="endorsement_index_once"),
            models.CheckConstraint(
                name="endorsement_state", condition=models.Q(state__in=["active", "withdrawn"])
            ),
            models.CheckConstraint(
                name="endorses_one_thing",
                condition=models.Q(micro_credential__isnull=False, issuer=None, award=None)
                | models.Q(micro_credential=None, issuer__isnull=False, award=None)
                | models.Q(micro_credential=None, issuer=None, award__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
