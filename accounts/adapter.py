"""How allauth behaves here: accounts start through our verb, and a mail server that is away stops nobody."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.signals import email_changed
from django.dispatch import receiver
from django.http import HttpRequest
from rest_framework.authtoken.models import Token

from accounts import workflow
from accounts.models import User

logger = logging.getLogger(__name__)


@receiver(email_changed)
def address_changed(sender: object, user: User, **kwargs: object) -> None:
    """allauth made another of her addresses the one she is known by."""
    workflow.note_address(user)


class AccountAdapter(DefaultAccountAdapter):
    """allauth's own rules, plus ours."""

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Sign-up done: profile, journal, welcome."""
        saved: User = super().save_user(request, user, form, commit)
        if commit:
            workflow.welcome(saved)
        return saved

    def populate_username(self, request: HttpRequest, user: User) -> None:
        """People have no user names."""

    def set_password(self, user: User, password: str) -> None:
        """A new password shuts out whoever knew the old one: programs with a token of that time too."""
        expected = not user.has_usable_password()
        super().set_password(user, password)
        if expected:
            workflow.arrive(user)
        Token.objects.filter(user=user).delete()

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send; where the mail server is away, log it. The page offers to send the message again."""
        try:
            super().send_mail(template_prefix, email, context)
        except (SMTPException, OSError):
            logger.exception("mail %s not sent", template_prefix)
