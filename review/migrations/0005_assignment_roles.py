"""From here on every reading belongs to an assessment and every calibration to a run."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("review", "0004_fill_assessments")]

    operations = [
        migrations.AddConstraint(
            model_name="assignment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("assessment__isnull", False),
                        ("calibration", None),
                        ("role__in", ["reading", "adjudication"]),
                    ),
                    models.Q(("assessment", None), ("calibration__isnull", False), ("role", "calibration")),
                    _connector="OR",
                ),
                name="assignment_role",
            ),
        ),
    ]
