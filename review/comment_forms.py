"""What one types into the comment bank."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from review.workflow import LONGEST_COMMENT


class CommentForm(forms.Form):
    """A comment to be used again."""

    issuer = forms.ModelChoiceField(
        label=_("For reviews of"), queryset=Organisation.objects.none(), empty_label=None
    )
    text = forms.CharField(
        label=_("Comment"),
        help_text=_("No names, and nothing that says who somebody is: it will be read by other educators."),
        max_length=LONGEST_COMMENT,
        widget=forms.Textarea(attrs={"rows": 3}),
    )

    def __init__(self, *args: Any, issuers: Iterable[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["issuer"].queryset = Organisation.objects.filter(pk__in=list(issuers))  # type: ignore[attr-defined]
