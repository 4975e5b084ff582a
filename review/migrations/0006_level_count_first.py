"""Levels of first attempts are counted by themselves: how hard a criterion is shows in those."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0005_assignment_roles")]

    operations = [
        migrations.RemoveConstraint(model_name="levelcount", name="level_count_once"),
        migrations.AddField(model_name="levelcount", name="first", field=models.BooleanField(default=True)),
        migrations.AddConstraint(
            model_name="levelcount",
            constraint=models.UniqueConstraint(
                fields=("version", "criterion", "assessor", "month", "level", "first"),
                name="level_count_once",
            ),
        ),
    ]
