"""What can happen to notes on the evidence: added, changed, cited, removed. On one's own claim only."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError
from review.models import Anchor, Assignment, Note
from review.places import Misplaced, checked
from review.queries import piece_of
from review.workflow.annotating import apply
from review.workflow.drafting import held, renew

MOST_NOTES = 200  # in a review


def add_note(
    assignment: Assignment,
    user: User,
    *,
    kind: str,
    place: Any,
    pk: UUID | None = None,
    artifact: UUID | None = None,
    question: str = "",
    editor: str = "",
    **said: Any,
) -> Note:
    """Put a note at a place of the evidence. Adding it again by the same `pk` changes nothing: a browser may repeat itself.

    `said` is what `change_note` takes: text, criterion (its key), shared, cited.
    """
    with transaction.atomic():
        row = held(assignment, user)
        if pk is not None and (there := Note.objects.filter(assignment=row, pk=pk).first()):
            return there
        if Note.objects.filter(assignment=row).count() >= MOST_NOTES:
            raise GuardError(_("A review has room for %(n)s notes.") % {"n": MOST_NOTES}, state=row.state)
        note = Note(pk=pk or uuid4(), assignment=row, artifact_id=artifact, question=question, kind=kind)
        note.place = _placed(row, note, place)
        apply(row, note, said)
        renew(row, editor)
        try:
            with transaction.atomic():
                note.save(force_insert=True)
        except IntegrityError as error:
            raise GuardError(_("This note belongs to another review."), state=row.state) from error
    return note


def change_note(assignment: Assignment, user: User, pk: UUID, editor: str = "", **said: Any) -> Note:
    """Change what a note says, what it is about, for whom it is, and whether the score cites it."""
    with transaction.atomic():
        row = held(assignment, user)
        note = Note.objects.filter(assignment=row, pk=pk).first()
        if note is None:
            raise GuardError(_("This note is no longer there."), state=row.state)
        if "place" in said:
            note.place = _placed(row, note, said.pop("place"))
        apply(row, note, said)
        renew(row, editor)
        note.save()
    return note


def cite(
    assignment: Assignment, user: User, pk: UUID, criterion: str, *, cited: bool = True, editor: str = ""
) -> Note:
    """Let the score of a criterion cite a note, or stop citing it."""
    return change_note(assignment, user, pk, editor, criterion=criterion, cited=cited)


def remove_note(assignment: Assignment, user: User, pk: UUID, editor: str = "") -> bool:
    """Take a note away. False when it was gone already."""
    with transaction.atomic():
        row = held(assignment, user)
        renew(row, editor)
        deleted, _rows = Note.objects.filter(assignment=row, pk=pk).delete()
    return bool(deleted)


def let_go_of_quotes(user: User) -> int:
    """She closed her account: what notes on her work quote from it goes, from copies of it too; where they stand stays."""
    hers = Anchor.objects.filter(source__enrolment__earner=user)
    rows = Note.objects.filter(
        Q(assignment__submission__enrolment__earner=user)
        | Q(assignment__submission__in=hers.values("submission"))
        | Q(assignment__assessment__anchor__in=hers),
        kind=Note.Kind.PASSAGE,
    )
    found = list(rows)
    for note in found:
        note.place = {**note.place, "quote": ""}
    return Note.objects.bulk_update(found, ["place"], batch_size=500)


def _placed(row: Assignment, note: Note, place: Any) -> dict[str, Any]:
    """The place as it is stored, in a piece of this very submission that is open now."""
    piece = piece_of(row.submission, note.artifact_id, note.question)
    try:
        if piece is None:
            raise Misplaced(_("There is no such piece of evidence, or it is closed."))
        return checked(note.kind, place if isinstance(place, dict) else {}, piece)
    except Misplaced as error:
        raise GuardError(str(error), {"place": [str(error)]}, state=row.state) from error
