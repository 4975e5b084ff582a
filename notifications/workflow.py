"""What can happen to a message: queued → sent | failed, read; and what people ask us."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.models import Organisation, User
from accounts.queries import profile_of
from journal.models import Entry
from journal.workflow import GuardError, TransitionError, change, record
from notifications import queries
from notifications.models import Message, Preference, Question

logger = logging.getLogger(__name__)

# verb → (from states, to state, journal kind)
TRANSITIONS = {
    "sent": (frozenset({Message.State.QUEUED}), Message.State.SENT, "notifications.sent"),
    "failed": (frozenset({Message.State.QUEUED}), Message.State.FAILED, "notifications.failed"),
}
# Minutes until the next try; after the last one the message has failed.
RETRY_MINUTES = (1, 5, 30, 120, 720)
QUESTION_MAX = 5_000


def notify(
    entry: Entry, user: User | None, kind: str, context: Mapping[str, Any], url: str = "", address: str = ""
) -> Message:
    """Tell one person about one journal entry, once: in the app, and by mail unless she declined.

    `context` is JSON: titles, dates and addresses for `emails/<kind>.*`. Somebody without an account is reached at
    `address`.
    """
    mail = user is None or queries.wants_mail(user, kind)
    message, created = Message.objects.get_or_create(
        user=user,
        address="" if user else address,
        kind=kind,
        entry_id=entry.pk,
        defaults={
            "context": dict(context),
            "url": url,
            "state": Message.State.QUEUED if mail else Message.State.IN_APP,
            "next_try": timezone.now() if mail else None,
        },
    )
    if created and mail:
        transaction.on_commit(lambda: _send_soon(message))
    return message


def _send_soon(message: Message) -> None:
    try:
        current_app.send_task("notifications.tasks.send", args=[str(message.pk)])
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("message %s left to the sweep: %s", message.pk, error)


def title_of(message: Message) -> str:
    """The message in one line, for the list and as the mail's subject."""
    return " ".join(render_to_string(f"emails/{message.kind}.subject.txt", _context(message)).split())


def _context(message: Message) -> dict[str, Any]:
    url = message.url if message.url.startswith("http") else f"{settings.BASE_URL}{message.url}"
    return {**message.context, "url": url, "base_url": settings.BASE_URL}


def send(message: Message) -> bool:
    """Send one queued mail; False when it was not (any more) to be sent.

    The row stays locked while sending, so that two workers never send it twice.
    """
    with transaction.atomic():
        row = (
            Message.objects.select_for_update(skip_locked=True).filter(pk=message.pk, state="queued").first()
        )
        if row is None:
            return False
        try:
            _mail(row).send()
        except (SMTPException, OSError) as error:
            _put_off(row, error)
            return False
        frm, to, kind = TRANSITIONS["sent"]
        change(row, kind, frm=frm, to=to, sent_at=timezone.now(), next_try=None)
    return True


def _mail(message: Message) -> EmailMultiAlternatives:
    """The mail with text and HTML, in the recipient's language."""
    language = profile_of(message.user).language if message.user else settings.LANGUAGE_CODE
    with translation.override(language):
        context = {**_context(message), "title": title_of(message)}
        mail = EmailMultiAlternatives(
            subject=context["title"],
            body=render_to_string(f"emails/{message.kind}.txt", context),
            to=[message.user.email if message.user else message.address],
            reply_to=[message.context["reply_to"]] if message.context.get("reply_to") else None,
        )
        mail.attach_alternative(render_to_string(f"emails/{message.kind}.html", context), "text/html")
    return mail


def _put_off(message: Message, error: Exception) -> None:
    """Try again later, and give up after the last try."""
    logger.warning("mail %s not sent: %s", message.pk, error)
    if message.tries >= len(RETRY_MINUTES):
        frm, to, kind = TRANSITIONS["failed"]
        change(message, kind, frm=frm, to=to, next_try=None)
        return
    wait = timedelta(minutes=RETRY_MINUTES[message.tries])
    Message.objects.filter(pk=message.pk).update(tries=message.tries + 1, next_try=timezone.now() + wait)


def mark_read(message: Message) -> None:
    """The person has seen it."""
    Message.objects.filter(pk=message.pk, read_at=None).update(read_at=timezone.now())


def mark_all_read(user: User) -> None:
    """The person has seen them all."""
    Message.objects.filter(user=user, read_at=None).update(read_at=timezone.now())


def set_preferences(user: User, mailed: set[str]) -> None:
    """Store which kinds come by mail; all others are shown in the app only."""
    with transaction.atomic():
        for kind, _mail_now in queries.preferences(user):
            Preference.objects.update_or_create(user=user, kind=kind, defaults={"mail": kind in mailed})


def forget(user: User) -> None:
    """Everything we told somebody who left."""
    Message.objects.filter(user=user.pk).delete()
    Preference.objects.filter(user=user.pk).delete()
    Question.objects.filter(user=user.pk).update(user=None, reply_to="closed@invalid.invalid")


def ask(
    text: str, reply_to: str, *, user: User | None = None, organisation: Organisation | None = None
) -> Question:
    """Pass a question on to an issuer, or to the platform's people."""
    if not text.strip() or len(text) > QUESTION_MAX:
        words = _("Write your question in up to 5,000 characters.")
        raise GuardError(words, {"text": [words]})
    with transaction.atomic():
        question = Question.objects.create(text=text, reply_to=reply_to, user=user, organisation=organisation)
        record(
            "notifications.asked",
            question,
            actor=user,
            organisation_id=organisation.pk if organisation else None,
        )
    return question


__all__ = [
    "TransitionError",
    "ask",
    "forget",
    "mark_all_read",
    "mark_read",
    "notify",
    "send",
    "set_preferences",
    "title_of",
]
