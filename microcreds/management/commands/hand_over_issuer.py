"""`manage.py hand_over_issuer OLD SUCCESSOR --reason …`: another issuer answers for the badges of one that ends."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts import workflow
from accounts.models import Organisation
from journal.workflow import GuardError


class Command(BaseCommand):
    help = "Hand an issuer over to a successor: its people take the roles; keys, names and badges stay as they are."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("issuer", help="the slug of the issuer that ends")
        parser.add_argument("successor", help="the slug of the issuer that answers for it from now on")
        parser.add_argument("--reason", required=True, help="stands in the journal")

    def handle(self, *args: Any, issuer: str, successor: str, reason: str, **options: Any) -> None:
        try:
            row = workflow.hand_over(_named(issuer), _named(successor), reason)
        except GuardError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(
            f"{row.name} is handed over to {row.successor}. Its badges go on verifying under its own name."
        )


def _named(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug).first()
    if found is None:
        raise CommandError(f"There is no organisation named {slug}.")
    return found
