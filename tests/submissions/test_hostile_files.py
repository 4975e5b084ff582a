"""Files made to harm, each with its verdict; afterwards the caller is alive and nothing is left lying about."""

from __future__ import annotations

import io
import os
import resource
import shutil
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from PIL import Image

from submissions.media.engine import DEFAULT, Limits, Result, Unable, inspect
from tests.submissions import hostile, samples

SCRIPT = b"<html><body><script>alert(1)</script></body></html>"
LIMITS = replace(DEFAULT, wall=60)


def look(tmp_path: Path, raw: bytes, name: str, limits: Limits = LIMITS) -> Result:
    """Inspect it; hold that our own process did not grow and that no child and no stray file remains."""
    path, out = tmp_path / "received", Path(tempfile.mkdtemp(dir=tmp_path))
    path.write_bytes(raw)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    result = inspect(path, name, scrub=[hostile.WHO], out=out, limits=limits)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 64 * 1024
    assert _decoders() == []
    declared = {*result.previews.values(), *([result.assessed] if result.assessed else [])}
    assert set(out.iterdir()) == declared
    return result


def _decoders() -> list[int]:
    """Decoders of ours that still run; other children (engines, a browser) belong to the test run."""
    children = psutil.Process().children(recursive=True)
    return [child.pid for child in children if "submissions.media" in " ".join(child.cmdline())]


