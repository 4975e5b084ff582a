"""What an assessor types, turned into what the verbs take."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from review.models import Assignment
from review.queries import Line, Placed, name_of
from review.workflow import LONGEST, LONGEST_NOTE, NAMES, NOTE_FIELDS, OVERALL

WRITTEN = {field: name for name, field in NAMES.items()}  # feedback-…, where-…, next-…
SAID = {field: name for name, field in NOTE_FIELDS.items()}  # note-…, about-…, shared-…, cited-…


def editor_token(given: str) -> str:
    """The tab's own name: the one it brought along, else a new one."""
    return known_tab(given) or secrets.token_hex(8)


def known_tab(given: str) -> str:
    """The name a tab says it has, or nothing where that cannot be one of ours."""
    return given if 8 <= len(given) <= 40 and given.isascii() and given.isalnum() else ""


def read_draft(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The desk's flat fields as `workflow.save` takes them: `level-<criterion>`, `feedback-<criterion>`, `where-…`, `next-…`,
    `note-<note>`, `about-…`, `shared-…`, `cited-…`, strength, next_step and private_note."""
    scores: dict[str, dict[str, Any]] = {}
    notes: dict[str, dict[str, Any]] = {}
    texts: dict[str, Any] = {}
    for name, value in fields.items():
        kind, _dash, key = name.partition("-")
        if key and kind == "level":
            scores.setdefault(key, {})[kind] = read_level(value)
        elif key and kind in WRITTEN:
            scores.setdefault(key, {})[WRITTEN[kind]] = value
        elif key and kind in SAID:
            notes.setdefault(key, {})[SAID[kind]] = value
        elif name in OVERALL:
            texts[name] = value
    return {"scores": scores, "notes": notes, **texts}


def read_level(value: Any) -> int | None:
    """A level's number; what is none of ours becomes -1, which the verb refuses."""
    if value in ("", None):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


FORM_ID = "desk-form"
# What is written on a criterion: its label, and the lines to begin with.
TEXTS = {
    "feedback": (_("What you saw for {title}"), 3),
    "where": (_("Where you saw it, for {title}"), 1),
    "next_step": (_("One next step for {title}"), 1),
}


class DeskForm(forms.Form):
    """The whole desk as one form: a level and a feedback text per criterion, and what is said overall."""

    revision = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    strength = forms.CharField(
        label=_("One strength you saw"),
        help_text=_("The educator reads this, whatever the outcome."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=LONGEST,
        strip=False,
    )
    next_step = forms.CharField(
        label=_("One next step"),
        help_text=_("The one thing to try next. The educator reads this, whatever the outcome."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=LONGEST,
        strip=False,
    )
    private_note = forms.CharField(
        label=_("Private note"),
        help_text=_("For you and your issuer's approvers. The educator never sees it."),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=LONGEST,
        strip=False,
    )

    def __init__(
        self,
        data: Any = None,
        *,
        assignment: Assignment,
        lines: list[Line],
        notes: Sequence[Placed] = (),
    ) -> None:
        initial: dict[str, Any] = {name: getattr(assignment, name) for name in OVERALL}
        super().__init__(data, initial=initial | {"revision": assignment.revision}, auto_id="%s")
        self.criteria = lines
        self.sources: dict[str, list[tuple[str, str]]] = {}
        for line in lines:
            if not line.locked:
                self._add(line)
        self.notes = notes
        for placed in notes:
            self._add_note(placed)

    def _add(self, line: Line) -> None:
        self.fields[f"level-{line.key}"] = forms.CharField(
            label=line.title, required=False, initial=line.level
        )
        for name, (label, rows) in TEXTS.items():
            self.fields[f"{NAMES[name]}-{line.key}"] = forms.CharField(
                label=format_lazy(label, title=line.title),
                required=False,
                initial=getattr(line, name),
                max_length=LONGEST,
                strip=False,
                widget=forms.Textarea(attrs={"rows": rows, f"data-{NAMES[name]}": True}),
            )

    def _add_note(self, placed: Placed) -> None:
        """A note stands beside its piece of evidence, outside of this form's element, and belongs to it all the same."""
        at, outside = {"at": placed.label}, {"form": FORM_ID}
        choices = [
            ("", _("no criterion yet")),
            *((one.key, f"{one.letter} {one.title}") for one in self.criteria),
        ]
        text = forms.CharField(
            label=format_lazy(_("Note at {at}"), **at),
            required=False,
            initial=placed.note.text,
            max_length=LONGEST_NOTE,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 1, **outside}),
        )
        about = forms.ChoiceField(
            label=format_lazy(_("What the note at {at} is about"), **at),
            required=False,
            initial=placed.criterion,
            choices=choices,
            widget=forms.Select(attrs={**outside, "data-about": True}),
        )
        shared = forms.BooleanField(
            label=_("For the educator"),
            required=False,
            initial=placed.note.shared,
            widget=forms.CheckboxInput(attrs=outside),
        )
        cited = forms.BooleanField(
            label=_("Cited in the score"),
            required=False,
            initial=placed.note.cited,
            widget=forms.CheckboxInput(attrs={**outside, "data-cited": True}),
        )
        for name, field in {"note": text, "about": about, "shared": shared, "cited": cited}.items():
            self.fields[f"{name}-{placed.pk}"] = field

    def note_rows(self) -> list[NoteRow]:
        """The notes with their fields."""
        return [
            NoteRow(placed, *(self[f"{name}-{placed.pk}"] for name in NOTE_FIELDS.values()))
            for placed in self.notes
        ]

    def rows(self) -> list[Row]:
        """The criteria with their fields; the first without a level is open, and those with errors."""
        rows = [self._row(line) for line in self.criteria if not line.locked]
        first = next((row for row in rows if row.chosen is None), rows[0] if rows else None)
        return [replace(row, open=row is first or row.wrong) for row in rows]

    def kept(self) -> list[Line]:
        """The criteria that passed in an earlier attempt and stay passed."""
        return [line for line in self.criteria if line.locked]

    def _row(self, line: Line) -> Row:
        said: dict[str, Any] = {name: self[f"{field}-{line.key}"] for name, field in NAMES.items()}
        level, sources = self[f"level-{line.key}"], self.sources.get(line.key, [])
        return Row(line, level, sources=sources, notes=self.notes, **said)

    def draft(self) -> dict[str, Any]:
        """Clean data for `workflow.save`."""
        return read_draft({name: value for name, value in self.cleaned_data.items() if name != "revision"})

    def differing(self, current: Mapping[str, Any]) -> list[tuple[BoundField, str]]:
        """The fields whose stored text is not what was typed, with that text, so that both can be read."""
        names = [name for name in self.fields if name != "revision"]
        pairs = [(self[name], current.get(name, "")) for name in names]
        return [
            (field, self.words_of(field, stored))
            for field, stored in pairs
            if str(field.value() or "") != str(stored or "")
        ]

    def words_of(self, field: BoundField, stored: Any) -> str:
        """What a stored value is called on the page: a level by its name, a text as it is."""
        if isinstance(field.field, forms.BooleanField):
            return str(_("yes") if stored else _("no"))
        for line in self.criteria:
            if field.name == f"level-{line.key}":
                return name_of(line.levels, read_level(stored))
        return str(stored)

    def refuse(self, errors: Mapping[str, list[Any]]) -> None:
        """Show a verb's words at the fields they belong to."""
        for name, messages in errors.items():
            self.add_error(name if name in self.fields else None, messages)
            if name in self.fields:
                self.fields[name].widget.attrs["data-focus"] = True  # the first of them takes the focus


@dataclass(frozen=True)
class Row:
    """One criterion of the form."""

    line: Line
    level: BoundField
    feedback: BoundField
    where: BoundField
    next_step: BoundField
    sources: list[tuple[str, str]]
    notes: Sequence[Placed] = ()
    open: bool = False

    @property
    def cited(self) -> list[Placed]:
        """The notes its score cites, as they are stored."""
        return [one for one in self.notes if one.criterion == self.line.key and one.note.cited]

    @property
    def chosen(self) -> int | None:
        return read_level(self.level.value())

    @property
    def chosen_name(self) -> str:
        return name_of(self.line.levels, self.chosen)

    @property
    def passed(self) -> bool | None:
        return None if self.chosen is None else self.chosen >= self.line.passing

    @property
    def wrong(self) -> bool:
        return any(field.errors for field in (self.level, self.feedback, self.where, self.next_step))


@dataclass(frozen=True)
class NoteRow:
    """One note of the form."""

    placed: Placed
    text: BoundField
    about: BoundField
    shared: BoundField
    cited: BoundField

    @property
    def wrong(self) -> list[Any]:
        return [field.errors for field in (self.text, self.about, self.shared, self.cited) if field.errors]


class RecuseForm(forms.Form):
    """Why she steps back; nothing is held against anybody."""

    reason = forms.ChoiceField(label=_("Why?"), choices=Assignment.Reason.choices)
