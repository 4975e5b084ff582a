"""Named reads of messages."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.models import User
from notifications.models import Kind, Message, Preference

COUNTED = 100
LISTS = timedelta(hours=1)
UNREAD = """
SELECT count(*) FROM (
    SELECT FROM notifications_message WHERE user_id = %s AND read_at IS NULL LIMIT %s
) AS unread
"""


def unread_count(user: User) -> int:
    """How many unread messages the bell shows; counted no further than 100. Every page asks, so it is plain SQL."""
    with connection.cursor() as cursor:
        cursor.execute(UNREAD, [user.pk, COUNTED])
        row = cursor.fetchone()
    return int(row[0])


def wants_mail(user: User, kind: str) -> bool:
    """Whether the person takes this kind by mail too. No answer means yes."""
    return not Preference.objects.filter(user=user, kind=kind, mail=False).exists()


def preferences(user: User) -> list[tuple[Kind, bool]]:
    """Every kind with the person's choice, in the order of the list."""
    declined = set(Preference.objects.filter(user=user, mail=False).values_list("kind", flat=True))
    return [(kind, kind not in declined) for kind in Kind]


def due() -> QuerySet[Message]:
    """Mails that wait to be sent now. Those to the people on a list are left to their own tasks for an hour."""
    now = timezone.now()
    rows = Message.objects.filter(state=Message.State.QUEUED, next_try__lte=now)
    young = Q(context__contains={"granted": True}, tries=0, next_try__gt=now - LISTS)
    return rows.exclude(young).order_by("next_try")
