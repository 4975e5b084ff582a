"""Why a link could not be copied, and what its author can do instead."""

from __future__ import annotations

from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Code(StrEnum):
    """What was wrong, for programs."""

    ADDRESS = "address"
    PRIVATE = "private"
    UNKNOWN_HOST = "unknown-host"
    UNREACHABLE = "unreachable"
    CERTIFICATE = "certificate"
    SIGN_IN = "sign-in"
    MISSING = "missing"
    REFUSED = "refused"
    REDIRECTS = "redirects"
    TOO_LARGE = "too-large"
    TOO_SLOW = "too-slow"
    PLAYER = "player"
    FOLDER = "folder"
    APPLICATION = "application"
    EMPTY = "empty"


WORDS: dict[Code, str | Promise] = {
    Code.ADDRESS: _(
        "This is not a web address we can open. It starts with https:// and has no name or password in it."
    ),
    Code.PRIVATE: _(
        "This address lies inside a private network, so nobody outside can open it. "
        "Save or export the document on your device and upload the file."
    ),
    Code.UNKNOWN_HOST: _("There is no site at this address. Check it for typing errors."),
    Code.UNREACHABLE: _("The site does not answer. Try again later, or upload the document as a file."),
    Code.CERTIFICATE: _(
        "The site cannot prove who it is (its certificate is not valid). Upload the document as a file."
    ),
    Code.SIGN_IN: _(
        "This address asks for a sign-in. Share the document for “anyone with the link”, or export it and upload the file."
    ),
    Code.MISSING: _(
        "There is nothing at this address (any more). Check the link, or upload the document as a file."
    ),
    Code.REFUSED: _("The site refuses to hand this out. Export the document and upload the file."),
    Code.REDIRECTS: _(
        "This address leads on and on and never arrives. Copy the address of the document itself."
    ),
    Code.TOO_LARGE: _("What lies at this address is too large to be copied. Upload it as a file."),
    Code.TOO_SLOW: _("The site takes too long to answer. Try again later, or upload the document as a file."),
    Code.PLAYER: _("This address shows a player, not a file. Download the recording and upload it."),
    Code.FOLDER: _("This address is a folder. Link each document, or upload the files."),
    Code.APPLICATION: _(
        "What this address shows cannot be copied: it only appears in a browser. "
        "Export or print it as PDF and upload the file."
    ),
    Code.EMPTY: _("There is an empty file at this address. Check it, or upload the document as a file."),
}


class NotCaptured(Exception):
    """A link whose content could not be copied; `words` tell the educator what to do instead."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.words = WORDS[code]
        super().__init__(code.value)

    def __str__(self) -> str:
        return str(self.words)
