"""`manage.py revoke_key`: a private key was in other hands; nothing it signed from that moment on counts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from badges import workflow
from badges.models import IssuerKey
from journal.workflow import TransitionError


class Command(BaseCommand):
    help = "Mark a key as being in other hands from a moment on; a new one follows, and our own badges are signed anew."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("fragment", help="the key's name: what follows the # in did.json")
        parser.add_argument(
            "--from", dest="since", required=True, help="the moment, such as 2026-11-22T08:00:00Z"
        )
        parser.add_argument("--reason", required=True, help="what happened; shown to the issuer's people")
        parser.add_argument(
            "--revoke-badges",
            action="store_true",
            help="revoke what it signed since at once instead of signing it anew; their holders read the reason",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = list(
            IssuerKey.objects.filter(fragment=options["fragment"].rpartition("#")[2]).select_related("issuer")
        )
        if len(keys) != 1:
            raise CommandError("There is no key of this name.")
        try:
            since = parse_datetime(options["since"])
        except ValueError:
            since = None
        if since is None:
            raise CommandError("--from must be a moment, such as 2026-11-22T08:00:00Z.")
        if since.tzinfo is None:
            since = timezone.make_aware(since)
        try:
            follower, revoked = self._revoke(keys[0], since, options["reason"], options["revoke_badges"])
        except TransitionError as error:
            raise CommandError(str(error.message)) from error
        self.stdout.write(f"Revoked from {since.isoformat()} on.")
        if follower is not None:
            self.stdout.write(f"{follower.fragment} signs from now on.")
        if revoked:
            self.stdout.write(f"{revoked} badges that it signed since are revoked; their holders are told.")

    def _revoke(
        self, key: IssuerKey, since: datetime, reason: str, badges: bool
    ) -> tuple[IssuerKey | None, int]:
        if badges:
            return workflow.revoke_key_and_badges(key, since, reason)
        return workflow.revoke_key(key, since, reason), 0
