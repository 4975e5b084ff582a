"""A few words to somebody, as a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import QueryDict

from journal.workflow import GuardError


class WordsForm(forms.Form):
    """One text; the verb says what cannot be kept."""

    text = forms.CharField(required=False, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, label: Any, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.fields["text"].label = label

    def blame(self, error: GuardError) -> None:
        """What was refused, on its field where there is one."""
        for name, words in (error.errors or {"": [error.message]}).items():
            self.add_error(name if name in self.fields else None, [str(word) for word in words])
