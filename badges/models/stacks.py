"""Badges from elsewhere, what they count for, and the parts a certificate names."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from badges.models.awards import Award
from catalog.models import StackItem


class ExternalAward(models.Model):
    """A badge by another issuer that a person keeps here: its bytes as they came, and what the last check said."""

    class Outcome(models.TextChoices):
        OK = "ok", _("Verified")
        FAILED = "failed", _("Not valid")
        UNKNOWN = "unknown", _("Could not be checked fully")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="external_awards"
    )
    media_type = models.CharField(max_length=60)
    content = models.BinaryField()  # as it came, byte for byte
    digest = models.CharField(max_length=64)  # SHA-256 of `content`
    document = models.JSONField()  # the credential or assertion in it
    credential_id = models.CharField(max_length=2000, blank=True)
    issuer_id = models.CharField(max_length=2000, blank=True)
    issuer_name = models.CharField(max_length=300, blank=True)
    achievement_id = models.CharField(max_length=2000, blank=True)
    name = models.CharField(max_length=300)
    issued_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.UNKNOWN)
    steps = models.JSONField(default=list)  # [{name, outcome, words}] of the last check
    is_hers = models.BooleanField(default=False)  # its recipient is an address of hers that is confirmed
    checked_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["owner", "created", "id"], name="external_mine")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["owner", "digest"], name="external_once"),
            models.CheckConstraint(
                name="external_outcome", condition=models.Q(outcome__in=["ok", "failed", "unknown"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Recognition(models.Model):
    """A person asks that a badge from elsewhere counts for a part of a stack; the stack's issuer answers."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ACCEPTED = "accepted", _("Counts")
        DECLINED = "declined", _("Does not count")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    external = models.ForeignKey(ExternalAward, on_delete=models.CASCADE, related_name="recognitions")
    item = models.ForeignKey(StackItem, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    words = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["external", "item"], name="recognition_once"),
            models.CheckConstraint(
                name="recognition_state", condition=models.Q(state__in=["asked", "accepted", "declined"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CertificatePart(models.Model):
    """What a certificate was earned with: an award of ours, or one from elsewhere that counted."""

    certificate = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="named_parts")
    part = models.ForeignKey(Award, null=True, blank=True, on_delete=models.PROTECT, related_name="part_of")
    external = models.ForeignKey(
        ExternalAward, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    item = models.ForeignKey(StackItem, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=300)
    issuer_name = models.CharField(max_length=300)
    address = models.CharField(max_length=2000)  # its id, as the certificate's document names it
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["certificate", "address"], name="part_once"),
        ]

    def __str__(self) -> str:
        return self.name
