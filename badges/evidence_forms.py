"""What an earner chooses about each piece of her assessed work."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from badges.models import ShownEvidence
from badges.openbadges.text import TextError, clean_name
from badges.queries.evidence import Piece
from badges.workflow.showing import LONGEST_NAME, Choice

Mode = ShownEvidence.Mode
CHOICES = [
    ("", _("Not shown")),
    (Mode.DIGEST, _("Only the proof that it was assessed")),
    (Mode.OPEN, _("The file itself: anybody who can see the badge may open it")),
]


class EvidenceForm(forms.Form):
    """One choice and one name a piece."""

    def __init__(self, pieces: Iterable[Piece], *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.pieces = list(pieces)
        for piece in self.pieces:
            self.fields[f"mode-{piece.artifact}"] = forms.ChoiceField(
                label=piece.requirement or piece.name,
                choices=CHOICES if piece.openable else CHOICES[:2],
                initial=piece.mode if piece.openable or not piece.mode else Mode.DIGEST,
                required=False,
                widget=forms.RadioSelect,
                help_text="" if piece.openable else CLOSED,
            )
            self.fields[f"name-{piece.artifact}"] = forms.CharField(
                label=_("Name in the badge"), initial=piece.name, max_length=LONGEST_NAME, required=False
            )

    def clean(self) -> dict[str, str]:
        """Refuse at the field what a signature refuses."""
        for piece in self.pieces:
            name = f"name-{piece.artifact}"
            try:
                clean_name(self.cleaned_data.get(name, ""))
            except TextError as error:
                self.add_error(name, str(error))
        return self.cleaned_data

    def rows(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """The two fields of each piece, for the page."""
        return [(self[f"mode-{piece.artifact}"], self[f"name-{piece.artifact}"]) for piece in self.pieces]

    def choices(self) -> dict[UUID, Choice]:
        """What the verb takes."""
        return {
            piece.artifact: Choice(
                self.cleaned_data[f"mode-{piece.artifact}"], self.cleaned_data[f"name-{piece.artifact}"]
            )
            for piece in self.pieces
        }

    def refuse(self, errors: dict[str, list[str]]) -> None:
        """Put the verb's words beside their piece."""
        for artifact, words in errors.items():
            field = f"mode-{artifact}"
            self.add_error(field if field in self.fields else None, words)


CLOSED = _(
    "This piece cannot be opened to everybody: somebody can be recognised who did not agree to a public badge, it was made "
    "in a team, or there is no file to open."
)
