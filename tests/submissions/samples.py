"""Small real files of every kind we take, and a scanner that speaks clamd's protocol."""

from __future__ import annotations

import io
import socketserver
import struct
import threading
import wave
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

# Put together at run time, so that no scanner takes this file for the thing itself.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + b"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


def picture(kind: str) -> bytes:
    """A picture of a few pixels."""
    out = io.BytesIO()
    Image.new("RGB", (4, 4), "teal").save(out, kind)
    return out.getvalue()


def sound() -> bytes:
    """A tenth of a second of silence."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes(b"\x80" * 800)
    return out.getvalue()


def office(main: str, *more: str, mimetype: str = "") -> bytes:
    """A ZIP laid out as office programs do."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        if mimetype:
            archive.writestr("mimetype", mimetype)
        for name in ("[Content_Types].xml", main, *more):
            archive.writestr(name, "<x/>")
    return out.getvalue()


def media(brand: bytes, *compatible: bytes) -> bytes:
    """The first box of a file of the MP4 family."""
    body = b"ftyp" + brand + b"\0\0\0\0" + b"".join(compatible)
    return struct.pack(">I", len(body) + 4) + body + b"\0\0\0\x08free"


GOOD = {
    "plan.pdf": (b"%PDF-1.7\n%%EOF\n", "application/pdf"),
    "board.jpg": (picture("JPEG"), "image/jpeg"),
    "board.png": (picture("PNG"), "image/png"),
    "board.webp": (picture("WEBP"), "image/webp"),
    "board.heic": (media(b"heic", b"mif1"), "image/heic"),
    "talk.mp4": (media(b"isom", b"mp42"), "video/mp4"),
    "talk.mov": (media(b"qt  "), "video/quicktime"),
    "talk.webm": (b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm", "video/webm"),
    "talk.m4a": (media(b"M4A "), "audio/mp4"),
    "talk.mp3": (b"ID3\x04\x00\x00\x00\x00\x00\x00" + b"\xff\xfb\x90\x00" + b"\0" * 64, "audio/mpeg"),
    "bare.mp3": (b"\xff\xfb\x90\x00" + b"\0" * 64, "audio/mpeg"),
    "talk.wav": (sound(), "audio/wav"),
    "talk.ogg": (b"OggS\0\x02" + b"\0" * 64, "audio/ogg"),
    "plan.docx": (office("word/document.xml"), "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    "talk.pptx": (office("ppt/presentation.xml"), "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    "marks.xlsx": (office("xl/workbook.xml"), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "plan.odt": (office("content.xml", mimetype="application/vnd.oasis.opendocument.text"), "application/vnd.oasis.opendocument.text"),
    "notes.txt": ("Größe: 5 < 7\r\nEnde".encode(), "text/plain"),
}  # fmt: skip
BAD = {
    "page.html": b"<!DOCTYPE html><html><script>alert(1)</script></html>",
    "page.txt": b"  \n<html><body>hello</body></html>",
    "drawing.svg": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "drawing.png": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "tool.exe": b"MZ\x90\x00\x03",
    "plan.pdf": b"\x7fELF\x02\x01\x01",
    "run.txt": b"#!/bin/sh\nrm -rf /\n",
    "note.php": b"<?php system('id');",
    "script.js": b"alert(1)",
    "wrongly-named.pdf": GOOD["board.png"][0],
    "photo.jpg": GOOD["board.png"][0],
    "archive.zip": office("a.txt"),
    "macro.docx": office("word/document.xml", "word/vbaProject.bin"),
    "broken.docx": office("word/document.xml")[:60],
    "film.mkv": b"\x1a\x45\xdf\xa3\x9f\x42\x82\x88matroska",
    "noise.bin": bytes(range(256)),
    "latin.txt": "Größe".encode("latin-1"),
    "plan.html": GOOD["plan.pdf"][0],
    "half.txt": b"fine text" * 10_000 + b"\x00",
}


class _Clamd(socketserver.StreamRequestHandler):
    """INSTREAM of clamd: blocks with a length before each, an empty one at the end."""

    def handle(self) -> None:
        self.rfile.read(len(b"nINSTREAM\n"))
        body = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            body += self.rfile.read(length)
        self.wfile.write(b"stream: Eicar-Test-Signature FOUND\n" if EICAR in body else b"stream: OK\n")


@contextmanager
def clamd() -> Iterator[str]:
    """A scanner on a free port; gives its address."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Clamd) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
