"""Awards and the documents that prove them."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from badges.models.keys import IssuerKey
from catalog.models import MicroCredential, Stack, Version
from submissions.models import Submission


def new_salt() -> str:
    """A random salt of 128 bits, for hashing one recipient's address."""
    return secrets.token_hex(16)


class StatusList(models.Model):
    """One bitstring status list of an issuer: 131,072 entries, the signed list cached with the bits.

    Source: W3C Bitstring Status List v1.0. `credential` is empty until first asked for and after each change.
    Certificates that only pause when a part is revoked have lists of the purpose *suspension*, because a revocation cannot be undone.
    """

    class Purpose(models.TextChoices):
        REVOCATION = "revocation", _("Revocation")
        SUSPENSION = "suspension", _("Suspension")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="status_lists")
    purpose = models.CharField(max_length=10, choices=Purpose.choices, default=Purpose.REVOCATION)
    size = models.PositiveIntegerField(default=131_072)
    credential = models.JSONField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                name="status_purpose", condition=models.Q(purpose__in=["revocation", "suspension"])
            )
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Award(models.Model):
    """What a person earned: the badge of a micro-credential, or the certificate of a stack. The signed credential is stored as issued.

    `awarded_at` is when it was earned and never changes; `issued_at` is when the document in `credential` was signed (its
    `validFrom`), which a re-issue moves on while the id stays.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("Valid")
        SUSPENDED = "suspended", _("Suspended")
        REVOKED = "revoked", _("Revoked")

    class Visibility(models.TextChoices):
        PRIVATE = "private", _("Private")
        UNLISTED = "unlisted", _("Anyone with the link")
        PUBLIC = "public", _("Public")

    class Origin(models.TextChoices):
        ASSESSED = "assessed", _("Assessed here")
        GRANTED = "granted", _("Granted by the issuer for prior learning")
        CERTIFICATE = "certificate", _("Certificate of a stack")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    earner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="awards")
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="awards")
    origin = models.CharField(max_length=12, choices=Origin.choices, default=Origin.ASSESSED)
    # A badge has a version of a micro-credential; a certificate has a stack instead.
    micro_credential = models.ForeignKey(
        MicroCredential, null=True, blank=True, on_delete=models.PROTECT, related_name="awards"
    )
    version = models.ForeignKey(
        Version, null=True, blank=True, on_delete=models.PROTECT, related_name="awards"
    )
    stack = models.ForeignKey(Stack, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    submission = models.OneToOneField(
        Submission, null=True, blank=True, on_delete=models.PROTECT, related_name="award"
    )
    renews = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="renewals"
    )
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.PRIVATE)
    on_profile = models.BooleanField(default=False)  # shown on her public profile, if she has one
    name_shown = models.CharField(_("name shown"), max_length=120, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    status_list = models.ForeignKey(StatusList, on_delete=models.PROTECT, related_name="awards")
    status_index = models.PositiveIntegerField()
    credential = models.JSONField()
    key = models.ForeignKey(
        IssuerKey, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )  # that signed `credential`; empty for documents of before keys were rows
    # What proves which evidence was assessed: {format, root, manifest, decision, record}; its digest is in the credential.
    seal = models.JSONField(default=dict)
    narrative = models.TextField(blank=True)  # of a granted award: what it was granted for
    supporting = models.JSONField(default=list)  # of a granted award: [{name, url, narrative}]
    awarded_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    valid_until = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    revocation_reason = models.TextField(blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["earner", "awarded_at"], name="award_mine"),
            models.Index(fields=["issuer", "awarded_at", "id"], name="award_issued"),
            models.Index(
                fields=["valid_until"], name="award_ends", condition=models.Q(valid_until__isnull=False)
            ),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["status_list", "status_index"], name="status_index_once"),
            models.UniqueConstraint(
                fields=["earner", "stack"], name="certificate_once", condition=~models.Q(state="revoked")
            ),
            models.CheckConstraint(
                name="award_state", condition=models.Q(state__in=["active", "suspended", "revoked"])
            ),
            models.CheckConstraint(
                name="award_visibility", condition=models.Q(visibility__in=["private", "unlisted", "public"])
            ),
            models.CheckConstraint(
                name="award_origin", condition=models.Q(origin__in=["assessed", "granted", "certificate"])
            ),
            models.CheckConstraint(
                name="award_of_one_thing",
                condition=models.Q(stack=None, version__isnull=False, micro_credential__isnull=False)
                | models.Q(stack__isnull=False, version=None, micro_credential=None),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def title(self) -> str:
        """What it is called: the micro-credential as it was when earned, or the stack's certificate."""
        if self.stack is not None:
            return self.stack.certificate
        return self.version.title if self.version is not None else ""

    @property
    def listed_title(self) -> str:
        """The same for lists, which do not load the version: as the catalogue calls it now."""
        if self.stack is not None:
            return self.stack.certificate
        return self.micro_credential.title if self.micro_credential is not None else ""

    @property
    def slug(self) -> str:
        """The address of what it is for: of the micro-credential, or of the stack."""
        row = self.stack or self.micro_credential
        return row.slug if row is not None else ""

    @property
    def expired(self) -> bool:
        """Whether its term is over. Told by the date, never a state: nothing has to happen for it."""
        return self.valid_until is not None and self.valid_until <= timezone.now()

    @property
    def glyph(self) -> str:
        """The sign drawn on its card."""
        return self.micro_credential.glyph if self.micro_credential is not None else "stack"


class ShownEvidence(models.Model):
    """A piece of evidence the earner chose to show with her badge: opened by anybody who may see it, or as a digest alone.

    `artifact` is a plain id, because the digest must survive the file.
    """

    class Mode(models.TextChoices):
        OPEN = "open", _("The file itself")
        DIGEST = "digest", _("Only proof that it was assessed")

    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="shown_evidence")
    artifact = models.UUIDField()
    mode = models.CharField(max_length=6, choices=Mode.choices)
    name = models.CharField(max_length=160)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["award", "artifact"], name="shown_once"),
            models.CheckConstraint(name="shown_mode", condition=models.Q(mode__in=["open", "digest"])),
        ]

    def __str__(self) -> str:
        return self.name


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
