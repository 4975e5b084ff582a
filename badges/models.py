"""Awards and the documents that prove them."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from catalog.models import MicroCredential, Version
from submissions.models import Submission


def new_salt() -> str:
    """A random salt of 128 bits, for hashing one recipient's address."""
    return secrets.token_hex(16)


class StatusList(models.Model):
    """One bitstring status list of an issuer: 131,072 entries, the signed list cached with the bits.

    Source: W3C Bitstring Status List v1.0. `credential` is empty until first asked for and after each change.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="status_lists")
    size = models.PositiveIntegerField(default=131_072)
    credential = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return str(self.pk)


class Award(models.Model):
    """The badge a person earned. The signed credential is stored as issued."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Valid")
        REVOKED = "revoked", _("Revoked")

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Private")
        UNLISTED = "unlisted", _("Anyone with the link")
        PUBLIC = "public", _("Public")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    earner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="awards")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="awards")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.PROTECT, related_name="awards")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="awards")
    submission = models.OneToOneField(Submission, null=True, on_delete=models.PROTECT, related_name="award")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PRIVATE)
    name_shown = models.CharField(_("name shown"), max_length=120, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="awards")
    status_index = models.PositiveIntegerField()
    credential = models.JSONField()
    awarded_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["earner", "awarded_at"], name="award_mine"),
            models.Index(fields=["issuer", "awarded_at", "id"], name="award_issued"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["status_list", "status_index"], name="status_index_once"),
            models.CheckConstraint(name="award_state", condition=models.Q(state__in=["active", "revoked"])),
            models.CheckConstraint(
                name="award_visibility", condition=models.Q(visibility__in=["private", "unlisted", "public"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Share(models.Model):
    """An award the earner showed to a district of hers. Taking it back ends the district's view at once."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Shared")
        ENDED = "ended", _("Ended")

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="shares")
    organisation = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    school = models.ForeignKey(Organisation, null=True, on_delete=models.SET_NULL, related_name="+")
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["award", "organisation"], name="share_once"),
            models.CheckConstraint(name="share_state", condition=models.Q(state__in=["active", "ended"])),
        ]

    def __str__(self) -> str:
        return f"{self.award_id} → {self.organisation_id}"
