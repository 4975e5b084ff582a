"""Names and texts that may be signed and drawn: any script and emoji, but no control characters."""

from __future__ import annotations

from accounts.texts import control_in, refused


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
    if found := control_in(value, allowed):
        raise TextError(refused(found))
    return value
