"""A few words to somebody, as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from journal.workflow import GuardError


class WordsForm(forms.Form):
    """One text; the verb says what cannot be kept."""

    text = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": gettext_lazy("Write a few words first.")},
    )

    def __init__(self, label: Any, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["text"].label = label

    def blame(self, error: GuardError) -> None:
        """What was refused, on its field where there is one."""
        for name, words in (error.errors or {"": [error.message]}).items():
            self.add_error(name if name in self.fields else None, [str(word) for word in words])
