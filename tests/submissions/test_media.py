"""What phones, browsers and office programs make: taken, cleaned, read and previewed, each in a child process."""

from __future__ import annotations

import io
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from fpdf import FPDF
from PIL import Image

from submissions.media import compare, ffmpeg, limits
from submissions.media.captions import clean_captions
from submissions.media.engine import PAGES, Limits, Result, inspect, previews
from submissions.media.fingerprints import fingerprint_text
from submissions.media.job import Job
from submissions.media.names import blind, safe_name
from submissions.media.pictures import fingerprint_picture
from submissions.media.tools import find_ffmpeg
from submissions.media.words import Refused
from tests.submissions import hostile

SCRUB = [hostile.WHO, "Lincoln Middle School"]


def look(tmp_path: Path, raw: bytes, name: str, **more: object) -> Result:
    """Inspect it, and hold that nothing is left in `out` but what the result names."""
    path, out = tmp_path / "received", Path(tempfile.mkdtemp(dir=tmp_path))
    path.write_bytes(raw)
    result = inspect(path, name, scrub=SCRUB, out=out, **more)  # type: ignore[arg-type]
    declared = {*result.previews.values(), *([result.assessed] if result.assessed else [])}
    assert set(out.iterdir()) == declared
    return result


def body(result: Result) -> bytes:
    assert result.verdict == "ready", result.words
    assert result.assessed
    return result.assessed.read_bytes()


def told(raw: bytes) -> list[bytes]:
    """What a cleaned file still tells of its owner."""
    return [secret for secret in hostile.SECRETS if secret in raw]


def contents(path: Path, tmp_path: Path, demuxer: str = "mov") -> ffmpeg.Contents:
    job = Job(path, "video/mp4", tmp_path, Limits(), find_ffmpeg(), lambda **line: None)
    return ffmpeg.probe(job, path, demuxer)


# --- Pictures -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "name", "cleaned", "content_type"),
    [
        ("JPEG", "Jane_Doe board.jpg", "board.jpg", "image/jpeg"),
        ("HEIF", "IMG_0012.HEIC", "IMG_0012.jpg", "image/jpeg"),
        ("WEBP", "board.webp", "board.webp", "image/webp"),
    ],
)
def test_a_photo_stands_upright_and_tells_nothing(
    tmp_path: Path, kind: str, name: str, cleaned: str, content_type: str
) -> None:
    result = look(tmp_path, hostile.photo(kind), name)
    assert (result.name, result.content_type) == (cleaned, content_type)
    assert result.facts == {"width": 400, "height": 640, "pixels_sent": 256_000}
    assert told(body(result)) == []
    with Image.open(io.BytesIO(body(result))) as image:
        assert (image.size, dict(image.getexif())) == ((400, 640), {})
        red, green, _ = image.convert("RGB").getpixel((390, 10))  # type: ignore[misc]
        assert (red > 200, green < 80) == (True, True), (
            "the red corner is at the upper right once it is turned"
        )
    assert sorted(result.previews) == ["poster", "thumb"]


def test_the_same_picture_smaller_looks_alike(tmp_path: Path) -> None:
    large = look(tmp_path, hostile.photo(), "a.jpg").phash
    assert large is not None
    drawn = hostile.drawing().transpose(Image.Transpose.ROTATE_270)
    small = fingerprint_picture(drawn.resize((120, 190)))
    other = fingerprint_picture(drawn.transpose(Image.Transpose.ROTATE_180))
    assert compare.distance(large, small) <= 4
    assert compare.distance(large, other) > 12


# --- Recordings ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "content_type", "codec", "size"),
    [
        ("iphone.mov", "video/quicktime", "hevc", (320, 180)),
        ("older iphone.mov", "video/quicktime", "h264", (320, 180)),
        ("android.mp4", "video/mp4", "h264", (320, 180)),
        ("old phone.3gp", "video/3gpp", "h263", (176, 144)),
        ("browser.webm", "video/webm", "vp8", (320, 180)),
        ("memo.m4a", "audio/mp4", "aac", None),
        ("voice.3gp", "audio/3gpp", "amr_nb", None),
        ("browser sound.webm", "audio/webm", "opus", None),
        ("song.mp3", "audio/mpeg", "mp3", None),
        ("note.wav", "audio/wav", "pcm_s16le", None),
        ("note.ogg", "audio/ogg", "opus", None),
    ],
)
def test_a_recording_plays_and_tells_nothing(
    tmp_path: Path, name: str, content_type: str, codec: str, size: tuple[int, int] | None
) -> None:
    seen: list[int] = []
    raw = hostile.recording(name)
    assert told(raw), "the sample tells something to begin with"
    result = look(tmp_path, raw, name, progress=seen.append)
    assert (result.name, result.content_type, result.facts["codec"]) == (name, content_type, codec)
    assert 1.9 < result.facts["duration"] < 2.2
    assert (result.facts.get("width"), result.facts.get("height")) == (size or (None, None))
    assert sorted(result.previews) == (["poster", "thumb", "waveform"] if size else ["waveform"])
    assert told(body(result)) == []
    assert seen
    assert max(seen) <= 100


