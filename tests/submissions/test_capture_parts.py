"""The parts of copying links that need no line: exports, public addresses, the words of a page."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from submissions.capture import Code
from submissions.capture.addresses import export_of, hopeless, leads_astray
from submissions.capture.guard import Target, is_public
from submissions.capture.pages import Page, extract
from submissions.capture.reading import read_page


@pytest.mark.parametrize(
    ("url", "export"),
    [
        ("https://docs.google.com/document/d/1aB_c-9/edit?usp=sharing#heading=h.x", "https://docs.google.com/document/d/1aB_c-9/export?format=pdf"),
        ("https://docs.google.com/document/u/0/d/1aB/view", "https://docs.google.com/document/d/1aB/export?format=pdf"),
        ("https://docs.google.com/document/d/1aB", "https://docs.google.com/document/d/1aB/export?format=pdf"),
        ("https://docs.google.com/document/d/e/2PACX-1v/pub", None),
        ("https://docs.google.com/presentation/d/1aB/edit#slide=id.p", "https://docs.google.com/presentation/d/1aB/export/pdf"),
        ("https://docs.google.com/spreadsheets/d/1aB/edit?gid=0", "https://docs.google.com/spreadsheets/d/1aB/export?format=xlsx"),
        ("https://drive.google.com/file/d/1aB/view?usp=drive_link", "https://drive.google.com/uc?export=download&id=1aB"),
        ("https://drive.google.com/file/d/1aB/view?resourcekey=0-x", "https://drive.google.com/uc?export=download&id=1aB&resourcekey=0-x"),
        ("https://drive.google.com/open?id=1aB", "https://drive.google.com/uc?export=download&id=1aB"),
        ("https://www.dropbox.com/scl/fi/ab/Plan.docx?rlkey=k&dl=0", "https://www.dropbox.com/scl/fi/ab/Plan.docx?rlkey=k&dl=1"),
        ("https://school-my.sharepoint.com/:w:/g/personal/x/E1?e=abc", "https://school-my.sharepoint.com/:w:/g/personal/x/E1?e=abc&download=1"),
        ("https://onedrive.live.com/view.aspx?resid=A%211", "https://onedrive.live.com/view.aspx?resid=A%211&download=1"),
        ("https://github.com/a/b.c/blob/main/docs/plan.md", "https://raw.githubusercontent.com/a/b.c/main/docs/plan.md"),
        ("https://gitlab.com/a/g/b/-/blob/main/plan.md", "https://gitlab.com/a/g/b/-/raw/main/plan.md"),
        ("https://docs.google.com.evil.example/document/d/1aB/edit", None),
        ("https://example.org/document/d/1aB/edit", None),
    ],
)  # fmt: skip
def test_exports(url: str, export: str | None) -> None:
    assert export_of(url) == (export or url)
    assert export_of(export_of(url)) == export_of(url)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://www.youtube.com/watch?v=1", Code.PLAYER),
        ("https://youtu.be/1", Code.PLAYER),
        ("https://notyoutube.com/watch", None),
        ("https://drive.google.com/drive/folders/1aB?usp=sharing", Code.FOLDER),
        ("https://drive.google.com/drive/u/0/folders/1aB", Code.FOLDER),
        ("https://www.dropbox.com/scl/fo/ab?dl=0", Code.FOLDER),
        ("https://docs.google.com/forms/d/e/1/viewform", Code.APPLICATION),
        ("https://www.canva.com/design/1/view", Code.APPLICATION),
        ("https://classroom.google.com/c/1", Code.SIGN_IN),
        ("https://example.org/login", None),
    ],
)
def test_what_cannot_be_copied_is_known_beforehand(url: str, code: Code | None) -> None:
    assert hopeless(url) == code


def test_a_redirect_to_a_sign_in_is_known_by_its_path() -> None:
    assert leads_astray("https://example.org/users/sign_in?next=x") == Code.SIGN_IN
    assert leads_astray("https://example.org/Login.aspx") == Code.SIGN_IN
    assert leads_astray("https://example.org/blogging/insignia") is None


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True), ("10.0.0.1", False),
        ("100.64.0.1", False), ("192.0.2.1", False), ("224.0.0.1", False), ("255.255.255.255", False), ("0.0.0.0", False),
        ("::", False), ("::1", False), ("fd00::1", False), ("ff02::1", False), ("::ffff:192.168.0.1", False),
        ("::ffff:93.184.215.14", True), ("64:ff9b::a00:1", False), ("64:ff9b::5db8:d70e", True), ("::7f00:1", False),
        ("2002:a00:1::", False), ("2001:0:a00:1::f5ff:fffe", False), ("64:ff9b:1::1", False), ("nonsense", False),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_names_with_signs_of_their_own() -> None:
    target = Target.of("https://Grundschule-München.example/pläne/1?q=ä b".replace(" ", "+"))
    assert (target.host, target.path) == ("xn--grundschule-mnchen-y6b.example", "/pl%C3%A4ne/1?q=%C3%A4+b")


@pytest.mark.parametrize(
    "source",
    [
        "<div>" * 300_000,
        "<!--" * 300_000,
        "<b id=1><p>" * 100_000,
        "<a " * 300_000,
        "<table>" * 100_000,
        "&" * 10**6,
    ],
)
def test_a_hostile_page_takes_no_time(source: str) -> None:
    started = time.monotonic()
    extract(source.encode(), "text/html", 10_000)
    assert time.monotonic() - started < 5


def test_a_long_page_is_cut_and_says_so() -> None:
    page = extract(b"<html><body>" + b"<p>twelve words</p>" * 5000, "text/html", 10_000)
    assert (page.cut, len(page.text) <= 10_100) == (True, True)


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("<p>Grüße</p>".encode(), "text/html"),
        ("<p>Grüße</p>".encode("cp1252"), "text/html"),
        ("<p>Grüße</p>".encode("latin-1"), "text/html; charset=ISO-8859-1"),
        (b'<meta charset="iso-8859-15">' + "<p>Grüße</p>".encode("iso-8859-15"), ""),
        ("<p>Gr\0üße</p>".encode(), "text/html; charset=nonsense"),
        ("<p>Grüße</p>".encode(), "text/html; charset=hex"),
        ("<p>Grüße</p>".encode(), "text/html; charset=idna"),
    ],
)
def test_pages_in_old_encodings(content: bytes, content_type: str) -> None:
    assert extract(content, content_type, 1000).text == "Grüße"


def test_a_page_is_read_in_a_process_of_its_own(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<title>A</title><p>Words</p>")
    assert read_page(page, "text/html", 1000) == Page("A", "Words")
    assert read_page(page, "text/html", 1000, patience=0.001) == Page()
