"""Forms about messages and questions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.models import Kind
from notifications.workflow import QUESTION_MAX


class PreferencesForm(forms.Form):
    """Which kinds of message also come by mail."""

    mail = forms.MultipleChoiceField(
        label=_("Send me a mail for"),
        choices=Kind.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


class QuestionForm(forms.Form):
    """A question, and where to answer it. Signed-in people are asked for the question only."""

    text = forms.CharField(
        label=_("Your question"),
        max_length=QUESTION_MAX,
        widget=forms.Textarea(attrs={"rows": 6}),
        validators=[ProhibitNullCharactersValidator()],
        help_text=_("Please do not name pupils."),
        error_messages={"required": _("Write your question first.")},
    )
    reply_to = forms.EmailField(
        label=_("Your e-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("The answer comes to this address."),
        error_messages={"required": _("We need an address to answer to.")},
    )

    def __init__(self, *args: Any, user: User | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if user is not None:
            self.fields["reply_to"].initial = user.email
