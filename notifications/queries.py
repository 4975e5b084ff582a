"""Named reads of messages."""

from __future__ import annotations

from accounts.models import User
from notifications.models import Message


def unread_count(user: User) -> int:
    """How many unread messages the bell shows; counted no further than 100."""
    return Message.objects.filter(user=user, read_at=None)[:100].count()
