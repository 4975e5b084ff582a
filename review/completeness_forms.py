"""The completeness check as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from journal.workflow import GuardError
from review.workflow import LONGEST

PRESENT, MISSING = "present", "missing"
ITEM = "item-"


class CheckForm(forms.Form):
    """Each item there or missing, and a note for what is missing."""

    note = forms.CharField(
        required=False,
        max_length=LONGEST,
        label=_("A note to the educator"),
        help_text=_("Where to look, or what exactly would do. The educator reads it with the list."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, items: list[dict[str, str]], data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.items = items
        for item in items:
            self.fields[ITEM + item["key"]] = forms.ChoiceField(
                label=item["text"],
                choices=[(PRESENT, _("There")), (MISSING, _("Missing"))],
                widget=forms.RadioSelect,
                error_messages={"required": _("Choose whether this is there.")},
            )

    @property
    def rows(self) -> list[forms.BoundField]:
        return [self[ITEM + item["key"]] for item in self.items]

    def _chosen(self, value: str) -> list[str]:
        return [one["key"] for one in self.items if self.cleaned_data.get(ITEM + one["key"]) == value]

    @property
    def present(self) -> list[str]:
        return self._chosen(PRESENT)

    @property
    def lacking(self) -> list[str]:
        return self._chosen(MISSING)

    @property
    def lacking_texts(self) -> list[str]:
        """What the educator will read as missing."""
        return [one["text"] for one in self.items if one["key"] in self.lacking]

    @property
    def sent(self) -> list[tuple[str, Any]]:
        """What was chosen, to be sent again by the preview."""
        return [(name, self.cleaned_data.get(name, "")) for name in self.fields]

    def refuse(self, error: GuardError) -> None:
        """What the verb said, on its field where there is one."""
        for name, words in (error.errors or {"": [error.message]}).items():
            self.add_error(name if name in self.fields else None, [str(word) for word in words])
