"""Forms about people and their organisations."""

from __future__ import annotations

import zoneinfo
from typing import Any

from django import forms
from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import GradeBand, JobRole, Organisation, Profile, User
from accounts.texts import plain_line
from accounts.workflow import roles_in


class SubjectsField(forms.CharField):
    """Subjects as a person lists them, separated by commas."""

    def to_python(self, value: Any) -> Any:
        if isinstance(value, list):
            return value
        text = super().to_python(value) or ""
        ProhibitNullCharactersValidator()(text)  # a validator would see the list, where a NUL is spelled out
        words = [word.strip() for word in text.split(",")]
        return [word[:60] for word in words if word][:12]

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value


FIELDS: dict[str, forms.Field] = {
    "name": forms.CharField(
        label=_("Your name"),
        max_length=120,
        required=False,
        help_text=_("As it should stand on your badges. Assessors never see it."),
        validators=[plain_line],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    ),
    "job_roles": forms.MultipleChoiceField(
        label=_("What is your work?"),
        choices=JobRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Choose all that fit. It only helps us suggest micro-credentials."),
    ),
    "grade_bands": forms.MultipleChoiceField(
        label=_("Which grades do you work with?"),
        choices=GradeBand.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    ),
    "subjects": SubjectsField(
        label=_("Which subjects?"),
        required=False,
        help_text=_("Separated by commas, for example: biology, art."),
    ),
    "state": forms.CharField(
        label=_("Which state do you work in?"),
        max_length=40,
        required=False,
        help_text=_("Rules on licences and hours differ by state."),
        widget=forms.TextInput(attrs={"autocomplete": "address-level1"}),
    ),
    "language": forms.ChoiceField(label=_("Language of our mails"), choices=settings.LANGUAGES),
    "time_zone": forms.ChoiceField(
        label=_("Time zone"),
        choices=lambda: [(zone, zone.replace("_", " ")) for zone in sorted(zoneinfo.available_timezones())],
        help_text=_("Dates and deadlines are shown in it."),
    ),
}


class ProfileForm(forms.Form):
    """The whole profile, or with `only` the one question asked now."""

    def __init__(
        self, *args: Any, user: User, profile: Profile, only: str | None = None, **kwargs: Any
    ) -> None:
        names = (
            [only] if only else [name for name in FIELDS if name != "language" or len(settings.LANGUAGES) > 1]
        )
        initial = {name: user.name if name == "name" else getattr(profile, name) for name in names}
        kwargs["initial"] = initial
        super().__init__(*args, **kwargs)
        for name in names:
            self.fields[name] = FIELDS[name].__deepcopy__({})


class InvitationForm(forms.Form):
    """Whom to invite, and to what."""

    email = forms.EmailField(
        label=_("E-mail address"), widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = forms.ChoiceField(label=_("Role"))

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = roles_in(organisation)  # type: ignore[attr-defined]


class CloseForm(forms.Form):
    """The password, and that she read what happens."""

    password = forms.CharField(
        label=_("Your password"),
        max_length=128,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    sure = forms.BooleanField(
        label=_("I have read what is deleted and what stays. I cannot undo this."),
        error_messages={"required": _("Please confirm this first.")},
    )
