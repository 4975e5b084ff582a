"""What an assessor types, turned into what the verbs take."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from review.models import Assignment
from review.queries import Line, name_of
from review.workflow import LONGEST, OVERALL


def editor_token(given: str) -> str:
    """The tab's own name: the one it brought along, else a new one."""
    return known_tab(given) or secrets.token_hex(8)


def known_tab(given: str) -> str:
    """The name a tab says it has, or nothing where that cannot be one of ours."""
    return given if 8 <= len(given) <= 40 and given.isascii() and given.isalnum() else ""


def read_draft(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The desk's flat fields (`level-<criterion>`, `feedback-<criterion>`, strength, …) as `workflow.save` takes them."""
    scores: dict[str, dict[str, Any]] = {}
    texts: dict[str, Any] = {}
    for name, value in fields.items():
        kind, _dash, key = name.partition("-")
        if key and kind in {"level", "feedback"}:
            scores.setdefault(key, {})[kind] = read_level(value) if kind == "level" else value
        elif name in OVERALL:
            texts[name] = value
    return {"scores": scores, **texts}


def read_level(value: Any) -> int | None:
    """A level's number; what is none of ours becomes -1, which the verb refuses."""
    if value in ("", None):
        return None
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


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

    def __init__(self, data: Any = None, *, assignment: Assignment, lines: list[Line]) -> None:
        initial: dict[str, Any] = {name: getattr(assignment, name) for name in OVERALL}
        super().__init__(data, initial=initial | {"revision": assignment.revision}, auto_id="%s")
        self.criteria = lines
        self.sources: dict[str, list[tuple[str, str]]] = {}
        for line in lines:
            self._add(line)

    def _add(self, line: Line) -> None:
        self.fields[f"level-{line.key}"] = forms.CharField(
            label=line.title, required=False, initial=line.level
        )
        self.fields[f"feedback-{line.key}"] = forms.CharField(
            label=format_lazy(_("Feedback on {title}"), title=line.title),
            required=False,
            initial=line.feedback,
            max_length=LONGEST,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 3, "data-feedback": True}),
        )

    def rows(self) -> list[Row]:
        """The criteria with their fields; the first without a level is open, and those with errors."""
        rows = [self._row(line) for line in self.criteria]
        first = next((row for row in rows if row.chosen is None), rows[0] if rows else None)
        return [replace(row, open=row is first or row.wrong) for row in rows]

    def _row(self, line: Line) -> Row:
        level, feedback = self[f"level-{line.key}"], self[f"feedback-{line.key}"]
        return Row(line, level, feedback, self.sources.get(line.key, []))

    def draft(self) -> dict[str, Any]:
        """Clean data for `workflow.save`."""
        return read_draft({name: value for name, value in self.cleaned_data.items() if name != "revision"})

    def differing(self, current: Mapping[str, Any]) -> list[tuple[BoundField, str]]:
        """The fields whose stored text is not what was typed, with that text, so that both can be read."""
        names = [name for name in self.fields if name != "revision"]
        pairs = [(self[name], str(current.get(name, ""))) for name in names]
        return [
            (field, self.words_of(field, stored))
            for field, stored in pairs
            if (field.value() or "") != stored
        ]

    def words_of(self, field: BoundField, stored: str) -> str:
        """What a stored value is called on the page: a level by its name, a text as it is."""
        for line in self.criteria:
            if field.name == f"level-{line.key}":
                return name_of(line.levels, read_level(stored))
        return stored

    def refuse(self, errors: Mapping[str, list[Any]]) -> None:
        """Show a verb's words at the fields they belong to."""
        for name, messages in errors.items():
            self.add_error(name if name in self.fields else None, messages)


@dataclass(frozen=True)
class Row:
    """One criterion of the form."""

    line: Line
    level: BoundField
    feedback: BoundField
    sources: list[tuple[str, str]]
    open: bool = False

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
        return bool(self.level.errors or self.feedback.errors)


class RecuseForm(forms.Form):
    """Why she steps back; nothing is held against anybody."""

    reason = forms.ChoiceField(label=_("Why?"), choices=Assignment.Reason.choices)
