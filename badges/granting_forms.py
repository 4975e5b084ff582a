"""What an issuer chooses to grant a badge to a list of people."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from badges import rules
from badges.sheets import MOST_BYTES, Line, SheetError, checked, read_csv
from catalog.models import MicroCredential


class GrantForm(forms.Form):
    """A micro-credential and a list."""

    micro_credential = forms.ModelChoiceField(
        label=_("Micro-credential"),
        queryset=MicroCredential.objects.none(),
        to_field_name="slug",
        empty_label=_("Choose one"),
        error_messages={
            "required": _("Choose what to grant."),
            "invalid_choice": _("Choose one that your organisation has published."),
        },
    )
    file = forms.FileField(
        label=_("List of people"),
        max_length=160,
        allow_empty_file=True,
        help_text=_("A CSV file in UTF-8, up to 20,000 rows and 10 MB. Only the column “email” is required."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose the file.")},
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast("forms.ModelChoiceField[MicroCredential]", self.fields["micro_credential"])
        field.queryset = rules.grantable_by(user).select_related("current", "issuer")

    def clean_file(self) -> tuple[str, bytes, list[Line]]:
        """The file's name, its content and its rows, checked."""
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Send it in parts."))
        content = file.read()
        try:
            return file.name, content, checked(read_csv(content))
        except SheetError as error:
            raise forms.ValidationError(str(error)) from error
