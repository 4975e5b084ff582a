"""`manage.py bootstrap`: a clean installation, ready for real people."""

from __future__ import annotations

from argparse import ArgumentParser
from smtplib import SMTPException
from typing import Any

from allauth.account.forms import default_token_generator
from allauth.account.models import EmailAddress
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.urls import reverse

from accounts import workflow
from accounts.models import Organisation, User


class Command(BaseCommand):
    """Makes the first admin, who chooses a password by a one-time link, and sends a test mail."""

    help = "Set up a clean installation: the first admin by a one-time link, a test mail, no demo people."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--email", required=True, help="address of the first platform admin")
        parser.add_argument("--name", default="", help="name of the first platform admin")

    def handle(self, *args: Any, email: str, name: str, **options: Any) -> None:
        self._check(email)
        with transaction.atomic():
            user = User.objects.filter(email__iexact=email).first() or self._admin(email, name)
        if user.has_usable_password():
            raise CommandError(
                f"{email} has chosen a password already. Use “forgot password” on the sign-in page."
            )
        # From now on `make run` leaves the demo out.
        (settings.HOME / "bootstrapped").touch()
        self.stdout.write(f"One-time link for {email} to choose a password:\n  {_link(user)}")
        self._test_mail(email)
        self.stdout.write(
            f"Then make organisations under {settings.BASE_URL}{reverse('admin:index')} and invite people."
        )

    def _check(self, email: str) -> None:
        try:
            validate_email(email)
        except ValidationError:
            raise CommandError(f"“{email}” is not an e-mail address.") from None
        if settings.DEMO or Organisation.objects.filter(demo=True).exists():
            raise CommandError(
                "This installation holds the demonstration. Use another database and MICROCREDS_HOME: the two never mix."
            )

    def _admin(self, email: str, name: str) -> User:
        user = User.objects.create_superuser(email, None, name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
        workflow.welcome(user)
        return user

    def _test_mail(self, email: str) -> None:
        try:
            send_mail("Microcreds: test mail", "Mail from your installation arrives.", None, [email])
        except (SMTPException, OSError) as error:
            raise CommandError(
                f"The admin is set up, but the test mail was not sent: {error}. Check EMAIL_URL."
            ) from None
        self.stdout.write(f"A test mail to {email} is sent ({settings.EMAIL_BACKEND.rsplit('.', 2)[-2]}).")


def _link(user: User) -> str:
    """The password-reset address: it works until a password is chosen, or the token's time is over."""
    key = default_token_generator.make_token(user)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": user_pk_to_url_str(user), "key": key})
    return f"{settings.BASE_URL}{path}"
