"""Forms of the register: a class in a few fields, by numbers and aliases only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from submissions.models import Consent, SchoolClass
from submissions.models.consent import Purpose, Scope
from submissions.workflow import Terms

RANGE = re.compile(r"(\d{1,3})(?:\s*[-–]\s*(\d{1,3}))?")
TWO_NAMES = re.compile(r"\b[A-ZÀ-Þ][\w'’-]+\s+[A-ZÀ-Þ][\w'’-]+")
ALIAS = "alias-"
LOOKS_LIKE_A_NAME = _(
    "“%s” looks like a name or an address. Saved, but please use something only you understand, such as “Blue chair”: "
    "which pupil is which belongs on your own paper."
)


def numbers(text: str) -> list[int]:
    """“4, 9–11” as numbers; refuses anything else."""
    found: set[int] = set()
    for piece in filter(None, re.split(r"[,;\s]+(?![-–])(?<![-–])|\n", text.strip())):
        match = RANGE.fullmatch(piece.strip())
        if match is None:
            raise forms.ValidationError(_("Write numbers, such as 4, 9 or 11-13."))
        first, last = int(match[1]), int(match[2] or match[1])
        found.update(range(first, min(last, first + 400) + 1))
    return sorted(found)


def like_a_name(text: str) -> bool:
    """Whether it could tell who somebody is: an address, or two words with capitals."""
    return "@" in text or bool(TWO_NAMES.search(text))


class ClassForm(forms.Form):
    """A class: how many pupils, whose forms are missing, what the forms cover and allow, until when."""

    label = forms.CharField(
        label=_("Class"),
        max_length=60,
        help_text=_("As you call it, such as Period 3. No school, no names."),
        error_messages={"required": _("Give the class a name, such as Period 3.")},
        validators=[ProhibitNullCharactersValidator()],
    )
    number = forms.IntegerField(
        label=_("Pupils"),
        min_value=1,
        max_value=400,
        help_text=_("Each gets a number and a form. Which child has which number stays on your paper."),
        error_messages={"required": _("Enter how many pupils the class has.")},
    )
    without = forms.CharField(
        label=_("Forms are on file for all, except pupils"),
        required=False,
        max_length=400,
        help_text=_("Numbers, such as 4, 9. Leave it empty where every family has signed."),
        validators=[ProhibitNullCharactersValidator()],
    )
    expires = forms.DateField(
        label=_("Valid until"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Until when are the forms valid?")},
    )
    scope = forms.MultipleChoiceField(
        label=_("The forms cover"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the forms cover.")},
    )
    purposes = forms.MultipleChoiceField(
        label=_("The forms allow"),
        choices=Purpose.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Assessment is what evidence is for. Choose more only where the families have signed for it."
        ),
        error_messages={"required": _("Choose what the forms allow.")},
    )

    def __init__(self, *args: Any, consents: Iterable[Consent] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.consents = list(consents)
        for one in self.consents:
            self.fields[f"{ALIAS}{one.number}"] = forms.CharField(
                label=_("Alias of pupil %d") % one.number,
                required=False,
                max_length=40,
                initial=one.alias,
                validators=[ProhibitNullCharactersValidator()],
                widget=forms.TextInput(attrs={"autocomplete": "off"}),
            )

    def clean_without(self) -> list[int]:
        return numbers(self.cleaned_data["without"])

    @property
    def pupils(self) -> list[dict[str, Any]]:
        """Each pupil with the field of the alias."""
        return [{"consent": one, "alias": self[f"{ALIAS}{one.number}"]} for one in self.consents]

    @property
    def terms(self) -> Terms:
        names = ("label", "number", "scope", "purposes", "expires", "without")
        return Terms(**{name: self.cleaned_data[name] for name in names})

    @property
    def aliases(self) -> dict[int, str]:
        sent = (one.number for one in self.consents if f"{ALIAS}{one.number}" in self.data)
        return {number: self.cleaned_data[f"{ALIAS}{number}"] for number in sent}

    @property
    def doubtful(self) -> list[str]:
        """What looks like a person's name; said, never refused: the educator knows best what an alias means."""
        return [text for text in (self.cleaned_data["label"], *self.aliases.values()) if like_a_name(text)]


def initial_of(row: SchoolClass, consents: Iterable[Consent]) -> dict[str, Any]:
    """What the form of an existing class starts with."""
    missing = [str(one.number) for one in consents if one.state == Consent.State.MISSING]
    names = ("label", "number", "scope", "purposes", "expires")
    return {**{name: getattr(row, name) for name in names}, "without": ", ".join(missing)}


class PolicyForm(forms.Form):
    """An issuer's rules for evidence."""

    retention_days = forms.IntegerField(
        label=_("Keep evidence after the decision for"),
        min_value=30,
        max_value=3650,
        help_text=_("Days, from 30 to 3650. Then the bytes are deleted; the hash stays in the manifest."),
        error_messages={"required": _("Enter a number of days.")},
    )
    asks_ai = forms.BooleanField(
        label=_("Ask what help of AI was used"),
        required=False,
        help_text=_("Educators then answer in their own words before they submit, and assessors read it."),
    )
    coach_after = forms.IntegerField(
        label=_("A conversation with a coach comes first after"),
        min_value=0,
        max_value=20,
        help_text=_("Attempts that were not yet; 0 means never. It needs somebody with the role coach."),
        error_messages={"required": _("Enter a number; 0 means never.")},
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(name, name) for name in sorted(available_timezones())],
        help_text=_("By which promised dates count."),
    )
    holidays = forms.CharField(
        label=_("Days without work"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One date a line, as 2026-12-24. Saturdays and Sundays never count."),
    )

    def clean_holidays(self) -> list[date]:
        """The dates, one a line; names the first line that is none."""
        days = []
        for line in self.cleaned_data["holidays"].split():
            try:
                days.append(date.fromisoformat(line))
            except ValueError as error:
                words = _("“%(line)s” is not a date. Write it as 2026-12-24.")
                raise forms.ValidationError(words % {"line": line[:40]}) from error
        return days
