"""Documents from before pages were drawn are taken up by the next sweep."""

from __future__ import annotations

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def await_pages(apps: Apps, _editor: BaseDatabaseSchemaEditor) -> None:
    """What is not previewed yet is what the sweep looks for."""
    apps.get_model("submissions", "Content").objects.filter(content_type="application/pdf").update(
        previewed_at=None
    )


class Migration(migrations.Migration):
    dependencies: ClassVar = [("submissions", "0006_appealed")]
    operations: ClassVar = [migrations.RunPython(await_pages, migrations.RunPython.noop)]
