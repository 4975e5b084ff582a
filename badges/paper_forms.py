"""What a person puts into her letter."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from badges.models import Award
from badges.openbadges.text import TextError, clean_name
from badges.papers import PAPERS


class TranscriptForm(forms.Form):
    """Which awards, under which name, on which paper."""

    awards = forms.MultipleChoiceField(
        label=_("What stands in the letter"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    name = forms.CharField(
        label=_("Your name on the letter"),
        max_length=120,
        error_messages={"required": _("A letter needs a name. Type the one it shall show.")},
    )
    paper = forms.ChoiceField(label=_("Paper"), choices=[*PAPERS.items()], widget=forms.RadioSelect)

    def __init__(self, *args: Any, user: User, awards: list[Award], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = [award for award in awards if award.state != Award.State.REVOKED]
        choices = [(str(award.pk), _said(award)) for award in self.rows]
        self.fields["awards"] = _with_choices(self.fields["awards"], choices)
        now = timezone.now()
        valid = [award for award in self.rows if award.state == Award.State.ACTIVE]
        self.initial["awards"] = [
            str(award.pk) for award in valid if award.valid_until is None or award.valid_until > now
        ]
        self.initial.update(name=user.name, paper="a4")

    def clean_name(self) -> str:
        try:
            return clean_name(self.cleaned_data["name"])
        except TextError as error:
            raise forms.ValidationError(str(error)) from error

    def chosen(self) -> list[Award]:
        """The awards in the order of the page."""
        ids = set(self.cleaned_data["awards"])
        return [award for award in self.rows if str(award.pk) in ids]


def _with_choices(field: Any, choices: list[tuple[str, str]]) -> Any:
    field.choices = choices
    return field


def _said(award: Award) -> str:
    """One award in the list, with what the letter cannot let anybody check."""
    day = date_format(timezone.localtime(award.awarded_at), "DATE_FORMAT")
    words = f"{award.title}, {award.issuer.name}, {day}"
    if award.visibility == Award.Visibility.PRIVATE:
        words = _now("%(award)s (only you can see it)") % {"award": words}
    return words
