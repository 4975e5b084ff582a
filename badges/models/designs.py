"""What an issuer's badges look like."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from catalog.models import MicroCredential, Stack


class BadgeDesign(models.Model):
    """A drawing by shape, colours and words, or a picture of the issuer's own; for all its badges, one micro-credential or one stack."""

    class Shape(models.TextChoices):
        SEAL = "seal", _("Seal")
        CIRCLE = "circle", _("Circle")
        HEXAGON = "hexagon", _("Hexagon")
        SHIELD = "shield", _("Shield")
        SQUARE = "square", _("Rounded square")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="badge_designs")
    micro_credential = models.OneToOneField(
        MicroCredential, null=True, blank=True, on_delete=models.CASCADE, related_name="+"
    )
    stack = models.OneToOneField(Stack, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    shape = models.CharField(max_length=8, choices=Shape.choices, default=Shape.SEAL)
    colour = models.CharField(max_length=7, default="#0b5f59")  # of the ground, on which white words stand
    edge = models.CharField(max_length=7, default="#9fd0c8")
    accent = models.CharField(max_length=7, default="#f0b23e")
    words = models.CharField(_("short title on the badge"), max_length=80, blank=True)
    upload = models.BinaryField(null=True, blank=True)  # a PNG of 600 × 600, drawn anew from what was given
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer"],
                condition=models.Q(micro_credential=None, stack=None),
                name="design_of_issuer_once",
            ),
            models.CheckConstraint(
                name="design_of_one_thing",
                condition=models.Q(micro_credential=None) | models.Q(stack=None),
            ),
            models.CheckConstraint(
                name="design_shape",
                condition=models.Q(shape__in=["seal", "circle", "hexagon", "shield", "square"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)
