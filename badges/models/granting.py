"""Many awards at once: prior learning and badges brought from another system."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from badges.models.awards import Award
from catalog.models import Version


class Batch(models.Model):
    """One list of people whom an issuer grants one micro-credential: every row gets an answer."""

    class State(models.TextChoices):
        CHECKED = "checked", _("Read, not yet started")
        RUNNING = "running", _("Being awarded")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(max_length=160)  # of the file, or what the program called it
    key = models.CharField(max_length=80, blank=True)  # Idempotency-Key of the request, or the file's SHA-256
    state = models.CharField(max_length=7, choices=State.choices, default=State.CHECKED)
    total = models.PositiveIntegerField(default=0)
    answered = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["issuer", "created", "id"], name="batch_of_issuer")]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["issuer", "version", "key"],
                condition=~models.Q(key="") & ~models.Q(state="dropped"),
                name="batch_once",
            ),
            models.CheckConstraint(
                name="batch_state", condition=models.Q(state__in=["checked", "running", "done", "dropped"])
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BatchRow(models.Model):
    """One person in a batch, with every column kept as it came."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waits")
        AWARDED = "awarded", _("Awarded")
        ALREADY = "already", _("Had it already")
        REFUSED = "refused", _("Refused")

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="batch_rows")
    number = models.PositiveIntegerField()  # the row in the file, the header being 1
    reference = models.CharField(max_length=80, blank=True)  # the issuer's own name for it
    email = models.CharField(max_length=254)
    name = models.CharField(max_length=160, blank=True)
    awarded_at = models.DateTimeField(null=True, blank=True)
    narrative = models.TextField(blank=True)
    supporting = models.JSONField(default=list)  # [{name, url, narrative}]
    columns = models.JSONField(default=dict)  # as they came
    state = models.CharField(max_length=7, choices=State.choices, default=State.WAITING)
    problem = models.TextField(blank=True)
    award = models.ForeignKey(Award, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        ordering: ClassVar = ["number"]
        indexes: ClassVar = [
            models.Index(
                fields=["batch", "number"], condition=models.Q(state="waiting"), name="batch_waiting"
            )
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "number"], name="batch_row_once"),
            models.CheckConstraint(
                name="batch_row_state",
                condition=models.Q(state__in=["waiting", "awarded", "already", "refused"]),
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)
