"""What people type about badges from elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from badges.models import ExternalAward, Recognition
from badges.workflow.keeping import LARGEST
from badges.workflow.recognising import LONGEST
from catalog.models import StackItem

PNG = b"\x89PNG\r\n\x1a\n"
SUFFIXES = {
    "image/png": "png",
    "image/svg+xml": "svg",
    "application/vc+jwt": "jwt",
    "application/json": "json",
}


def media_type_of(content: bytes) -> str:
    """What a badge's bytes are, by their beginning: nobody's word is taken for it."""
    head = content[:64].removeprefix(b"\xef\xbb\xbf").lstrip()
    if content.startswith(PNG):
        return "image/png"
    if head.startswith(b"<"):
        return "image/svg+xml"
    return "application/vc+jwt" if head.startswith(b"eyJ") else "application/json"


class ExternalForm(forms.Form):
    """A badge from elsewhere: a file, its text, or the address it lies at."""

    use_required_attribute = False

    file = forms.FileField(
        label=_("Badge file"),
        required=False,
        allow_empty_file=True,
        help_text=_("A picture with the badge in it (PNG or SVG), or its JSON or JWT file; up to 5 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".png,.svg,.json,.jwt,.txt"}),
    )
    address = forms.URLField(
        label=_("Or its address"),
        required=False,
        assume_scheme="https",
        max_length=2000,
        help_text=_("Where the badge itself lies, for example the address of its JSON file."),
        error_messages={"invalid": _("This is not a web address. It starts with https://")},
    )
    text = forms.CharField(
        label=_("Or its text"),
        required=False,
        strip=False,  # kept as it came
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false", "class": "mono"}),
        help_text=_("The whole text of its JSON or JWT file."),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and file.size > LARGEST:
            raise forms.ValidationError(_("This file is larger than 5 MB. Badges are smaller."))
        if file is not None and not file.size:
            raise forms.ValidationError(_("This file is empty."))
        return file

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        given = [name for name in ("file", "address") if data.get(name)]
        given += ["text"] * bool(data.get("text", "").strip())
        if not self.errors and not given:
            self.add_error("file", _("Choose a file, or give the badge's address or text below."))
        elif not self.errors and len(given) > 1:
            self.add_error(given[1], _("Give one badge at a time: a file, an address or a text."))
        return data

    def content(self) -> bytes:
        """The bytes she brought herself; empty where she gave an address."""
        file = self.cleaned_data["file"]
        return file.read() if file else str(self.cleaned_data["text"]).encode()


class AskForm(forms.Form):
    """Which badge from elsewhere is to count for which part of a stack."""

    external = forms.ModelChoiceField(ExternalAward.objects.none())
    item = forms.ModelChoiceField(StackItem.objects.none())

    def allow(self, externals: QuerySet[ExternalAward], items: QuerySet[StackItem]) -> None:
        """Her own badges, and the parts of one stack."""
        self.fields["external"].queryset = externals  # type: ignore[attr-defined]
        self.fields["item"].queryset = items.select_related("group__stack")  # type: ignore[attr-defined]


class WithdrawForm(forms.Form):
    """Why what counted counts no more."""

    words = forms.CharField(
        label=_("Why it counts no more"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The educator reads this."),
        error_messages={"required": _("Say why, in a sentence the educator can use.")},
    )


class AnswerForm(forms.Form):
    """Whether it counts, and why."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[
            (Recognition.State.ACCEPTED, _("It counts for this part")),
            (Recognition.State.DECLINED, _("It does not count")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    words = forms.CharField(
        label=_("Why"),
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("The educator reads this."),
        error_messages={"required": _("Say why, in a sentence the educator can use.")},
    )
