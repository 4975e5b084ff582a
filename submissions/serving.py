"""Handing a kept file to somebody who may see it: privately, safely, in ranges, never by its place in the store.

A door checks who asks and answers with a signed address, short-lived and for that person alone; the bytes come from
there. An address whose time is over leads back to its door, which checks again: a video goes on, a right that ended
ends it. What was closed or deleted is gone at once, whatever address somebody holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from submissions import vault
from submissions.kinds import INLINE
from submissions.models import Artifact, Content, Preview

RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")
SALT = "submissions.serving"
SECONDS = 600  # how long an address is good for
PDF = "application/pdf"
FRAMED = "frame-ancestors 'self'"
# The browser's own viewers of pictures and recordings need these three; nothing else may run or load.
CONFINED = "sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"


def hand_over(request: HttpRequest, artifact: Artifact, filename: str, kind: str = "") -> HttpResponseBase:
    """The address of an artifact's file (or of one of its previews) for this person. The caller decided that she may see it."""
    content = artifact.content
    if artifact.state != Artifact.State.READY or content is None:
        raise Http404
    if kind and not Preview.objects.filter(content=content, kind=kind).exists():
        raise Http404
    ticket = {
        "artifact": str(artifact.pk),
        "kind": kind,
        "person": str(request.user.pk),
        "name": filename,
        "door": request.get_full_path(),
        "save": "download" in request.GET,
    }
    response = redirect("evidence", signing.dumps(ticket, salt=SALT))
    response.headers["Cache-Control"] = "private, no-store"
    return response


def hand_out(request: HttpRequest, artifact: Artifact, filename: str) -> HttpResponseBase:
    """The bytes themselves, at an address that is open to everybody. The caller decides at each request that they may be."""
    if artifact.state != Artifact.State.READY or artifact.content is None:
        raise Http404
    ticket = {"name": filename, "save": "download" in request.GET}
    return _answer(request, artifact.content, artifact.content, ticket)


def serve(request: HttpRequest, address: str) -> HttpResponseBase:
    """The bytes behind a signed address."""
    ticket, late = _ticket(address)
    if ticket["person"] != str(request.user.pk):
        raise PermissionDenied
    if late:
        return redirect(ticket["door"])
    artifact = Artifact.objects.select_related("content").filter(pk=UUID(ticket["artifact"])).first()
    if artifact is None or artifact.state != Artifact.State.READY or artifact.content is None:
        raise Http404
    piece = _piece(artifact.content, ticket["kind"])
    if piece is None:
        raise Http404
    return _answer(request, artifact.content, piece, ticket)


def _ticket(address: str) -> tuple[dict[str, Any], bool]:
    """What was signed, and whether its time is over; anything else does not exist."""
    try:
        return signing.loads(address, salt=SALT, max_age=SECONDS), False
    except signing.SignatureExpired:
        return signing.loads(address, salt=SALT), True
    except signing.BadSignature as forged:
        raise Http404 from forged


def _piece(content: Content, kind: str) -> Content | Preview | None:
    return Preview.objects.filter(content=content, kind=kind).first() if kind else content


def _answer(
    request: HttpRequest, content: Content, piece: Content | Preview, ticket: dict[str, Any]
) -> HttpResponseBase:
    inline = piece.content_type.startswith((*INLINE, "text/vtt")) and not ticket["save"]
    disposition = str(content_disposition_header(not inline, ticket["name"]) or "attachment")
    if content.wrapped is None and settings.DELIVERY == "s3":
        return redirect(vault.presigned(piece.file, _content_type(piece), disposition))
    try:
        response = _bytes(request, content, piece)
    except vault.Gone as gone:
        raise Http404 from gone
    except (vault.Damaged, vault.Unavailable) as problem:
        response = HttpResponse(str(problem), status=503, content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = disposition
    return _guarded(response, piece)


def _bytes(request: HttpRequest, content: Content, piece: Content | Preview) -> HttpResponseBase:
    """All of it, or the stretch that was asked for; by the proxy where it can read the store."""
    if content.wrapped is None and settings.DELIVERY.startswith("accel:"):
        response: HttpResponseBase = HttpResponse(content_type=_content_type(piece))
        response.headers["X-Accel-Redirect"] = settings.DELIVERY.removeprefix("accel:") + piece.file
        return response
    wanted = _range(request, piece)
    if wanted is None:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{piece.size}"})
    first, last, status = wanted
    length = last - first + 1
    body: Iterator[bytes] = iter(())
    if request.method != "HEAD":
        body = vault.read(piece.file, content.wrapped, first, length, piece.size)
    elif not vault.exists(piece.file):
        raise Http404
    response = StreamingHttpResponse(body, status=status, content_type=_content_type(piece))
    response.headers["Content-Length"] = str(length)
    if status == 206:
        response.headers["Content-Range"] = f"bytes {first}-{last}/{piece.size}"
    return response


def _range(request: HttpRequest, piece: Content | Preview) -> tuple[int, int, int] | None:
    """First and last byte and the status; the whole file without a (single, well-formed) range, None past the end."""
    everything = 0, piece.size - 1, 200
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    condition = request.headers.get("If-Range")
    if not match or (condition is not None and condition != _tag(piece)):
        return everything
    first, last = match["first"], match["last"]
    if not first and not last:
        return everything
    start = int(first) if first else max(0, piece.size - int(last))
    end = min(int(last), piece.size - 1) if first and last else piece.size - 1
    return (start, end, 206) if start <= end and start < piece.size else None


def _content_type(piece: Content | Preview) -> str:
    text = piece.content_type.startswith("text/")
    return f"{piece.content_type}; charset=utf-8" if text else piece.content_type


def _tag(piece: Content | Preview) -> str:
    """A kept file never changes, so its key names its bytes."""
    return f'"{piece.file.rsplit("/", 1)[-1]}"'


def _guarded(response: HttpResponseBase, piece: Content | Preview) -> HttpResponseBase:
    """Private, never sniffed, never scripted. A browser's own reader of PDF does not run in a sandbox of ours."""
    response.headers["Content-Security-Policy"] = FRAMED if piece.content_type == PDF else CONFINED
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = _tag(piece)
    return response
