"""Named reads of the journal."""

from __future__ import annotations

from django.db.models import Model, QuerySet

from journal.models import Entry


def timeline(subject: Model) -> QuerySet[Entry]:
    """What happened to one object, oldest first."""
    return Entry.objects.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk)).order_by(
        "created"
    )
