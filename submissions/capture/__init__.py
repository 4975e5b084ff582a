"""A link becomes a copy: what lies at a public address now, as a file or as the text of a page.

`capture()` is an engine: it knows no submission. Its result is handed on like any other file a person sends, to be
looked at by what it is. Assessors see the copy and never open the address.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import override

from submissions.capture import pages
from submissions.capture.addresses import hopeless
from submissions.capture.fetching import Answer, Limits, fetch
from submissions.capture.guard import Reach, Target
from submissions.capture.reading import read_page
from submissions.capture.refusals import Code, NotCaptured

__all__ = ["DEFAULT", "PUBLIC", "Captured", "Code", "Limits", "NotCaptured", "Reach", "capture"]

DEFAULT = Limits()
PUBLIC = Reach()
SIGN_IN_TEXT = 600  # a page with a password field and less text than this is a sign-in page
LEAST_TEXT = 40  # a page with less is drawn by a program, and we run none


@dataclass(frozen=True)
class Captured:
    """A copy that was made: `file` as it came, or `page` as UTF-8 text."""

    kind: Literal["file", "page"]
    path: Path
    name: str
    content_type_hint: str
    final_url: str
    fetched_at: datetime


def capture(
    url: str, out: Path, *, limits: Limits = DEFAULT, language: str = "en", reach: Reach = PUBLIC
) -> Captured:
    """Copy what lies at `url` to the file `out`, or raise `NotCaptured` with words; then `out` does not exist."""
    url = url.strip()
    Target.of(url)
    if code := hopeless(url):
        raise NotCaptured(code)
    try:
        return _kept(url, fetch(url, out, limits, reach, language), out, limits, language)
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _kept(url: str, answer: Answer, out: Path, limits: Limits, language: str) -> Captured:
    now = timezone.now()
    with out.open("rb") as file:
        start = file.read(4096)
    if not pages.is_html(start, answer.content_type):
        hint = answer.content_type.split(";")[0].strip().lower()
        return Captured("file", out, _name(answer), hint, answer.url, now)
    if (
        answer.exported and "html" in answer.content_type
    ):  # an export is never a page: this one explains why there is none
        raise NotCaptured(Code.SIGN_IN)
    if answer.size > limits.page:
        raise NotCaptured(Code.TOO_LARGE)
    page = read_page(out, answer.content_type, limits.text)
    if page.asks_password and len(page.text) < SIGN_IN_TEXT:
        raise NotCaptured(Code.SIGN_IN)
    if len(page.text) < LEAST_TEXT:
        raise NotCaptured(Code.APPLICATION)
    with override(language):
        out.write_text(_written(page, now), encoding="utf-8")
    return Captured("page", out, _page_name(page, answer), "text/plain", answer.url, now)


def _written(page: pages.Page, now: datetime) -> str:
    """Title, moment, text. Not the address: it may name its owner, and who reads the copy does not need it."""
    moment = date_format(now, "DATETIME_FORMAT")
    head = [*([page.title, ""] if page.title else []), _("Copied: %s (UTC)") % moment]
    rest = ["", _("The page is longer; its end was left out.")] if page.cut else []
    return "\n".join([*head, "", "-" * 40, "", page.text, *rest, ""])


def _page_name(page: pages.Page, answer: Answer) -> str:
    words = re.sub(r"[^\w .,()-]+", " ", page.title or (urlsplit(answer.url).hostname or "")).split()
    return (" ".join(words)[:100].strip(" .") or "page") + ".txt"


def _name(answer: Answer) -> str:
    """As the server calls it, else the end of the address; only a name, never a path."""
    message = Message()
    message["Content-Disposition"] = re.sub(r"[\r\n]", " ", answer.disposition)
    try:
        said = message.get_filename("")
    except (ValueError, LookupError):
        said = ""
    name = said or unquote(urlsplit(answer.url).path)
    last = re.split(r"[/\\]", name.rstrip("/\\"))[-1]
    return "".join(sign for sign in last if sign.isprintable())[:200].strip(" .") or "file"
