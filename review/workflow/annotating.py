"""What a note says: its words, what it is about, for whom it is, and whether the score cites it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from catalog.models import Criterion
from journal.workflow import GuardError
from review.models import Assignment, Note

LONGEST_NOTE = 2000
# What a note says, and the name of its field on the desk.
NOTE_FIELDS = {"text": "note", "criterion": "about", "shared": "shared", "cited": "cited"}


def apply(row: Assignment, note: Note, said: Mapping[str, Any]) -> None:
    """Set what is given on `note`, without saving; a `GuardError` names what is wrong."""
    errors: dict[str, list[Any]] = {
        name: [_("There is no such field.")] for name in set(said) - set(NOTE_FIELDS)
    }
    text = said.get("text", "")
    if not isinstance(text, str) or "\x00" in text:
        errors["text"] = [_("This text holds characters that cannot be stored.")]
    elif len(text) > LONGEST_NOTE:
        errors["text"] = [_("Please keep a note under %(n)s characters.") % {"n": f"{LONGEST_NOTE:,}"}]
    for name in ("shared", "cited"):
        if not isinstance(said.get(name, False), bool):
            errors[name] = [_("This is either so or not.")]
    if "criterion" in said and not errors:
        note.criterion = _criterion(row, said["criterion"], errors)
    if said.get("cited", note.cited) and not errors:
        _check_citing(row, note, errors, was=note.cited)
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=row.state)
    for name in {"text", "shared", "cited"} & set(said):
        setattr(note, name, said[name])
    note.cited = note.cited and note.criterion_id is not None


def _criterion(row: Assignment, key: Any, errors: dict[str, list[Any]]) -> Criterion | None:
    if key in ("", None):
        return None
    version = row.submission.enrolment.version_id
    found = (
        Criterion.objects.filter(version=version, key=str(key)).first() if "\x00" not in str(key) else None
    )
    if found is None:
        errors["criterion"] = [_("There is no such criterion.")]
    return found


def _check_citing(row: Assignment, note: Note, errors: dict[str, list[Any]], *, was: bool) -> None:
    """A score cites notes on its own criterion; what passed before has no score any more."""
    if note.criterion_id is None:
        if not was:  # a cited note that loses its criterion is simply no longer cited
            errors["cited"] = [_("Choose the criterion that this note is about; its score then cites it.")]
    elif row.assessment is not None and str(note.criterion_id) in row.assessment.carried:
        errors["cited"] = [_("This criterion passed in an earlier attempt: its score stays as it is.")]


def apply_to_notes(row: Assignment, given: Mapping[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The desk saves several notes at once: returns errors by field, and changes none where there are any."""
    if not given:
        return {}
    errors: dict[str, list[Any]] = {}
    there = {str(note.pk): note for note in Note.objects.filter(assignment=row, pk__in=_ids(given))}
    for key, said in given.items():
        if key not in there:
            errors |= {f"{NOTE_FIELDS[name]}-{key}": [_("This note is no longer there.")] for name in said}
            continue
        try:
            apply(row, there[key], said)
        except GuardError as error:
            errors |= {f"{NOTE_FIELDS.get(name, name)}-{key}": words for name, words in error.errors.items()}
    if not errors:
        for note in there.values():
            note.save()
    return errors


def _ids(given: Iterable[str]) -> list[UUID]:
    """Those that can be ids at all."""
    found = []
    for key in given:
        try:
            found.append(UUID(key))
        except ValueError:
            continue
    return found
