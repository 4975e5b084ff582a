"""What can happen to the draft of a claim: saved, locked for one tab, taken over by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from catalog.models import Criterion
from journal.workflow import GuardError, TransitionError
from review import rules
from review.models import Assignment, Note, Score
from review.workflow.annotating import NOTE_FIELDS, apply_to_notes
from review.workflow.table import ENDED, OVERALL, State

LOCK = timedelta(minutes=10)
PAUSE = timedelta(minutes=5)  # without a sign of work for longer, she was not at the desk
LONGEST = 10_000
# What is written on a criterion, and the name of its field on the desk.
NAMES = {"feedback": "feedback", "where": "where", "next_step": "next"}
WRITTEN = tuple(NAMES)


class StaleDraft(TransitionError):
    """A save on top of an older draft: carries the revision and the texts that stand now, so that none is lost."""

    def __init__(self, assignment: Assignment) -> None:
        message = _(
            "This review was changed in another window since you opened it here. Both texts are kept."
        )
        super().__init__(message, state=assignment.state, code="stale")
        self.revision = assignment.revision
        self.current = draft(assignment)


class EditedElsewhere(StaleDraft):
    """Another tab holds the editing lock; the same texts come along."""

    def __init__(self, assignment: Assignment) -> None:
        super().__init__(assignment)
        self.message = _(
            "You are working on this review in another tab. Choose “Continue here” to write in this one."
        )
        self.code = "locked"


def save(
    assignment: Assignment,
    assessor: User,
    *,
    revision: int,
    scores: Mapping[str, Mapping[str, Any]] | None = None,
    notes: Mapping[str, Mapping[str, Any]] | None = None,
    editor: str = "",
    **texts: str,
) -> Assignment:
    """Keep a draft: only what is given changes. `scores` maps criterion key → {level, feedback, where, next_step}, `notes`
    the id of a note → {text, criterion, shared, cited}.

    `texts` are strength, next_step and private_note. A save renews the editing lock of the tab `editor`.
    """
    scores = scores or {}
    with transaction.atomic():
        row = held(assignment, assessor)
        _guard_lock(row, editor)
        if row.revision != revision:
            raise StaleDraft(row)
        criteria = _guard_draft(row, scores, texts)
        if wrong := apply_to_notes(row, notes or {}):
            raise GuardError(next(iter(wrong.values()))[0], wrong, state=row.state)
        for key, given in scores.items():
            Score.objects.update_or_create(assignment=row, criterion=criteria[key], defaults=dict(given))
        row.revision += 1
        count_time(row)
        _take_lock(row, editor)
        for name, text in texts.items():
            setattr(row, name, text)
        row.save(update_fields=["revision", "saved_at", "active_seconds", "editor", "edited_until", *texts])
    return row


def renew(row: Assignment, editor: str) -> None:
    """A sign of work in the tab `editor` beside the draft: refused where another one writes."""
    _guard_lock(row, editor)
    count_time(row)
    if editor:
        _take_lock(row, editor)
    row.save(update_fields=["saved_at", "active_seconds", "editor", "edited_until"])


def continue_here(assignment: Assignment, assessor: User, editor: str) -> Assignment:
    """Take the editing lock over for this tab; the other one gets a clear conflict at its next save."""
    with transaction.atomic():
        row = held(assignment, assessor)
        _take_lock(row, editor)
        row.save(update_fields=["editor", "edited_until"])
    return row


def locked_for(assignment: Assignment, editor: str) -> bool:
    """Whether another tab than `editor` is writing now."""
    until = assignment.edited_until
    return (
        bool(assignment.editor)
        and assignment.editor != editor
        and until is not None
        and until > timezone.now()
    )


def draft(assignment: Assignment) -> dict[str, Any]:
    """The texts of an assignment as they stand, by the names the desk's form uses."""
    fields: dict[str, Any] = {name: getattr(assignment, name) for name in OVERALL}
    for score in assignment.scores.select_related("criterion"):
        fields[f"level-{score.criterion.key}"] = "" if score.level is None else str(score.level)
        for name in WRITTEN:
            fields[f"{NAMES[name]}-{score.criterion.key}"] = getattr(score, name)
    for note in Note.objects.filter(assignment=assignment).select_related("criterion"):
        said = {name: getattr(note, name) for name in NOTE_FIELDS}
        said["criterion"] = note.criterion.key if note.criterion else ""
        fields |= {f"{NOTE_FIELDS[name]}-{note.pk}": value for name, value in said.items()}
    return fields


def held(assignment: Assignment, assessor: User) -> Assignment:
    """The locked row, when it is `assessor`'s claim and she may still assess it."""
    row = (
        Assignment.objects.select_for_update(of=["self"])
        .select_related("submission__enrolment")
        .get(pk=assignment.pk)
    )
    if row.assessor_id != assessor.pk:
        raise GuardError(_("This review is somebody else's."), state=row.state)
    if row.state != State.CLAIMED:
        raise TransitionError(ENDED[State(row.state)], state=row.state)
    if not rules.may_go_on(assessor, row):
        raise GuardError(
            _("You may no longer assess this submission. Please step back from it."), state=row.state
        )
    return row


def count_time(row: Assignment) -> None:
    """Add the time since the last sign of work, a long pause left out. The caller saves."""
    now = timezone.now()
    passed = now - max(row.saved_at, row.claimed_at)
    row.active_seconds += int(min(max(passed, timedelta(0)), PAUSE).total_seconds())
    row.saved_at = now


def _guard_lock(row: Assignment, editor: str) -> None:
    if locked_for(row, editor):
        raise EditedElsewhere(row)


def _take_lock(row: Assignment, editor: str) -> None:
    row.editor, row.edited_until = editor, timezone.now() + LOCK


def _guard_draft(
    row: Assignment, scores: Mapping[str, Mapping[str, Any]], texts: Mapping[str, str]
) -> dict[str, Criterion]:
    """A draft may be incomplete but not wrong: known criteria, levels of theirs, texts a database can hold."""
    criteria = {
        criterion.key: criterion
        for criterion in Criterion.objects.filter(
            version=row.submission.enrolment.version_id
        ).prefetch_related("levels")
    }
    carried = row.assessment.carried if row.assessment else {}
    errors: dict[str, list[Any]] = {}
    for name, text in texts.items():
        _check_text(errors, name, text, known=name in OVERALL)
    for key, given in scores.items():
        if key not in criteria:
            errors[f"level-{key}"] = [_("There is no such criterion.")]
            continue
        if str(criteria[key].pk) in carried:
            message = _("“%(title)s” passed in an earlier attempt and stays passed.")
            errors[f"level-{key}"] = [message % {"title": criteria[key].title}]
            continue
        levels = {level.order for level in criteria[key].levels.all()} | {None}
        if given.get("level") not in levels:
            errors[f"level-{key}"] = [_("Choose one of this criterion's levels.")]
        known = not set(given) - {"level", *WRITTEN}
        for name in WRITTEN:
            _check_text(errors, f"{NAMES[name]}-{key}", given.get(name, ""), known=known)
    if errors:
        raise GuardError(next(iter(errors.values()))[0], errors, state=row.state)
    return criteria


def _check_text(errors: dict[str, list[Any]], name: str, text: Any, *, known: bool) -> None:
    if not known:
        errors[name] = [_("There is no such field.")]
    elif not isinstance(text, str) or "\x00" in text:
        errors[name] = [_("This text holds characters that cannot be stored.")]
    elif len(text) > LONGEST:
        errors[name] = [_("Please keep this under %(n)s characters.") % {"n": f"{LONGEST:,}"}]
