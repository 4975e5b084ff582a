"""Issuers' signing keys as rows: the public half for ever, the private half sealed."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class IssuerKey(models.Model):
    """One key pair of an issuer, or of the platform where `issuer` is empty. Rows are added and retired, never removed.

    What was signed with an old key must verify as long as somebody keeps the badge (DID Core 1.0, section 5.2).
    `secret` is what the key provider needs to sign: for the local one the private key, encrypted with the installation's secret.
    """

    class Algorithm(models.TextChoices):
        ED25519 = "ed25519", _("Ed25519, for proofs inside the document")
        RSA = "rsa", _("RSA, for tokens (RS256)")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="signing_keys"
    )
    algorithm = models.CharField(max_length=7, choices=Algorithm.choices)
    number = models.PositiveSmallIntegerField(default=1)
    fragment = models.CharField(max_length=80)  # its name in did.json, after the #
    public = models.JSONField()  # {"publicKeyMultibase": …} or {"publicKeyJwk": …}
    provider = models.CharField(max_length=40, default="local")
    secret = models.BinaryField()
    created = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)  # signs no more; what it signed stays valid
    revoked_from = models.DateTimeField(
        null=True, blank=True
    )  # in other hands from then on: nothing it signed later counts
    revoked_why = models.TextField(blank=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "algorithm", "number"], name="key_number_once", nulls_distinct=False
            ),
            models.UniqueConstraint(
                fields=["issuer", "fragment"], name="key_name_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                name="key_algorithm", condition=models.Q(algorithm__in=["ed25519", "rsa"])
            ),
        ]

    def __str__(self) -> str:
        return self.fragment
