"""How an issuer's badges shall look."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import BadgeDesign
from badges.openbadges.text import TextError, clean_name
from badges.redrawing import MAX_BYTES, PictureError, redrawn
from badges.workflow.designing import COLOURS, LONGEST_WORDS, colour_refused

DRAWN, PICTURE = "drawn", "picture"


class ColourField(forms.CharField):
    """A colour as browsers send it: #rrggbb."""

    widget = forms.TextInput(attrs={"type": "color"})

    def clean(self, value: Any) -> str:
        return str(super().clean(value)).lower()


class DesignForm(forms.Form):
    """A drawing by shape, colours and words, or a picture of one's own."""

    source = forms.ChoiceField(
        label=_("The badge is"),
        choices=[(DRAWN, _("drawn by shape and colours")), (PICTURE, _("a picture of our own"))],
        widget=forms.RadioSelect,
    )
    shape = forms.ChoiceField(label=_("Shape"), choices=BadgeDesign.Shape.choices, widget=forms.RadioSelect)
    colour = ColourField(label=_("Ground"))
    edge = ColourField(label=_("Edge"))
    accent = ColourField(label=_("Ring and mark"))
    words = forms.CharField(
        label=_("Short title on the badge"),
        max_length=LONGEST_WORDS,
        required=False,
        help_text=_("Leave it empty to write the full title. Long titles become small."),
    )
    picture = forms.FileField(
        label=_("Picture"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "PNG, JPEG or WebP, at least 300 × 300 pixels, up to 5 MB. What is not square is cut in the middle."
        ),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )
    cut = False  # whether something of the picture was cut off

    def __init__(self, *args: Any, kept: bool = False, **kwargs: Any) -> None:
        """`kept`: there is a picture already, so that none has to be chosen."""
        super().__init__(*args, **kwargs)
        self.kept = kept

    def clean_words(self) -> str:
        try:
            return clean_name(self.cleaned_data["words"])
        except TextError as error:
            raise forms.ValidationError(str(error)) from error

    def clean_picture(self) -> bytes | None:
        file = self.cleaned_data["picture"]
        if file is None or self.cleaned_data.get("source") != PICTURE:
            return None
        try:
            picture = redrawn(file.read(MAX_BYTES + 1))
        except PictureError as error:
            raise forms.ValidationError(str(error)) from error
        self.cut = picture.cut
        return picture.png

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in COLOURS:
            if name in data and (words := colour_refused(name, data[name])):
                self.add_error(name, words)
        missing = data.get("source") == PICTURE and "picture" in data and data["picture"] is None
        if missing and not self.kept:
            self.add_error("picture", _("Choose a picture, or have the badge drawn."))
        return data

    def fields_to_keep(self) -> dict[str, Any]:
        """What the verb takes: without `upload` the picture stays as it is."""
        data = self.cleaned_data
        values = {name: data[name] for name in ("shape", "words", *COLOURS)}
        if data["source"] == DRAWN:
            return {**values, "upload": None}
        return values if data["picture"] is None else {**values, "upload": data["picture"]}
