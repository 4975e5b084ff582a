"""A person lets a program at her badges, and stops it: the tokens are the library's, the say is hers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import transaction
from oauth2_provider.models import Application, clear_expired

from accounts.models import User
from badges import registering
from badges.queries import programs
from journal import workflow as journal

UNUSED = timedelta(days=90)


def register_program(metadata: dict[str, Any]) -> tuple[Application, str]:
    """A program that introduced itself, and its secret where it can keep one. It may do nothing yet."""
    public = metadata["token_endpoint_auth_method"] == registering.PUBLIC
    program = Application(
        name=metadata["client_name"],
        redirect_uris=" ".join(metadata["redirect_uris"]),
        client_type=Application.CLIENT_PUBLIC if public else Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_AUTHORIZATION_CODE,
        registration_source=Application.RegistrationSource.DCR,
    )
    secret = "" if public else str(program.client_secret)
    program.save()
    return program, secret


def allow_program(user: User, program: Application, scopes: list[str]) -> None:
    """Note that she said yes, to whom and to what."""
    data = {"program": program.client_id, "name": program.name, "scopes": sorted(scopes)}
    with transaction.atomic():
        journal.record("badges.program_allowed", user, actor=user, data=data)


def stop_program(user: User, program: Application) -> None:
    """End it: whatever the program holds works no more, from this moment on."""
    with transaction.atomic():
        for tokens in programs.tokens_of(user, program):
            tokens.delete()
        data = {"program": program.client_id, "name": program.name}
        journal.record("badges.program_stopped", user, actor=user, data=data)


def stop_programs(user: User) -> None:
    """Somebody leaves: no program gets at anything of hers any more, and nothing says which ones did."""
    for tokens in programs.tokens_of(user):
        tokens.delete()


def tidy_programs() -> int:
    """Forget tokens that work no more, those of people who left, and programs that never got one."""
    clear_expired()
    for tokens in programs.tokens_of_the_gone():
        tokens.delete()
    _rows, of = programs.unused_programs(UNUSED).delete()
    return int(of.get(Application._meta.label, 0))