def test_a_film_held_upright_has_an_upright_poster(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.lying_film(), "clip.mov")
    assert (result.facts["width"], result.facts["height"]) == (180, 320)
    with Image.open(result.previews["poster"]) as poster:
        assert (poster.size, poster.format) == ((180, 320), "WEBP")


def test_previews_are_what_browsers_play(tmp_path: Path) -> None:
    path = tmp_path / "a.3gp"
    path.write_bytes(hostile.recording("old phone.3gp"))
    seen: list[int] = []
    made = previews(
        path, "video/3gpp", out=tmp_path, kinds=["video_360", "video_720", "audio"], progress=seen.append
    )
    assert {kind: file.name for kind, file in made.items()} == {
        "video_360": "video_360.mp4",
        "audio": "audio.m4a",
    }
    film = contents(made["video_360"], tmp_path)
    assert (film.video, film.audio, film.edge) == ("h264", "aac", 144), "never enlarged"
    sound = contents(made["audio"], tmp_path)
    assert (sound.video, sound.audio) == ("", "aac")
    head = made["video_360"].read_bytes()
    assert head.index(b"moov") < head.index(b"mdat"), "plays before all of it is there"
    assert seen[-1] == 100
    assert {file.name for file in tmp_path.iterdir()} == {"a.3gp", "video_360.mp4", "audio.m4a"}


def test_without_ffmpeg_it_says_so(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.recording("memo.m4a"), "memo.m4a", ffmpeg="/no/such/ffmpeg")
    assert (result.verdict, result.code) == ("rejected", "no_decoder")
    assert "Tell its administrators" in result.words


# --- Documents ----------------------------------------------------------------------------------------------


def test_the_pages_of_a_document_are_drawn_one_by_one_and_within_bounds(tmp_path: Path) -> None:
    sheets = FPDF(format="letter")
    for _page in range(limits.PAGES_DRAWN + 1):
        sheets.add_page()
    sheets.output(str(tmp_path / "plan.pdf"))
    made = previews(tmp_path / "plan.pdf", "application/pdf", out=tmp_path, kinds=PAGES)
    assert list(made) == [f"page_{number}" for number in range(1, 41)]
    with Image.open(made["page_40"]) as page:
        assert (page.format, page.height, round(page.width / 10)) == ("WEBP", 1550, 120)


def test_a_pdf_keeps_what_is_read_and_nothing_else(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.pdf() + b"<html><script>appended</script></html>", "Plan of Jane Doe.pdf")
    assert (result.name, result.facts) == ("Plan of.pdf", {"pages": 3})
    assert sorted(result.previews) == ["first_page", "thumb"]
    assert hostile.SPEECH.strip() in result.text
    assert result.minhash == fingerprint_text(result.text)
    with pikepdf.open(io.BytesIO(body(result))) as pdf:
        assert "/Info" not in pdf.trailer
        assert sorted(pdf.Root.keys()) == ["/Names", "/Pages", "/Type"]
        assert (list(pdf.Root.Names.keys()), len(pdf.attachments)) == ([], 0)
        unfolded = io.BytesIO()
        pdf.save(unfolded, qdf=True)
    words = unfolded.getvalue() + body(result)
    for gone in (b"Jane", b"script-in-pdf", b"program-in-pdf", b"launch-in-pdf", b"appended"):
        assert gone not in words
    for kept in (b"https://example.org/", b"well done"):
        assert kept in words


