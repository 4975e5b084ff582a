"""A clean installation."""

from __future__ import annotations

import io
import re

import pytest
from django.core import mail
from django.core.management import CommandError, call_command
from django.test import Client

from accounts.models import User
from tests import factories

pytestmark = pytest.mark.django_db


def bootstrap(email: str = "first@example.test") -> str:
    out = io.StringIO()
    call_command("bootstrap", email=email, stdout=out)
    return out.getvalue()


def test_the_first_admin_chooses_a_password_by_a_one_time_link(client: Client) -> None:
    link = re.search(r"http://\S+", bootstrap())
    assert link is not None
    form = client.get(link.group(), follow=True)
    page = form.redirect_chain[-1][0]
    client.post(page, {"password1": "correct horse battery", "password2": "correct horse battery"})
    admin = User.objects.get()
    assert (admin.email, admin.is_superuser, admin.check_password("correct horse battery")) == (
        "first@example.test",
        True,
        True,
    )
    assert "token" in Client().get(link.group(), follow=True).content.decode().lower()


def test_a_test_mail_is_sent_and_nobody_else_is_there() -> None:
    bootstrap()
    assert [message.to for message in mail.outbox] == [["first@example.test"]]
    assert User.objects.count() == 1


def test_it_refuses_to_mix_with_the_demo() -> None:
    factories.organisation("northfield", demo=True)
    with pytest.raises(CommandError, match="never mix"):
        bootstrap()
    assert User.objects.count() == 0


def test_a_wrong_address_is_named() -> None:
    with pytest.raises(CommandError, match="“first” is not an e-mail address"):
        bootstrap("first")


def test_once_a_password_is_chosen_there_is_no_second_link() -> None:
    bootstrap()
    admin = User.objects.get()
    admin.set_password("correct horse battery")
    admin.save()
    with pytest.raises(CommandError, match="chosen a password already"):
        bootstrap()
