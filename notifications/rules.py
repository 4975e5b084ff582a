"""Who sees which messages: each person her own."""

from __future__ import annotations

from django.db.models import QuerySet

from accounts.models import User
from accounts.rules import Person
from notifications.models import Message


def visible_to(user: Person) -> QuerySet[Message]:
    """One's own messages."""
    return Message.objects.filter(user=user) if isinstance(user, User) else Message.objects.none()
