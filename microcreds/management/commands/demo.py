"""`manage.py demo`: load or complete the demonstration data; running it again changes nothing."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from microcreds.demo import catalogue


class Command(BaseCommand):
    """Loads the catalogue, then the people, then their history, each through the rooms' own verbs."""

    help = "Load or complete the demonstration data. Running it again changes nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        catalogue.load()
