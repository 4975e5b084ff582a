"""What people type to endorse something."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation
from badges.workflow.endorsing import LONGEST_WORDS


class EndorseForm(forms.Form):
    """In whose name, and in which words."""

    use_required_attribute = False

    organization = forms.ModelChoiceField(
        label=_("In the name of"),
        queryset=Organisation.objects.none(),
        to_field_name="slug",
        empty_label=None,
        error_messages={"invalid_choice": _("Choose an organization you are an admin of.")},
    )
    words = forms.CharField(
        label=_("What you endorse, and why"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Everybody reads this, and it is signed: one or two sentences are best."),
        error_messages={
            "required": _("Say what you endorse and why. Everybody reads this."),
            "max_length": _("Please keep it under 2,000 characters."),
        },
    )

    def __init__(self, *args: Any, endorsers: QuerySet[Organisation], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["organization"].queryset = endorsers  # type: ignore[attr-defined]
