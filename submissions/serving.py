"""Handing a stored file to somebody who may see it: privately, safely, in ranges, never by its storage path."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.utils.http import content_disposition_header

from submissions import vault
from submissions.kinds import INLINE
from submissions.models import Artifact, Content

RANGE = re.compile(r"bytes=(?P<first>\d{0,18})-(?P<last>\d{0,18})")


def serve(request: HttpRequest, artifact: Artifact, filename: str) -> HttpResponseBase:
    """The bytes of a file artifact, called `filename`. The caller has decided that this person may see it."""
    content = artifact.content
    if artifact.state != Artifact.State.READY or content is None or not vault.exists(content.file):
        raise Http404
    wanted = _range(request, artifact)
    if wanted is None:
        response: HttpResponseBase = HttpResponse(
            status=416, headers={"Content-Range": f"bytes */{artifact.size}"}
        )
    else:
        first, last, status = wanted
        response = _stretch(request, content, first, last - first + 1)
        response.status_code = status
        if status == 206:
            response.headers["Content-Range"] = f"bytes {first}-{last}/{artifact.size}"
    return _guarded(response, artifact, filename)


def _stretch(request: HttpRequest, content: Content, start: int, length: int) -> HttpResponseBase:
    body: Iterator[bytes] = (
        iter(())
        if request.method == "HEAD"
        else vault.read(content.file, content.wrapped, start, length, content.size)
    )
    response = StreamingHttpResponse(body, content_type=_content_type(content))
    response.headers["Content-Length"] = str(length)
    return response


def _range(request: HttpRequest, artifact: Artifact) -> tuple[int, int, int] | None:
    """First and last byte and the status; the whole file without a (single, well-formed) range, None past the end."""
    everything = 0, artifact.size - 1, 200
    match = RANGE.fullmatch(request.headers.get("Range", ""))
    condition = request.headers.get("If-Range")
    if not match or (condition is not None and condition != f'"{artifact.sha256}"'):
        return everything
    first, last = match["first"], match["last"]
    if not first and not last:
        return everything
    start = int(first) if first else max(0, artifact.size - int(last))
    end = min(int(last), artifact.size - 1) if first and last else artifact.size - 1
    return (start, end, 206) if start <= end and start < artifact.size else None


def _content_type(content: Content) -> str:
    return "text/plain; charset=utf-8" if content.content_type == "text/plain" else content.content_type


def _guarded(response: HttpResponseBase, artifact: Artifact, filename: str) -> HttpResponseBase:
    """Private, never sniffed, never scripted; only what a browser shows safely stays in the browser."""
    inline = artifact.content_type.startswith(INLINE)
    response.headers["Content-Disposition"] = str(
        content_disposition_header(not inline, filename) or "attachment"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; frame-ancestors 'self'"
    response.headers["X-Frame-Options"] = "SAMEORIGIN"
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["ETag"] = f'"{artifact.sha256}"'
    return response
