"""Files that were already there become contents, as they are: unsealed, checked when they were taken in."""

from __future__ import annotations

from typing import Any

from django.db import migrations


def keep(apps: Any, schema_editor: Any) -> None:
    """One content for all artifacts that show the same bytes."""
    artifact_model, content_model = (
        apps.get_model("submissions", "Artifact"),
        apps.get_model("submissions", "Content"),
    )
    known: dict[str, Any] = {}
    rows = artifact_model.objects.exclude(file="").select_related("submission__enrolment")
    for artifact in rows.iterator(chunk_size=500):
        key = str(artifact.file)
        if key not in known:
            known[key] = content_model.objects.create(
                owner_id=artifact.submission.enrolment.earner_id,
                file=key,
                size=artifact.size,
                sha256=artifact.sha256,
                content_type=artifact.content_type,
                scan=artifact.scan,
            )
        artifact_model.objects.filter(pk=artifact.pk).update(
            content=known[key], received_size=artifact.size, received_sha256=artifact.sha256
        )


class Migration(migrations.Migration):
    dependencies = [("submissions", "0002_evidence")]
    operations = [migrations.RunPython(keep, migrations.RunPython.noop)]
