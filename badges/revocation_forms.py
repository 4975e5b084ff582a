"""What people write in a procedure to revoke a badge; the verbs say what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import Revocation
from badges.workflow import LONGEST_REASON


class WrittenForm(forms.Form):
    """Texts that stay on the page with what was wrong about them."""

    use_required_attribute = False

    def refuse(self, errors: Mapping[str, list[Any]], message: Any) -> None:
        """Show a verb's words at the fields they belong to."""
        for name, words in (errors or {"": [message]}).items():
            self.add_error(name if name in self.fields else None, words)


def _area(label: Any, missing: Any, help_text: Any = "", rows: int = 6) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=LONGEST_REASON,
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": missing},
    )


class OpenForm(WrittenForm):
    """Why a badge may have to be taken back. What it rests on is asked where a case about the work found a concern."""

    reason = _area(
        _("Reason"),
        _("Say why. The person who earned the badge reads this."),
        _("The holder reads this and answers it. The public page shows nothing while it is not decided."),
    )
    ground = forms.ChoiceField(
        label=_("What it rests on"),
        required=False,
        choices=[
            (Revocation.Ground.REASON, _("The reason above")),
            (Revocation.Ground.CASE, _("The case about this work, which found a concern")),
        ],
        widget=forms.RadioSelect,
    )

    def __init__(self, *args: Any, case: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not case:
            del self.fields["ground"]

    def given(self) -> dict[str, str]:
        """What the verb asks for."""
        ground = self.cleaned_data.get("ground") or Revocation.Ground.REASON
        return {"reason": self.cleaned_data["reason"], "ground": ground}


class AnswerForm(WrittenForm):
    """The holder's answer."""

    answer = _area(
        _("Your answer"),
        _("Write your answer in a sentence or two."),
        _("In your own words: what is right about it, what is not, and where that can be seen."),
    )


class AppealForm(WrittenForm):
    """The holder's appeal."""

    appeal = _area(
        _("What was overlooked?"),
        _("Say what was overlooked, in a sentence or two."),
        _(
            "Somebody who decided nothing about this badge before reads it beside everything that was written."
        ),
    )


class DecideForm(WrittenForm):
    """Revoke or keep, with reasons."""

    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("keep", _("The badge stays valid")), ("revoke", _("The badge is revoked"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you decided.")},
    )
    text = _area(
        _("Why"),
        _("Say why. The holder reads this."),
        _("The holder reads this, and your name is not shown."),
    )
    answered = forms.BooleanField(required=False, widget=forms.HiddenInput)


class DecideAppealForm(WrittenForm):
    """The last word, with reasons."""

    outcome = forms.ChoiceField(
        label=_("Your decision"),
        choices=[("restore", _("The badge is valid again")), ("uphold", _("It stays revoked"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you decided.")},
    )
    text = _area(
        _("Why"),
        _("Say why. The holder reads this."),
        _("The holder reads this, and your name is not shown."),
    )
