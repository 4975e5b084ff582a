"""How a holder shows her badges: links of several, a public profile, and the way into a wallet."""

from __future__ import annotations

import secrets
import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from badges.models.awards import Award


def new_token() -> str:
    """An address nobody guesses: 128 random bits in 22 characters."""
    return secrets.token_urlsafe(16)


class ShareLink(models.Model):
    """One address that shows several awards, until it ends or is withdrawn."""

    class State(models.TextChoices):
        ACTIVE = "active", _("Open")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="share_links")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    title = models.CharField(_("for whom"), max_length=120)  # hers alone: “Principal of Oak School”
    name_shown = models.CharField(_("name shown"), max_length=120, blank=True)
    state = models.CharField(max_length=9, choices=State.choices, default=State.ACTIVE)
    expires_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    awards: models.ManyToManyField[Award, ShareLinkItem] = models.ManyToManyField(
        Award, through="ShareLinkItem", related_name="+"
    )
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="link_state", condition=models.Q(state__in=["active", "withdrawn"])),
        ]

    def __str__(self) -> str:
        return self.title


class ShareLinkItem(models.Model):
    link = models.ForeignKey(ShareLink, on_delete=models.CASCADE, related_name="shown_items")
    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order", "pk"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["link", "award"], name="link_item_once")]

    def __str__(self) -> str:
        return str(self.order)


class PublicProfile(models.Model):
    """A page of chosen awards that a person makes public. There is none unless she makes it."""

    class State(models.TextChoices):
        HIDDEN = "hidden", _("Hidden")
        SHOWN = "shown", _("Shown to everybody")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, primary_key=True, on_delete=models.CASCADE, related_name="public_profile"
    )
    slug = models.SlugField(_("address"), max_length=60, unique=True)
    name_shown = models.CharField(_("name shown"), max_length=120)
    headline = models.CharField(_("what you do"), max_length=160, blank=True)
    state = models.CharField(max_length=6, choices=State.choices, default=State.HIDDEN)
    created = models.DateTimeField(auto_now_add=True)
    updated = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="profile_state", condition=models.Q(state__in=["hidden", "shown"])),
        ]

    def __str__(self) -> str:
        return self.slug


class Exchange(models.Model):
    """One handing over of an award to a wallet (VC-API exchange): an address that works once, for a few minutes."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the wallet")
        DONE = "done", _("Handed over")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    award = models.ForeignKey(Award, on_delete=models.CASCADE, related_name="+")
    token = models.CharField(max_length=32, unique=True, default=new_token)
    state = models.CharField(max_length=4, choices=State.choices, default=State.OPEN)
    expires_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(name="exchange_state", condition=models.Q(state__in=["open", "done"])),
        ]

    def __str__(self) -> str:
        return str(self.pk)
