"""Named reads of the journal."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Model, QuerySet

from journal.models import FIRST, Entry, Record


def timeline(subject: Model) -> QuerySet[Entry]:
    """What happened to one object, oldest first."""
    return Entry.objects.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk)).order_by(
        "created"
    )


def record_of(subject: Model) -> Record | None:
    """The newest record about one object."""
    about = {"entry__subject_kind": subject._meta.label_lower, "entry__subject_id": str(subject.pk)}
    return Record.objects.filter(**about).order_by("-number").first()


@dataclass(frozen=True)
class Chain:
    """What walking along the whole chain found: how many records hold, the last hash, and where it breaks, if it does."""

    whole: int
    last: str
    broken: int | None = None
    why: str = ""


def walk_chain() -> Chain:
    """Compute every record's hash again, from the first on, and stop at the first that does not follow from those before."""
    whole, last = 0, FIRST
    for record in Record.objects.order_by("number").iterator():
        if why := _break(record, whole + 1, last):
            return Chain(whole, last, record.number, why)
        whole, last = whole + 1, record.hash
    return Chain(whole, last)


def _break(record: Record, number: int, previous: str) -> str:
    """What is wrong with a record that should be this one, if anything is."""
    if record.number != number:
        return f"record {number} is missing"
    if record.previous != previous:
        return "it does not follow from the record before"
    if record.hash != Record.hash_of(previous, record.body):
        return "its body is not what was hashed"
    return ""
