"""The conversation with a coach that comes before yet another attempt."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from submissions.models.work import Enrolment


class Conversation(models.Model):
    """An educator and a coach talk before the next attempt. The coach never assesses this educator's work."""

    class State(models.TextChoices):
        ASKED = "asked", _("Waits for a coach")
        OPEN = "open", _("Being held")
        DONE = "done", _("Held")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="conversations")
    after = models.PositiveSmallIntegerField()  # the attempt that was not yet
    coach = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.ASKED)
    created = models.DateTimeField(auto_now_add=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["enrolment", "after"], name="conversation_once"),
            models.CheckConstraint(
                name="conversation_state", condition=models.Q(state__in=["asked", "open", "done"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Utterance(models.Model):
    """What one of the two wrote."""

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="utterances")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["created", "id"]

    def __str__(self) -> str:
        return self.text[:60]
