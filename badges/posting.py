"""What a holder takes along to show her badge elsewhere: written mails, code for a web page, signs for phones."""

from __future__ import annotations

import io
from urllib.parse import quote

import segno
from django.utils.html import format_html
from django.utils.translation import gettext as _

MASK = 4  # any is valid; choosing the best of eight takes eight times as long
QR_TYPES = {"svg": "image/svg+xml", "png": "image/png"}


def mail(title: str, address: str) -> str:
    """A mail with its words written; she adds to whom."""
    subject = _("My badge “%(title)s”") % {"title": title}
    body = _("I earned “%(title)s”. What it stands for, and whether it is valid now, is shown here:") % {
        "title": title
    }
    return _mail(subject, body, address)


def mail_of_link(address: str) -> str:
    """The same for a link of several."""
    subject, body = _("My badges"), _("My badges, and whether they are valid now:")
    return _mail(subject, body, address)


def _mail(subject: str, body: str, address: str) -> str:
    text = quote(f"{body}\n\n{address}\n")
    return f"mailto:?subject={quote(subject)}&body={text}"


def embed(title: str, issuer: str, address: str, picture: str) -> str:
    """A picture that leads to the badge: plain HTML, no script."""
    return format_html(
        '<a href="{}"><img src="{}" width="200" height="200" alt="{}"></a>',
        address,
        picture,
        _("Badge: %(title)s, issued by %(issuer)s") % {"title": title, "issuer": issuer},
    )


def qr(address: str, kind: str) -> bytes:
    """An address as a sign that a phone's camera reads."""
    drawn = io.BytesIO()
    sign = segno.make(address, error="m", micro=False, mask=MASK, boost_error=False)
    words = {"xmldecl": False, "title": _("QR code")} if kind == "svg" else {}
    sign.save(drawn, kind=kind, scale=10, border=4, dark="#000", light="#fff", **words)
    return drawn.getvalue()
