"""`manage.py rotate_keys`: a newer key signs for an issuer, or for the platform; what older ones signed stays valid."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organisation
from badges import workflow
from badges.models import IssuerKey


class Command(BaseCommand):
    help = "Make a newer signing key; older ones stay published in did.json."

    def add_arguments(self, parser: CommandParser) -> None:
        who = parser.add_mutually_exclusive_group(required=True)
        who.add_argument("issuer", nargs="?", default="", help="the issuer's short name, as in its address")
        who.add_argument("--platform", action="store_true", help="the platform's own key")
        parser.add_argument(
            "--algorithm",
            choices=IssuerKey.Algorithm.values,
            default="",
            help="one of the two; without it both",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        issuer = None if options["platform"] else _issuer(options["issuer"])
        for algorithm in [options["algorithm"]] if options["algorithm"] else IssuerKey.Algorithm.values:
            key = workflow.rotate_key(issuer, algorithm)
            self.stdout.write(f"{key.get_algorithm_display()}: {key.fragment} signs from now on.")


def _issuer(slug: str) -> Organisation:
    found = Organisation.objects.filter(slug=slug, issues=True).first()
    if found is None:
        raise CommandError(f"There is no issuer called {slug}.")
    return found
