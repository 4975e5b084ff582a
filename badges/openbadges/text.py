"""Names and texts that may be signed and drawn: any script and emoji, but no control characters.

Canonical forms disagree about control characters, and direction overrides can make a name on a badge read as
another one (RDFC-1.0, section 5; Unicode Technical Report 36, section 2.5).
"""

from __future__ import annotations

import unicodedata
from typing import Final

from django.utils.translation import gettext as _

_DIRECTION_CONTROLS: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_SEPARATORS: Final = frozenset("\u2028\u2029")


class TextError(ValueError):
    """A text has a character that must not be signed."""


def clean_name(value: str) -> str:
    """Return a one-line name without surrounding space, or refuse it."""
    return _checked(value.strip(), allowed="")


def clean_text(value: str) -> str:
    """Return a text of several lines with plain line ends and spaces for tabs, or refuse it."""
    plain = value.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return _checked(plain.strip(), allowed="\n")


def _checked(value: str, *, allowed: str) -> str:
    for character in value:
        if character not in allowed and _is_control(character):
            code = f"U+{ord(character):04X}"
            raise TextError(_("The character %(code)s cannot be used here.") % {"code": code})
    return value


def _is_control(character: str) -> bool:
    return (
        unicodedata.category(character) in {"Cc", "Cs"}
        or character in _DIRECTION_CONTROLS
        or character in _SEPARATORS
    )
