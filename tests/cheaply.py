"""What the frameworks do again before or after every single test, done once or by a shorter way."""

from __future__ import annotations

from functools import cache

from django.db import connection, transaction
from django.test import TransactionTestCase
from whitenoise.base import StaticFile, WhiteNoise

# Made when the database is made; nothing of ours writes them.
KEPT = {"django_content_type", "auth_permission"}
# The database refuses to delete from it.
STAYS = {'"journal_record"'}


def install() -> None:
    """Take the shorter ways."""
    TransactionTestCase._fixture_teardown = lambda self: sweep()  # type: ignore[attr-defined]
    WhiteNoise.update_files_dictionary = look_once


@cache
def tables() -> list[str]:
    """The tables that tests write to, quoted."""
    there = connection.introspection.django_table_names(only_existing=True, include_views=False)
    return [connection.ops.quote_name(name) for name in there if name not in KEPT]


def sweep() -> None:
    """Delete every row there is; a flush rewrites all tables, full or empty, and makes every permission again."""
    filled = " UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in tables())
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(filled)
        if names := [name for (name,) in cursor.fetchall()]:
            for name in STAYS.intersection(names):
                off, on = (f"ALTER TABLE {name} {verb} TRIGGER USER" for verb in ("DISABLE", "ENABLE"))
                cursor.execute(f"{off}; DELETE FROM {name}; {on}")
            cursor.execute(
                "; ".join(f"DELETE FROM {name}" for name in names if name not in STAYS) or "SELECT 1"
            )


_look = WhiteNoise.update_files_dictionary
_listed: dict[tuple[str, str], dict[str, StaticFile]] = {}


def look_once(self: WhiteNoise, root: str, prefix: str) -> None:
    """Every `Client()` makes the middleware anew, and that lists all static files, which no test changes."""
    if (root, prefix) not in _listed:
        _look(self, root, prefix)
        _listed[root, prefix] = dict(self.files)
    self.files.update(_listed[root, prefix])
