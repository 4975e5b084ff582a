"""`manage.py check_proof PROOF FILE --credential BADGE`: check a proof with no database and no network."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from badges import proving
from badges.openbadges import evidence
from badges.openbadges.baking import BakingError
from badges.openbadges.evidence import ProofError
from badges.openbadges.reading import DocumentError


class Command(BaseCommand):
    """Reads three files and computes; whether the badge itself is genuine is another question, and said to be one."""

    help = "Check that a file is what a badge was awarded for: proof, file and badge, offline."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("proof", type=Path, help="the proof, a JSON file")
        parser.add_argument("file", type=Path, help="the file it is about")
        parser.add_argument(
            "--credential", type=Path, required=True, help="the badge: JSON, token or picture"
        )

    def handle(self, *args: Any, proof: Path, file: Path, credential: Path, **options: Any) -> None:
        try:
            read = proving.read(proof.read_bytes())
            badge = proving.credential_in(credential.read_bytes())
            with file.open("rb") as opened:
                sha256 = hashlib.file_digest(opened, "sha256").digest()
        except (OSError, ProofError, DocumentError, BakingError) as error:
            raise CommandError(str(error)) from error
        findings = evidence.check(read, sha256, badge)
        for step in proving.told(findings, read.kind):
            self.stdout.write(f"{step['outcome']:>6}  {step['title']}: {step['words']}")
        if not all(finding.holds for finding in findings):
            raise CommandError("This does not prove the file.")
        self.stdout.write(
            "This file is proved. Check the badge itself too: its signature covers what was checked here."
        )
