"""The bytes of an artifact are its content's."""

from __future__ import annotations

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("submissions", "0003_contents")]
    operations = [migrations.RemoveField(model_name="artifact", name="file")]
