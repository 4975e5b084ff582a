"""What people type into badge pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import Award
from badges.openbadges.reading import MAX_BYTES
from badges.openbadges.text import TextError, clean_name

MAX_UPLOAD = 5 * 1024**2


class VisibilityForm(forms.Form):
    """Who may see the badge, and under which name."""

    visibility = forms.ChoiceField(
        label=_("Who may see this badge"),
        choices=[
            (Award.Visibility.PRIVATE, _("Only me")),
            (Award.Visibility.UNLISTED, _("Anyone with the link")),
            (Award.Visibility.PUBLIC, _("Everybody: search engines may list it")),
        ],
        widget=forms.RadioSelect,
    )
    name_shown = forms.CharField(
        label=_("Name on the page"),
        max_length=120,
        required=False,
        help_text=_("Leave this empty to show no name. The signed badge itself holds none."),
    )

    def clean_name_shown(self) -> str:
        try:
            return clean_name(self.cleaned_data["name_shown"])
        except TextError as error:
            raise forms.ValidationError(str(error)) from error


class EitherFile(forms.FileField):
    """A file that may be left out because the other field is filled in: the form asks for one of the two."""

    def validate(self, value: Any) -> None:
        return


class EitherText(forms.CharField):
    """The same for text."""

    def validate(self, value: Any) -> None:
        return


class VerifyForm(forms.Form):
    """A badge to check: a file, or text, a token or an address."""

    use_required_attribute = False

    file = EitherFile(
        label=_("Badge file or picture"),
        allow_empty_file=True,
        help_text=_(
            "The badge as JSON, JWT, PNG or SVG, or a photo of its QR code, up to 5 MB. "
            "On a phone you can take the photo now."
        ),
        widget=forms.ClearableFileInput(
            attrs={"accept": ".json,.jsonld,.jwt,.png,.svg,.txt,image/*,application/json"}
        ),
    )
    credential = EitherText(
        label=_("Or its address, or its text"),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false", "class": "mono"}),
        help_text=_("An address that starts with https://, the whole text from { to }, or a token (eyJ…)."),
    )
    email = forms.EmailField(
        label=_("Check it is this person"),
        required=False,
        help_text=_(
            "Their e-mail address, if you want to know whether the badge was issued to it. It is not kept."
        ),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > MAX_UPLOAD:
            raise forms.ValidationError(_("This file is larger than 5 MB. Badges are smaller."))
        return file

    def clean_credential(self) -> str:
        text: str = self.cleaned_data["credential"].strip()
        if len(text) > MAX_BYTES:
            raise forms.ValidationError(_("This text is larger than 1 MB. Badges are smaller."))
        return text

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and data["file"] is None and not data["credential"]:
            self.add_error("file", _("Choose a badge file, or paste the badge's address or text below."))
        return data

    def source(self) -> str | bytes:
        """What to check; a file counts before pasted text."""
        file = self.cleaned_data["file"]
        return file.read() if file is not None else str(self.cleaned_data["credential"])
