"""What approvers and educators write about likenesses and cases; the verbs say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from review.models import Case
from review.workflow import PATIENCE

USUAL = timedelta(days=14)


class Words(forms.Form):
    """Texts that stay on the page with what was wrong about them."""

    def refuse(self, errors: Mapping[str, list[Any]], message: Any) -> None:
        """Show a verb's words at the fields they belong to."""
        for name, words in (errors or {"": [message]}).items():
            self.add_error(name if name in self.fields else None, words)


def _text(label: Any, help_text: Any = "", rows: int = 4) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, strip=False, widget=forms.Textarea(attrs={"rows": rows})
    )  # fmt: skip


class DismissForm(Words):
    """Nothing to it."""

    note = _text(_("Why is there nothing to it?"), _("For your colleagues. The educator does not see it."), 2)


class CaseForm(Words):
    """What the educator is asked."""

    passage = _text(_("What did you see?"), _("The passage or the piece, as the educator will read it."))
    reason = _text(
        _("Why do you ask?"),
        _("In words you would like to read yourself. Do not say whose work it resembles."),
    )
    answer_by = forms.DateField(
        label=_("Time to answer"),
        help_text=_("At least a week."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, data: Any = None) -> None:
        today = timezone.localdate()
        super().__init__(data, initial={"answer_by": today + USUAL})
        self.fields["answer_by"].widget.attrs["min"] = (today + PATIENCE).isoformat()


class AnswerForm(Words):
    """Her own words."""

    answer = _text(
        _("Your answer"), _("Say how it came about. Nobody but your issuer's approvers reads it."), 6
    )


class DecideForm(Words):
    """What was found."""

    finding = forms.ChoiceField(
        label=_("What did you find?"), choices=Case.Finding.choices, widget=forms.RadioSelect
    )
    decision = _text(_("Your decision in writing"), _("The educator reads this."), 5)
