"""What is written about an appeal and about looking up a name; the verbs say what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms import BoundField
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from review.doubt_forms import Words
from review.forms import read_level
from review.models import Appeal
from submissions.models import Outcome


def _area(label: Any, help_text: Any = "", rows: int = 4, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, strip=False, required=required, widget=forms.Textarea(attrs={"rows": rows})
    )  # fmt: skip


class AppealForm(Words):
    """Why the educator thinks the decision is wrong."""

    reason = _area(
        _("What was overlooked, and where is it in your work?"),
        _(
            "Somebody who does not know your name reads this beside your evidence. Leave names and schools out."
        ),
        6,
    )


class UnblindForm(Words):
    """Why an approver needs to know."""

    reason = _area(
        _("Why do you need to know the name?"),
        _("A sentence. Your organisation’s admins read it with your name and the date."),
        3,
    )


@dataclass(frozen=True)
class Change:
    """A criterion below its passing level, with the fields that may change it."""

    outcome: Outcome
    level: BoundField
    feedback: BoundField

    @property
    def chosen(self) -> int | None:
        return read_level(self.level.value())

    @property
    def levels(self) -> list[Any]:
        """Never a lower one than before."""
        return [one for one in self.outcome.criterion.levels.all() if one.order >= self.outcome.level]

    @property
    def before(self) -> str:
        """The name of the level that was given."""
        levels = self.outcome.criterion.levels.all()
        return next((one.name for one in levels if one.order == self.outcome.level), "")


class AnswerAppealForm(Words):
    """What was found, in writing; and, where the decision is changed, a level and a text for each criterion not passed."""

    finding = forms.ChoiceField(
        label=_("What did you find?"), choices=Appeal.Finding.choices, widget=forms.RadioSelect
    )
    answer = _area(_("Your answer in writing"), _("The educator reads this, whatever you found."), 6)

    def __init__(self, data: Any = None, *, outcomes: list[Outcome]) -> None:
        super().__init__(data)
        self.outcomes = outcomes
        for outcome in outcomes:
            key, title = outcome.criterion.key, outcome.criterion.title
            self.fields[f"level-{key}"] = forms.CharField(label=title, required=False, initial=outcome.level)
            self.fields[f"feedback-{key}"] = _area(
                format_lazy(_("Feedback on {title}"), title=title), required=False
            )
            self.fields[f"feedback-{key}"].initial = outcome.feedback

    def changes(self) -> Iterator[Change]:
        """The criteria as the page lists them."""
        for outcome in self.outcomes:
            key = outcome.criterion.key
            yield Change(outcome, self[f"level-{key}"], self[f"feedback-{key}"])

    def levels(self) -> dict[str, tuple[int | None, str]]:
        """What was chosen and written, as the verb takes it."""
        keys = [outcome.criterion.key for outcome in self.outcomes]
        given = self.cleaned_data
        return {key: (read_level(given[f"level-{key}"]), given[f"feedback-{key}"]) for key in keys}
