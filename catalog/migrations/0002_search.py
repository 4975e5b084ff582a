"""English stems without accents, so that “Espanol” finds “Español”."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations

CREATE = """
CREATE TEXT SEARCH CONFIGURATION catalog_english (COPY = pg_catalog.english);
ALTER TEXT SEARCH CONFIGURATION catalog_english
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
"""
DROP = "DROP TEXT SEARCH CONFIGURATION catalog_english"


class Migration(migrations.Migration):
    dependencies: ClassVar = [("catalog", "0001_initial")]
    operations: ClassVar = [UnaccentExtension(), migrations.RunSQL(CREATE, DROP)]
