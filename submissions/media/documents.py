"""PDF: written anew without what runs, what is hidden in it, and what names its author."""

from __future__ import annotations

import contextlib
import math
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Name
from PIL import Image

from submissions.media.job import ENDING_OF, Found, Job
from submissions.media.segments import JPEG, bare_jpeg
from submissions.media.webp import POSTER, save_previews
from submissions.media.words import Refused

# Wherever they stand: notes of programs, and doors to scripts, files and other programs.
NEVER = (
    "/Metadata", "/PieceInfo", "/AA", "/AF", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/OpenAction", "/XFA",
    "/Collection", "/LastModified", "/CreationDate", "/Launch", "/Perms", "/SpiderInfo",
)  # fmt: skip
# What a link may not do: run, start, send, or open another file. Addresses and places in the document stay.
ACTIONS = {
    "/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/GoToR", "/GoToE", "/Rendition", "/Movie", "/Sound",
    "/RichMediaExecute",
}  # fmt: skip
ATTACHED = {"/FileAttachment", "/RichMedia", "/Screen", "/Movie", "/Sound", "/3D"}
# Who wrote a remark and when; in form fields /T is the field's own name.
SIGNED = ("/T", "/M", "/NM", "/Subj")
DEEPEST = 60
MB = 1024**2
PAGE = 1550  # pixels of a page's longer edge: a letter page is 1200 wide
STREAM_MAX, IMAGE_MAX = 64 * MB, 400 * MB


def inspect(job: Job) -> Found:
    """Rewrite a PDF, count its pages, draw the first one and read its text."""
    ending = ENDING_OF[job.content_type]
    made = job.made(f"assessed{ending}")
    try:
        with pikepdf.open(job.path) as pdf:
            if pdf.is_encrypted:
                raise Refused("pdf_password")
            pages = len(pdf.pages)
            if not 0 < pages <= job.limits.pages:
                raise (
                    Refused("pdf_pages", pages=pages, most=job.limits.pages)
                    if pages
                    else Refused("pdf_damaged")
                )
            _disarm(pdf)
            pdf.save(made, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)
    except pikepdf.PasswordError as error:
        raise Refused("pdf_password") from error
    except (
        pikepdf.PdfError,
        pikepdf.DataDecodingError,
        ValueError,
        TypeError,
        KeyError,
        RuntimeError,
    ) as error:
        raise Refused("pdf_damaged") from error
    job.progress(40)
    found = Found(job.content_type, ending, facts={"pages": pages})
    _read(job, found)
    return found


def _disarm(pdf: pikepdf.Pdf) -> None:
    for key in ("/Info", "/ID"):
        if key in pdf.trailer:
            del pdf.trailer[key]
    for one in pdf.objects:
        for part in _parts(one, 0):
            _bare(part)
    for page in pdf.pages:
        _without_attachments(page.obj)


def _parts(value: Any, depth: int) -> Iterator[Any]:
    """A dictionary or stream and those directly inside; what is referred to comes by itself in `pdf.objects`."""
    if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
        yield value
        inner = [item for _, item in value.items()]
    elif isinstance(value, pikepdf.Array):
        inner = list(value)
    else:
        return
    for item in inner if depth < DEEPEST else ():
        if isinstance(item, pikepdf.Object) and not item.is_indirect:
            yield from _parts(item, depth + 1)


def _bare(part: Any) -> None:
    for key in NEVER:
        if key in part:
            del part[key]
    action = part.get("/S")
    if isinstance(action, pikepdf.Name) and part.get("/Type") in {None, Name.Action}:
        _still(part, str(action))
    if part.get("/FT") == Name.Sig and "/V" in part:
        del part["/V"]
    if isinstance(part, pikepdf.Stream):
        _bound(part)
        if part.get("/Filter") == Name.DCTDecode:
            _bare_picture(part)


def _bound(part: Any) -> None:
    """Unfold a stream without keeping it: one that would fill a reader's memory is not handed on."""
    filters = part.get("/Filter")
    chain = [str(one) for one in filters] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if chain.count("/FlateDecode") > 1:
        raise Refused("pdf_bomb")
    if chain[0] != "/FlateDecode":
        return
    most = IMAGE_MAX if part.get("/Subtype") == Name.Image else STREAM_MAX
    unpacker, rest, size = zlib.decompressobj(), part.read_raw_bytes(), 0
    while rest and not unpacker.eof:
        try:
            size += len(unpacker.decompress(rest, MB))
        except zlib.error:
            return
        rest = unpacker.unconsumed_tail
        if size > most:
            raise Refused("pdf_bomb")


def _still(part: Any, action: str) -> None:
    """An action that reaches out of the document becomes one that does nothing."""
    if action in ACTIONS:
        for key in [key for key in part if key != "/Type"]:
            del part[key]
        part[Name.S] = Name.Named
        part[Name.N] = Name("/NoAction")


def _bare_picture(part: Any) -> None:
    raw = part.read_raw_bytes()
    if raw.startswith(JPEG):
        try:
            clean = bare_jpeg(raw)
        except (IndexError, ValueError):
            return
        if len(clean) < len(raw):
            part.write(clean, filter=Name.DCTDecode, decode_parms=part.get("/DecodeParms"))


def _without_attachments(page: Any) -> None:
    remarks = page.get("/Annots")
    if not isinstance(remarks, pikepdf.Array):
        return
    kept = [
        one
        for one in remarks
        if isinstance(one, pikepdf.Dictionary) and str(one.get("/Subtype")) not in ATTACHED
    ]
    for one in kept:
        for key in SIGNED if one.get("/Subtype") != Name.Widget else ():
            if key in one:
                del one[key]
    page[Name.Annots] = pikepdf.Array(kept)


def _read(job: Job, found: Found) -> None:
    """From the cleaned file, by another library than the one that wrote it."""
    try:
        with pypdfium2.PdfDocument(job.made(f"assessed{found.ending}")) as pdf:
            found.previews += save_previews(_drawn(pdf[0]), job, "first_page")
            job.progress(60)
            found.text = _text(job, pdf)
    except pypdfium2.PdfiumError as error:
        raise Refused("pdf_damaged") from error


def previews(job: Job, kinds: Sequence[str]) -> list[str]:
    """The pages as pictures, `page_<n>`: places on them can be pointed at, in every browser alike."""
    made = []
    with pypdfium2.PdfDocument(job.path) as pdf:
        for number, kind in enumerate(kinds[: len(pdf)]):
            with contextlib.suppress(pypdfium2.PdfiumError, Refused):
                _drawn(pdf[number], PAGE).save(job.made(f"{kind}.webp"), "WEBP", quality=82, method=3)
                made.append(kind)
            job.progress(100 * number / len(pdf))
    return made


def _drawn(page: pypdfium2.PdfPage, edge: int = POSTER) -> Image.Image:
    """At the size of a preview, whatever size the page claims."""
    width, height = page.get_size()
    scale = edge / max(width, height, 1)
    if not math.isfinite(scale) or min(width, height) * scale < 1:
        raise Refused("pdf_damaged")
    picture: Image.Image = page.render(scale=min(scale, 8)).to_pil().convert("RGB")
    return picture


def _text(job: Job, pdf: pypdfium2.PdfDocument) -> str:
    parts: list[str] = []
    left = job.limits.text
    for number, page in enumerate(pdf):
        if left <= 0:
            break
        text = page.get_textpage().get_text_bounded(errors="ignore").replace("\r\n", "\n")[:left]
        parts.append(text)
        left -= len(text)
        job.progress(60 + 38 * number / len(pdf))
    return "\n\n".join(parts).replace("\x00", "")
