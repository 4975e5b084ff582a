"""True levels of an anchor, as they are written; the verbs say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from review.forms import read_level
from review.models import Anchor, TrueScore
from review.workflow import LONGEST


@dataclass(frozen=True)
class Row:
    """A criterion with its two fields."""

    line: dict[str, Any]
    level: BoundField
    why: BoundField

    @property
    def chosen(self) -> int | None:
        return read_level(self.level.value())


class AnchorForm(forms.Form):
    """What the anchor is for, and for each criterion its true level and why."""

    use = forms.ChoiceField(
        label=_("What is it for?"),
        choices=Anchor.Use.choices,
        help_text=_("A blind check is never shown with its answers; an anchor somebody knows is not given to her again as unknown."),
    )  # fmt: skip

    def __init__(self, data: Any = None, *, anchor: Anchor, lines: list[dict[str, Any]]) -> None:
        super().__init__(data, initial={"use": anchor.use}, auto_id="%s")
        self.lines = lines
        truth = {row.criterion_id: row for row in TrueScore.objects.filter(anchor=anchor)}
        for line in lines:
            self._add(line, truth.get(line["pk"]))

    def _add(self, line: dict[str, Any], truth: TrueScore | None) -> None:
        self.fields[f"level-{line['key']}"] = forms.CharField(
            label=line["title"], required=False, initial=truth.level if truth else None
        )
        self.fields[f"why-{line['key']}"] = forms.CharField(
            label=format_lazy(_("Why {title} is at this level"), title=line["title"]),
            required=False,
            initial=truth.justification if truth else "",
            max_length=LONGEST,
            strip=False,
            widget=forms.Textarea(attrs={"rows": 2}),
        )

    def rows(self) -> list[Row]:
        """The criteria in the rubric's order."""
        return [Row(one, self[f"level-{one['key']}"], self[f"why-{one['key']}"]) for one in self.lines]

    def scores(self) -> dict[str, dict[str, Any]]:
        """Clean data for the verb."""
        given = self.cleaned_data
        return {
            one["key"]: {
                "level": read_level(given[f"level-{one['key']}"]), "justification": given[f"why-{one['key']}"],
            }
            for one in self.lines
        }  # fmt: skip

    def refuse(self, errors: Mapping[str, list[Any]], message: Any) -> None:
        """Show a verb's words at the fields they belong to."""
        for name, words in (errors or {"": [message]}).items():
            self.add_error(name if name in self.fields else None, words)
