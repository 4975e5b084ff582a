"""What people read when a file is not taken, by code. Codes and parameters travel and are stored; words are made
where they are shown, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

OFFICE = "application/vnd.openxmlformats-officedocument"
LABELS: dict[str, str | Promise] = {
    "application/pdf": _("PDF document"),
    "image/jpeg": _("JPEG picture"),
    "image/png": _("PNG picture"),
    "image/heic": _("HEIC picture"),
    "image/webp": _("WebP picture"),
    "video/mp4": _("MP4 video"),
    "video/quicktime": _("QuickTime video"),
    "video/3gpp": _("3GP video"),
    "video/webm": _("WebM video"),
    "audio/mpeg": _("MP3 recording"),
    "audio/mp4": _("M4A recording"),
    "audio/3gpp": _("3GP recording"),
    "audio/webm": _("WebM recording"),
    "audio/wav": _("WAV recording"),
    "audio/ogg": _("Ogg recording"),
    f"{OFFICE}.wordprocessingml.document": _("Word document"),
    f"{OFFICE}.presentationml.presentation": _("PowerPoint presentation"),
    f"{OFFICE}.spreadsheetml.sheet": _("Excel workbook"),
    "application/vnd.oasis.opendocument.text": _("OpenDocument text"),
    "text/plain": _("plain text"),
}

WORDS: dict[str, str | Promise] = {
    "unknown": _(
        "We cannot tell what kind of file this is. You can send PDF, pictures, video, sound, office documents or plain text."
    ),
    "empty": _("This file is empty (0 bytes). Choose the file again; perhaps it was still being saved."),
    "wrong_ending": _(
        "The name ends in %(ending)s, but the content is a %(kind)s. Rename it or choose the file you meant."
    ),
    "program": _("This is a program or a script. Programs cannot be sent as evidence."),
    "svg": _("SVG drawings can carry scripts, so we do not take them. Save the drawing as PNG or PDF."),
    "html": _("This is a web page (HTML). Save it as PDF, or add its address as a link."),
    "gif": _("GIF pictures are not taken. Save the picture as PNG, or the moving picture as an MP4 video."),
    "mkv": _("Matroska videos (MKV) are not taken. Save or export the video as MP4."),
    "late_pdf": _(
        "Something stands before the beginning of this PDF, so it may be two files in one. Print it to a new PDF and send that."
    ),
    "office_large": _(
        "Office documents can have up to 300 MB. Save the document as PDF, or with smaller pictures."
    ),
    "office_damaged": _(
        "This document is damaged: it cannot be opened. Save it again and send the new file."
    ),
    "office_macros": _(
        "This document carries macros. Save it without macros (.docx, .xlsx or .pptx), or as PDF."
    ),
    "office_old": _(
        "This is an Office document in an old format, or one with a password. Save it as .docx, .xlsx or .pptx without a password, or as PDF."
    ),
    "office_bomb": _(
        "This document unfolds into far more than it seems to hold. Save it again, or as PDF, and send the new file."
    ),
    "office_password": _(
        "This document is protected by a password. Save a copy without the password and send that."
    ),
    "zip": _("ZIP archives cannot be sent. Add the files in it one by one."),
    "picture_damaged": _(
        "This picture is damaged: it cannot be drawn. Open it, save it again and send the new file."
    ),
    "picture_large": _(
        "This picture is too large (%(width)s × %(height)s pixels). Save a smaller copy and send that."
    ),
    "pdf_damaged": _("This PDF is damaged: it cannot be opened. Print it to a new PDF and send that."),
    "pdf_password": _("This PDF is protected by a password. Save a copy without the password and send that."),
    "pdf_bomb": _(
        "This PDF unfolds into far more than it seems to hold. Print it to a new PDF and send that."
    ),
    "pdf_pages": _("This PDF has %(pages)s pages; at most %(most)s can be sent. Send the pages that matter."),
    "media_damaged": _(
        "This recording is damaged or incomplete: it cannot be played. Export it again on the device it was made with, and send the new file."
    ),
    "media_silent": _(
        "There is neither picture nor sound in this recording. Choose the file again, or export it again."
    ),
    "media_long": _(
        "This recording says it lasts %(hours)s hours; at most %(most)s hours can be sent. Send the part that matters, or export it again."
    ),
    "no_decoder": _(
        "This installation cannot check videos and recordings yet. Tell its administrators; your file itself may be fine."
    ),
    "time": _(
        "Checking this file took longer than we allow. Save it again, shorter or smaller, and send the new file."
    ),
    "memory": _("Checking this file needs more memory than we allow. Save a smaller copy and send that."),
    "crashed": _(
        "This file cannot be read safely: checking it broke off. Save it again, or in another format, and send the new file."
    ),
    "captions_large": _(
        "Captions can have up to 1 MB. Check that this is the captions file and not the video."
    ),
    "captions_encoding": _("These captions are not in UTF-8. Save them as WebVTT in UTF-8 and send that."),
    "captions_srt": _(
        "These look like SRT captions. Save them as WebVTT (.vtt) in your captions editor and send that."
    ),
    "captions_header": _("This is not a WebVTT file: its first line must begin with WEBVTT."),
    "captions_line": _("Line %(line)s of the captions is wrong: %(text)s"),
    "captions_none": _("There is no caption in this file. Check that you chose the right one."),
}


class Refused(Exception):
    """A file we do not take. `str()` gives the words, in the language of the moment."""

    def __init__(self, code: str, **params: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return words(self.code, self.params)


def words(code: str, params: Mapping[str, object]) -> str:
    """The sentence for a stored code. A kind of file travels as its media type and is named here."""
    given = dict(params)
    if "kind" in given:
        given["kind"] = LABELS.get(str(given["kind"]), given["kind"])
    return str(WORDS[code]) % given if given else str(WORDS[code])
