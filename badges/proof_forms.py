"""What people choose and bring to prove one file, and to check such a proof."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from badges import proving
from badges.forms import MAX_UPLOAD, EitherFile
from badges.openbadges.evidence import MAX_BYTES, Proof, ProofError
from badges.proving import Piece
from submissions.sealing import RECEIVED

HASH = re.compile(r"[0-9a-f]{64}\Z")


class HashField(forms.CharField):
    """Where a script puts the SHA-256 of the chosen file, which then stays in the browser."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self, value: Any) -> str:
        given = str(super().clean(value)).lower()
        return given if HASH.match(given) else ""


class EitherChoice(forms.ChoiceField):
    """A choice that may be left out because another field is filled in: the form asks for one of the two."""

    def validate(self, value: Any) -> None:
        if value:
            super().validate(value)


class ProveForm(forms.Form):
    """One of the files of her attempt, by choosing it in the list or the copy she has."""

    use_required_attribute = False
    field_order = ("piece", "file", "sha256")

    file = EitherFile(
        label=_("Or the copy you have"),
        allow_empty_file=True,
        help_text=_("Only its SHA-256 is looked at. The file is not kept."),
    )
    sha256 = HashField()

    def __init__(self, pieces: Sequence[Piece], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.pieces = {one.value: one for one in pieces}
        self.fields["piece"] = EitherChoice(
            label=_("From what you handed in"),
            widget=forms.RadioSelect,
            choices=[(value, _label(one)) for value, one in self.pieces.items()],
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.errors:
            return data
        known = {one.sha256 for one in self.pieces.values()}
        given = data["sha256"] or getattr(data["file"], "sha256", "")
        if given and given not in known:
            words = _(
                "A file with exactly these bytes is not among your evidence. A copy that was saved anew or sent through a messenger is another file."
            )
            self.add_error("file", words)
        elif not given and not data["piece"]:
            self.add_error("piece", _("Choose one file, or the copy you have."))
        return data

    def chosen(self) -> str:
        """The SHA-256 of the file to prove; a copy she brings counts before the list."""
        data = self.cleaned_data
        return data["sha256"] or getattr(data["file"], "sha256", "") or self.pieces[data["piece"]].sha256


def _label(piece: Piece) -> str:
    name = f"{piece.requirement}: {piece.name}" if piece.requirement else piece.name
    kind = _("as you handed it in") if piece.kind == RECEIVED else _("as assessors read it")
    return f"{name} ({kind})"


class CheckProofForm(forms.Form):
    """A badge, a proof and a file."""

    use_required_attribute = False

    badge = forms.FileField(
        label=_("The badge’s file"),
        error_messages={"required": _("Choose the badge’s file: its JSON document or its picture.")},
        help_text=_("The JSON document or the picture of the badge, up to 5 MB."),
    )
    proof = forms.FileField(
        label=_("The proof"),
        error_messages={"required": _("Choose the proof: a small JSON file.")},
        help_text=_("The small JSON file that came with the evidence."),
        widget=forms.ClearableFileInput(attrs={"accept": ".json"}),
    )
    file = EitherFile(
        label=_("The file it is about"),
        allow_empty_file=True,
        help_text=_("Unchanged, as you received it. Only its SHA-256 is looked at. The file is not kept."),
    )
    sha256 = HashField()

    def clean_badge(self) -> bytes:
        file = self.cleaned_data["badge"]
        if file.size > MAX_UPLOAD:
            raise forms.ValidationError(_("This file is larger than 5 MB. Badges are smaller."))
        return bytes(file.read())

    def clean_proof(self) -> Proof:
        try:
            return proving.read(self.cleaned_data["proof"].read(MAX_BYTES + 1))
        except ProofError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["file_sha256"] = data.get("sha256") or getattr(data.get("file"), "sha256", "")
        if not data["file_sha256"] and "file" not in self.errors:
            self.add_error("file", _("Choose the file that the proof is about."))
        return data