def test_a_word_document_keeps_its_text_and_loses_names_and_doors(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.docx(), "Jane Doe.docx")
    assert (result.name, result.text.splitlines()[1]) == ("document.docx", "our page")
    assert result.text.startswith(hostile.SPEECH)
    with zipfile.ZipFile(io.BytesIO(body(result))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    everything = b"".join(parts.values())
    for gone in (b"Jane", b"iPhone", b'"JD"', b"evil.example", b"calc.exe", b"attachedTemplate", b"EICAR"):
        assert gone not in everything
    assert "tool.exe" not in parts
    assert "docProps/thumbnail.jpeg" not in parts
    assert b"thumbnail" not in everything
    assert (parts["word/embeddings/oleObject1.bin"], parts["word/media/image2.png"]) == (b"", b"")
    assert b"https://example.org/" in parts["word/_rels/document.xml.rels"]
    assert parts["word/document.xml"].count(b"Author 1") == parts["word/comments.xml"].count(b"Author 1") == 1
    with Image.open(io.BytesIO(parts["word/media/image1.jpeg"])) as image:
        assert image.size == (640, 400)


@pytest.mark.parametrize(
    ("make", "name", "text"),
    [
        (hostile.pptx, "a.pptx", "The first slide"),
        (hostile.xlsx, "a.xlsx", "Shadow in cm"),
        (hostile.odt, "a.odt", "Our shadow study\na remark\npage"),
    ],
)
def test_no_office_document_names_anybody(
    tmp_path: Path, make: Callable[[], bytes], name: str, text: str
) -> None:
    result = look(tmp_path, make(), name)
    assert result.text == text
    with zipfile.ZipFile(io.BytesIO(body(result))) as archive:
        parts = {part: archive.read(part) for part in archive.namelist()}
        first = archive.infolist()[0]
    everything = b"".join(parts.values())
    assert told(everything) == []
    assert b"evil.example" not in everything
    if name == "a.xlsx":
        assert b'displayName="Table1"' in parts["xl/tables/table1.xml"]
    if name == "a.odt":
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert b"https://example.org/" in parts["content.xml"]


# --- Fingerprints, names, captions --------------------------------------------------------------------------


def test_texts_that_share_most_words_are_alike() -> None:
    words = [f"word{number}" for number in range(400)]
    one, near = fingerprint_text(" ".join(words)), fingerprint_text(" ".join(words[:380]).upper())
    other = fingerprint_text(" ".join(reversed(words)))
    assert one is not None
    assert near is not None
    assert other is not None
    assert len(one) == 64
    assert compare.likeness(one, near) > 0.8
    assert compare.likeness(one, other) < 0.1
    assert fingerprint_text("too short to tell") is None


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("Jane_Doe-plan.pdf", "plan.pdf"),
        ("JaneDoePlan.pdf", "Plan.pdf"),
        ("doe jane unit 1.pdf", "unit 1.pdf"),
        ("JÁNE’s lesson.PDF", "lesson.pdf"),
        ("Lincoln Middle School science.pdf", "science.pdf"),
        ("middle school janet's study.pdf", "middle school janet's study.pdf"),
        ("Jane Doe.pdf", "document.pdf"),
        ("../../x\u202e jane\x00.pdf", "x.pdf"),
        ("😀" * 300 + ".pdf", "😀" * 251 + ".pdf"),
    ],
)
def test_a_name_does_not_tell_whose_it_is(given: str, clean: str) -> None:
    assert blind(given, SCRUB, ".pdf", "application/pdf") == clean
    assert len(safe_name(given)) <= 255


def test_captions_keep_their_words_only() -> None:
    given = (
        "\ufeffWEBVTT - Jane\r\n\r\nNOTE by Jane\r\n\r\nSTYLE\r\n::cue { background: url(x) }\r\n\r\n"
        "1\r\n00:01.000 --> 00:02.500 align:start region:x\r\n<v Jane>Look <b>here</b> & 3 < 4 <script>\r\n"
    )
    assert clean_captions(given.encode()) == (
        b"WEBVTT\n\n00:01.000 --> 00:02.500 align:start\nLook <b>here</b> &amp; 3 &lt; 4 \n"
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (b"1\n00:00:01,000 --> 00:00:02,000\nhello\n", "captions_srt"),
        (b"hello", "captions_header"),
        (b"\xff\xfe\x00", "captions_encoding"),
        (b"WEBVTT\n", "captions_none"),
        (b"WEBVTT\n\n00:02.000 --> 00:01.000\nbackwards\n", "captions_line"),
        (b"WEBVTT\n\n" + b"x" * 1024**2, "captions_large"),
    ],
)
def test_captions_that_are_none_are_told_why(given: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        clean_captions(given)
    assert refused.value.code == code
    assert len(str(refused.value)) > 40
