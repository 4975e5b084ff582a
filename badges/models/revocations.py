"""Taking a badge back: announced, answered, decided by somebody uninvolved, and open to one appeal."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from badges.models.awards import Award


class Revocation(models.Model):
    """One procedure to revoke one award. The badge stays valid until it is decided."""

    class State(models.TextChoices):
        OPEN = "open", _("Announced: the holder may answer")
        REVOKED = "revoked", _("Revoked")
        KEPT = "kept", _("Not revoked")
        APPEALED = "appealed", _("Revoked, and appealed")
        UPHELD = "upheld", _("Revoked; the appeal was not granted")
        RESTORED = "restored", _("Restored after an appeal")

    class Ground(models.TextChoices):
        REASON = "reason", _("A reason given by the issuer")
        CASE = "case", _("A case about the work")
        KEY = "key", _("A signing key in other hands")
        PART = "part", _("A part of the certificate was revoked")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="revocations")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    ground = models.CharField(max_length=6, choices=Ground.choices, default=Ground.REASON)
    reason = models.TextField()
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.DateTimeField(auto_now_add=True)
    answer_until = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decision = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    appeal_until = models.DateTimeField(null=True, blank=True)
    appeal = models.TextField(blank=True)
    appealed_at = models.DateTimeField(null=True, blank=True)
    appeal_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    appeal_decision = models.TextField(blank=True)
    appeal_decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-opened_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["award"],
                condition=models.Q(state__in=["open", "appealed"]),
                name="one_open_revocation",
            ),
            models.CheckConstraint(
                name="revocation_state",
                condition=models.Q(state__in=["open", "revoked", "kept", "appealed", "upheld", "restored"]),
            ),
            models.CheckConstraint(
                name="revocation_ground", condition=models.Q(ground__in=["reason", "case", "key", "part"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
