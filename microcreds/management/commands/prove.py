"""`manage.py prove AWARD FILE`: write the proof that this file was among the evidence for the badge."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges import proving
from badges.models import Award


class Command(BaseCommand):
    """For the keeper of an installation whom the earner asked; she herself has a page for it."""

    help = "Write a proof that one file was among the evidence for a badge. Nothing else of the evidence is in it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("award", type=UUID, help="the badge's id")
        parser.add_argument("file", type=Path, help="the file, as it was assessed or as it was handed in")
        parser.add_argument("--output", type=Path, help="where to write the proof; without it, it is printed")

    def handle(self, *args: Any, award: UUID, file: Path, output: Path | None, **options: Any) -> None:
        row = Award.objects.select_related("submission", "version").filter(pk=award).first()
        if row is None:
            raise CommandError(f"There is no badge {award}.")
        try:
            with file.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").hexdigest()
            text = proving.written(proving.proof_of(row, sha256))
            if output is None:
                self.stdout.write(text, ending="")
            else:
                output.write_text(text)
        except OSError as error:
            raise CommandError(str(error)) from error
        except proving.Unsealed as error:
            raise CommandError(
                f"Nothing can be proved with this badge. {proving.why_unsealed(row)}"
            ) from error
        except proving.NotAssessed as error:
            raise CommandError(
                "A file with exactly these bytes is not among the evidence for this badge."
            ) from error
