"""`manage.py export_registry DIRECTORY`: a mirror of plain files that keeps verifying badges when this program is gone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from badges.registry import RegistryError, export


class Command(BaseCommand):
    help = "Write a static mirror of keys, status lists, achievements and public badges, with a verifier that needs no server."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("directory", type=Path, help="empty, or of an earlier export")

    def handle(self, *args: Any, directory: Path, **options: Any) -> None:
        try:
            written = export(directory, timezone.now())
        except (RegistryError, OSError) as error:
            raise CommandError(str(error)) from error
        rooms = ", ".join(f"{count:,} {room}" for room, count in sorted(written.counts.items()))
        self.stdout.write(f"{written.total:,} files in {directory}: {rooms}.")
