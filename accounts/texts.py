"""Which characters a name or text may not hold, because it may come to stand in a signed document.

Canonical forms disagree about control characters, and direction overrides can make a name on a badge read as
another one (RDFC-1.0, section 5; Unicode Technical Report 36, section 2.5).
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.http import HttpRequest
from django.utils.translation import gettext as _

_DIRECTION_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SEPARATORS: Final = frozenset("\u2028\u2029")
LINES: Final = "\n\r\t"


def control_in(value: str, allowed: str = "") -> str:
    """The first character that must not be signed, or nothing."""
    return next((one for one in value if one not in allowed and _is_control(one)), "")


def _is_control(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in _DIRECTION_CONTROLS
        or character in _SEPARATORS
    )


def refused(character: str) -> str:
    """In words which character it is."""
    return _("The character %(code)s cannot be used here.") % {"code": f"U+{ord(character):04X}"}


def plain_line(value: Any) -> None:
    """Refuse control characters in one line."""
    if isinstance(value, str) and (found := control_in(value)):
        raise ValidationError(refused(found))


def plain_lines(value: Any) -> None:
    """Refuse control characters other than line ends and tabs in a longer text."""
    if isinstance(value, str) and (found := control_in(value, LINES)):
        raise ValidationError(refused(found))


class SignedWords:
    """An admin page on which people type what will be signed: each text field refuses what a signature refuses."""

    def formfield_for_dbfield(
        self, db_field: models.Field[Any, Any], request: HttpRequest | None, **kwargs: Any
    ) -> forms.Field | None:
        field: forms.Field | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if isinstance(field, forms.CharField):
            several = isinstance(field.widget, forms.Textarea)
            field.validators = [*field.validators, plain_lines if several else plain_line]
        return field
