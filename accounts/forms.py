"""Forms about people."""

from __future__ import annotations

from django import forms


class SignupForm(forms.Form):
    """What we ask at sign-up beyond address and password: nothing."""

    def signup(self, request: object, user: object) -> None:
        """allauth calls this after the account exists."""
