"""`manage.py generate`: data at scale, in seconds, for benchmarks."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from catalog.models import MicroCredential
from microcreds.demo import scale


class Command(BaseCommand):
    """Adds to the demonstration, which it loads where it is missing; refuses where there are real people."""

    help = "Add educators, submissions and awards in great numbers to the demonstration, for benchmarks."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name in ("educators", "submissions", "awards"):
            parser.add_argument(f"--{name}", type=int, default=0, metavar="N", help=f"how many {name} to add")

    def handle(self, *args: Any, educators: int, submissions: int, awards: int, **options: Any) -> None:
        if min(educators, submissions, awards) < 0:
            raise CommandError("Numbers must not be negative.")
        call_command("demo")
        units = MicroCredential.objects.filter(state="published").count()
        if max(submissions, awards) > educators * units:
            raise CommandError(
                f"Each of {educators} educators can work on {units} micro-credentials once: "
                f"ask for {-(-max(submissions, awards) // units)} educators or more."
            )
        begun = time.monotonic()
        scale.load(educators, submissions, awards)
        self.stdout.write(
            f"{educators:,} educators, {max(submissions, awards):,} submissions, {awards:,} awards "
            f"in {time.monotonic() - begun:.1f} s."
        )