REFUSED: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "GIF and script in one": (lambda: b"GIF89a/*" + b"\0" * 20 + b"*/=1;alert(1)", "picture.gif", "gif"),
    "GIF of letters only": (lambda: b"GIF89a=1;alert(1)//", "picture.jpg", "gif"),
    "HTML before a PDF": (lambda: SCRIPT + b"\n" + hostile.pdf(), "plan.pdf", "late_pdf"),
    "text before a PDF": (lambda: b"\x00\x01\n" + hostile.pdf(), "plan.pdf", "late_pdf"),
    "SVG with script": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "a.svg", "svg"),
    "HTML": (lambda: SCRIPT, "page.txt", "html"),
    "HTML called PDF": (lambda: SCRIPT, "page.pdf", "html"),
    "picture of 2.5 thousand million points": (lambda: hostile.png_of(50_000, 50_000), "wall.png", "picture_large"),
    "document that unfolds to 400 MB": (hostile.office_bomb, "plan.docx", "office_bomb"),
    "document with macros": (lambda: samples.BAD["macro.docx"], "plan.docx", "office_macros"),
    "old macro sheet": (lambda: samples.office("xl/workbook.xml", "xl/macrosheets/sheet1.xml"), "a.xlsx", "office_macros"),
    "document with entities": (
        lambda: hostile.package({"[Content_Types].xml": hostile.types(), "word/document.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
        "plan.docx", "office_damaged",
    ),
    "virus in an archive": (lambda: hostile.package({"eicar.com": samples.EICAR}), "photos.zip", "zip"),
    "virus in an archive called document": (lambda: hostile.package({"eicar.com": samples.EICAR}), "plan.docx", "zip"),
    "locked PDF": (hostile.locked_pdf, "plan.pdf", "pdf_password"),
    "PDF that unfolds to 400 MB": (hostile.pdf_bomb, "plan.pdf", "pdf_bomb"),
    "PDF that is a header only": (lambda: b"%PDF-1.7\n%%EOF\n", "plan.pdf", "pdf_damaged"),
    "film without its index": (lambda: hostile.recording("android.mp4").replace(b"moov", b"junk"), "film.mp4", "media_damaged"),
    "film with half its index": (lambda: hostile.recording("android.mp4").replace(b"stco", b"free").replace(b"stsz", b"free"), "film.mp4", "media_damaged"),
    "film that is a header only": (lambda: samples.GOOD["talk.mp4"][0], "film.mp4", "media_damaged"),
    "film that lasts ten hours by its index": (lambda: hostile.stretched(36_000), "film.mp4", "media_long"),
    "playlist called film": (lambda: b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", "film.mp4", "wrong_ending"),
    "MKV called PDF": (lambda: samples.BAD["film.mkv"], "plan.pdf", "mkv"),
    "JPEG cut off": (lambda: hostile.photo()[:2000], "board.jpg", "picture_damaged"),
    "HEIC that is a header only": (lambda: samples.GOOD["board.heic"][0], "board.heic", "picture_damaged"),
    "zero bytes": (lambda: b"", "plan.pdf", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("what", REFUSED)
def test_refused_with_words(tmp_path: Path, what: str) -> None:
    make, name, code = REFUSED[what]
    result = look(tmp_path, make(), name)
    assert (result.verdict, result.code, result.assessed) == ("rejected", code, None)
    assert len(result.words) > 40


def test_an_archive_behind_a_picture_is_gone_from_what_is_kept(tmp_path: Path) -> None:
    archive = hostile.package({"tool.exe": b"MZ hidden program"})
    for kind, name in (("JPEG", "a.jpg"), ("PNG", "a.png")):
        given = hostile.photo(kind) + archive
        assert zipfile.is_zipfile(io.BytesIO(given))
        result = look(tmp_path, given, name)
        assert result.assessed
        assert not zipfile.is_zipfile(result.assessed)
        assert b"tool.exe" not in result.assessed.read_bytes()


def test_a_very_wide_picture_is_taken_and_shown_small(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.png_of(10_000, 400), "wide.png")
    assert (result.facts["width"], result.facts["height"]) == (10_000, 400)
    with Image.open(result.previews["poster"]) as poster:
        assert poster.size == (1600, 64)


def test_the_measured_length_counts_not_the_claimed_one(tmp_path: Path) -> None:
    result = look(tmp_path, hostile.claiming(36_000), "film.mp4")
    assert result.verdict == "ready"
    assert 1.9 < result.facts["duration"] < 2.2


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("../../etc/cron.d/plan.txt", "plan.txt"),
        ("pl\x00an.txt", "plan.txt"),
        ("plan\u202etxt.exe.txt", "plantxt.exe.txt"),
        ("p" * 300 + ".txt", "p" * 251 + ".txt"),
        ("🎒 Jane Doe 📏.txt", "🎒 📏.txt"),
        ("", "file.txt"),
    ],
)
def test_names_are_only_names(tmp_path: Path, name: str, kept: str) -> None:
    assert look(tmp_path, b"What we did today.", name).name == kept


@pytest.mark.parametrize(
    ("limits", "codes"),
    [
        (replace(DEFAULT, wall=0), {"time"}),
        (replace(DEFAULT, cpu=0), {"time"}),
        (replace(DEFAULT, memory=200 * 1024**2), {"memory", "crashed"}),
        (replace(DEFAULT, written=-100_000), {"picture_damaged", "crashed"}),
    ],
)
def test_a_child_that_is_stopped_leaves_words_and_nothing_else(
    tmp_path: Path, limits: Limits, codes: set[str]
) -> None:
    result = look(tmp_path, hostile.photo("PNG", 4000, 3000), "board.png", limits)
    assert (result.verdict, result.code in codes) == ("rejected", True)
    assert "send" in result.words
    again = look(tmp_path, b"What we did today.", "today.txt")
    assert again.verdict == "ready", "the same process takes the next file"


def test_a_full_disk_is_not_the_fault_of_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1024**2))
    with pytest.raises(Unable):
        look(tmp_path, hostile.photo(), "board.jpg")


def test_a_child_sees_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its environment is what we give it, not what we have."""
    monkeypatch.setenv("PYTHONSTARTUP", "/nowhere")
    program = tmp_path / "ffmpeg"
    told = tmp_path / "told"
    program.write_text(f"#!/bin/sh\nenv > {told}\nls /proc/self/fd >> {told}\n")
    program.chmod(0o755)
    path = tmp_path / "film.mp4"
    path.write_bytes(samples.GOOD["talk.mp4"][0])
    with (tmp_path / "open file").open("w") as file:
        os.set_inheritable(file.fileno(), True)
        assert inspect(path, "film.mp4", scrub=[], out=tmp_path, ffmpeg=str(program)).code == "media_damaged"
    lines = told.read_text().splitlines()
    names = {line.partition("=")[0] for line in lines if "=" in line}
    assert names & {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PYTHONSTARTUP"} == set()
    assert len([line for line in lines if line.isdigit()]) <= 4
