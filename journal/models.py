"""What happened. The journal is the audit trail, the timeline and the outbox at once."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from typing import Any, ClassVar

import rfc8785
from django.conf import settings
from django.db import models

FIRST = "0" * 64  # what stands for the hash before the first record

BULK = "bulk"  # a member of `data`: one of thousands that were written at once


class Entry(models.Model):
    """One thing that happened. Append-only; only `dispatched_at` is ever written later.

    `data` holds ids and short notes, never personal data: it is kept longer than any person's rows.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=64)
    subject_kind = models.CharField(max_length=64)
    subject_id = models.CharField(max_length=64)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    organisation_id = models.UUIDField(null=True)
    data = models.JSONField(default=dict)
    created = models.DateTimeField(auto_now_add=True)
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name_plural = "entries"
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "created"], name="entry_subject"),
            models.Index(fields=["created"], condition=models.Q(dispatched_at=None), name="entry_outbox"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}:{self.subject_id}"


class Record(models.Model):
    """A link of the chain of records: what must be provable later, each with the hash of the one before.

    `body` holds ids, digests and pseudonyms, never personal data. `hash` is SHA-256 over `previous` and the canonical JSON of
    `body` (RFC 8785), so that no record can be altered, left out or put in between without breaking all that follow.
    """

    number = models.PositiveBigIntegerField(primary_key=True)
    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="record")
    body = models.JSONField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    def __str__(self) -> str:
        return f"{self.number} {self.hash[:12]}"

    @staticmethod
    def hash_of(previous: str, body: Mapping[str, Any]) -> str:
        """SHA-256 over the bytes of the hash before and the canonical JSON of the body, in hex."""
        return hashlib.sha256(bytes.fromhex(previous) + rfc8785.dumps(dict(body))).hexdigest()
