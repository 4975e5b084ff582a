"""What can be wrong with kept bytes. Each error has words for whoever asked for the file."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class VaultError(Exception):
    """Bytes could not be kept or read; `words` are for the person, the rest is in the log."""

    words: str | Promise = _("This file cannot be opened.")

    def __str__(self) -> str:
        return str(self.words)


class Gone(VaultError):
    """The bytes, or the key that opens them, are no longer there."""

    words = _("This file was deleted. Its bytes are no longer here.")


class Damaged(VaultError):
    """What lies in the store is not what was put there, or was sealed by another installation."""

    words = _("This file is damaged: what is stored is not what was put there. It is not shown.")


class Unavailable(VaultError):
    """The store, or the installation's key, does not answer; trying again may help."""

    words = _("The place where files are kept does not answer just now. Try again in a few minutes.")
