"""`manage.py demo`: load or complete the demonstration data; running it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from accounts.workflow import KEEPER
from microcreds.demo import assessing, catalogue, ending, history, people, showing, stacks


class Command(BaseCommand):
    """Loads the catalogue, then the people, then their history, each through the rooms' own verbs."""

    help = "Load or complete the demonstration data. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        others = User.objects.exclude(email__endswith=f"@{people.DOMAIN}")
        if others.exclude(email=KEEPER).exists():
            raise CommandError(
                "This installation has real people. Use another database and MICROCREDS_HOME: the two never mix."
            )
        catalogue.load()
        people.load()
        history.load()
        stacks.load()
        showing.load()
        ending.load()
        assessing.load()
