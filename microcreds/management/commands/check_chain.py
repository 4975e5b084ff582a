"""`manage.py check_chain`: compute the chain of records again, and hold it against the badges that name its records."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from badges import sealed
from journal.queries import walk_chain


class Command(BaseCommand):
    """Reads only. The signed badges hold the chain from outside: one rewritten from the start disagrees with them."""

    help = "Check every record of decisions from the start, and say where the chain breaks first."

    def handle(self, *args: Any, **options: Any) -> None:
        chain = walk_chain()
        if chain.broken is not None:
            raise CommandError(
                f"The chain breaks at record {chain.broken}: {chain.why}. {chain.whole} before it hold."
            )
        checked = 0
        for award, holds in sealed.held_against_chain():
            if not holds:
                raise CommandError(f"The badge {award} names a record that the chain does not have.")
            checked += 1
        self.stdout.write(f"{chain.whole} records hold, and {checked} badges agree. Last hash: {chain.last}")
