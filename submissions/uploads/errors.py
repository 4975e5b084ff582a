"""What can go wrong with an upload, each with its status and words; bytes that are here stay here unless it says so."""

from __future__ import annotations

from collections.abc import Collection

from django.utils.translation import gettext as _

from submissions.files import FileRefused, NotChecked


class Refusal(FileRefused):
    """An upload that cannot go on like this. `headers` go with the answer."""

    def __init__(self, words: str, **headers: str) -> None:
        super().__init__(words)
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


class WrongOffset(Refusal):
    """The sender thinks that more, or fewer, bytes are here."""

    status = 409

    def __init__(self, offset: int) -> None:
        words = _("The upload stands at byte %d. Ask where it stands and go on from there.") % offset
        super().__init__(words, Upload_Offset=str(offset))


class NotNow(Refusal):
    """The upload is in a state that does not allow this."""

    status = 409


class Missing(Refusal):
    """Parts are not in the store, or not as they should be: these numbers have to be sent again."""

    status = 409

    def __init__(self, numbers: Collection[int]) -> None:
        super().__init__(_("Some parts of the file are not there yet. Send them, then complete the upload."))
        self.numbers = sorted(numbers)


class Ended(Refusal):
    """Cancelled, expired or refused; its bytes are gone."""

    status = 410

    def __init__(self, words: str = "") -> None:
        super().__init__(
            words or _("This upload has ended: it was cancelled or rested too long. Choose the file again.")
        )


class TooMuch(Refusal):
    """More bytes than were announced, or than there is room for."""

    status = 413


class Busy(Refusal):
    """Another connection is writing."""

    status = 423

    def __init__(self) -> None:
        words = _("Another connection is sending this file, perhaps another tab. Wait for it, or close it.")
        super().__init__(words, Retry_After="2")


class TooMany(Refusal):
    """Too many open uploads of one person."""

    status = 429


class WrongChecksum(Refusal):
    """A part arrived changed; it was discarded."""

    status = 460

    def __init__(self) -> None:
        super().__init__(_("This part of the file was damaged on its way and was discarded. Send it again."))


class Away(Refusal, NotChecked):
    """The store, or a free line, is not there just now."""

    def __init__(self, words: str) -> None:
        super().__init__(words, Retry_After="5")
