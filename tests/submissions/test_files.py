"""Bytes coming in and going out: what is taken, what is refused and why, and that nothing is left behind."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse

from submissions import files, workflow
from submissions.files import FileRefused, IncomingFile, clean_name, store
from submissions.models import Artifact
from tests import factories
from tests.submissions import samples
from tests.submissions.stories import PDF


@pytest.fixture
def root() -> Path:
    return Path(default_storage.path(""))


def kept(root: Path) -> set[Path]:
    return {path for path in root.rglob("*") if path.is_file()}


@pytest.mark.parametrize("name", samples.GOOD)
def test_the_content_says_what_it_is(name: str) -> None:
    body, content_type = samples.GOOD[name]
    stored = store([body[:7], body[7:]], len(body), name)
    assert (stored.content_type, stored.name, stored.size) == (content_type, name, len(body))
    assert stored.sha256 == hashlib.sha256(body).hexdigest()
    assert stored.scan == "not_scanned"
    with default_storage.open(stored.key) as file:
        assert file.read() == body


@pytest.mark.parametrize("name", samples.BAD)
def test_what_is_refused_says_why_and_leaves_nothing(name: str, root: Path) -> None:
    before = kept(root)
    with pytest.raises(FileRefused) as refusal:
        store([samples.BAD[name]], None, name)
    assert len(str(refusal.value.errors["file"][0])) > 40
    assert kept(root) == before


def test_a_name_without_a_known_ending_gets_the_right_one() -> None:
    assert store([PDF], None, "Unit plan").name == "Unit plan.pdf"
    assert store([PDF], None, "Plan v2.final").name == "Plan v2.final.pdf"


def test_the_name_that_lies_is_told_what_it_is() -> None:
    with pytest.raises(FileRefused, match=r"The name ends in \.pdf, but the content is a PNG picture"):
        store([samples.GOOD["board.png"][0]], None, "plan.pdf")


@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("../../etc/passwd.txt", "passwd.txt"),
        (r"C:\Users\me\plan.pdf", "plan.pdf"),
        ("pl\x00an\r\n.pdf", "plan.pdf"),
        ("invoice\u202efdp.exe", "invoicefdp.exe"),
        ("..", "file"),
        ("", "file"),
        ("a" * 300 + ".pdf", "a" * 251 + ".pdf"),
        ("Größe\u0301.pdf", "Größé.pdf"),
    ],
)
def test_a_file_name_is_only_a_name(given: str, clean: str) -> None:
    assert clean_name(given) == clean


def test_zero_bytes_and_half_a_file_are_refused() -> None:
    with pytest.raises(FileRefused, match="empty"):
        store([], 0, "plan.pdf")
    with pytest.raises(FileRefused, match="Only a part"):
        store([PDF], len(PDF) + 1, "plan.pdf")


def test_the_limit_holds_while_streaming_too(settings: Any, root: Path) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    before = kept(root)
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 400
            yield b"x" * 400

    with pytest.raises(files.TooLarge):
        store(endless(), None, "notes.txt")
    assert read == 1200
    assert kept(root) == before


def test_memory_does_not_grow_with_the_file() -> None:
    block = b"a line of text\n" * 4096
    store((block for _number in range(10)), None, "small.txt")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    stored = store((block for _number in range(1000)), None, "large.txt")
    assert stored.size == 1000 * len(block)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000
    default_storage.delete(stored.key)


def test_a_scanner_finds_eicar_and_clears_the_rest(settings: Any, root: Path) -> None:
    with samples.clamd() as settings.CLAMD_URL:
        assert store([PDF], None, "plan.pdf").scan == "clean"
        before = kept(root)
        with pytest.raises(FileRefused, match=r"harmful in this file \(Eicar-Test-Signature\)"):
            store([samples.EICAR], None, "notes.txt")
        assert kept(root) == before


def test_without_its_scanner_nothing_is_stored(settings: Any, root: Path) -> None:
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    before = kept(root)
    with pytest.raises(files.NotChecked, match="does not answer"):
        store([PDF], None, "plan.pdf")
    assert kept(root) == before


def test_a_store_that_fails_midway_keeps_no_half_file(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = kept(root)
    save = type(default_storage._wrapped).save  # type: ignore[attr-defined]

    def half(self: Any, name: str, content: Any, max_length: int | None = None) -> str:
        save(self, name, ContentFile(b"half"))
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(default_storage._wrapped), "save", half)  # type: ignore[attr-defined]
    with pytest.raises(files.NotChecked):
        store([PDF], None, "plan.pdf")
    assert kept(root) == before


# --- going out --------------------------------------------------------------------------------------------


@pytest.fixture
def held(db: None) -> Artifact:
    person = factories.user("maker@example.test")
    draft = workflow.enrol(person, factories.published())
    body = samples.GOOD["talk.wav"][0]
    return workflow.add_file(
        draft, person, requirement="plan", upload=IncomingFile([body], None, "Größe „1“.wav")
    )


@pytest.fixture
def maker(client: Client, held: Artifact) -> Client:
    client.force_login(held.submission.enrolment.earner)
    return client


def fetch(client: Client, artifact: Artifact, **headers: str) -> tuple[Any, bytes]:
    response: Any = client.get(reverse("artifact-file", args=[artifact.pk]), headers=headers)
    return response, b"".join(response.streaming_content) if response.streaming else response.content


def test_a_file_is_served_privately_and_without_scripts(maker: Client, held: Artifact) -> None:
    response, body = fetch(maker, held)
    assert body == samples.GOOD["talk.wav"][0]
    assert response["Content-Type"] == "audio/wav"
    assert response["Content-Length"] == str(held.size)
    assert response["Cache-Control"] == "private, no-store"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox")
    assert (
        response["Content-Disposition"]
        == "inline; filename*=utf-8''Gr%C3%B6%C3%9Fe%20%E2%80%9E1%E2%80%9C.wav"
    )
    assert str(held.file.name) not in str(response.headers)


@pytest.mark.parametrize(
    ("asked", "span"),
    [("bytes=0-0", (0, 1)), ("bytes=10-19", (10, 20)), ("bytes=840-", (840, 844)), ("bytes=-4", (840, 844)), ("bytes=800-9999", (800, 844))],
)  # fmt: skip
def test_media_can_be_asked_for_in_ranges(
    maker: Client, held: Artifact, asked: str, span: tuple[int, int]
) -> None:
    response, body = fetch(maker, held, range=asked)
    first, last = span
    assert (response.status_code, body) == (206, samples.GOOD["talk.wav"][0][first:last])
    assert response["Content-Range"] == f"bytes {first}-{last - 1}/{held.size}"


@pytest.mark.parametrize("asked", ["bytes=844-", "bytes=9-3", "bytes=-0"])
def test_a_range_past_the_end_is_416(maker: Client, held: Artifact, asked: str) -> None:
    response, _body = fetch(maker, held, range=asked)
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{held.size}")


@pytest.mark.parametrize("asked", ["bytes=0-1,4-5", "lines=1-2", "bytes=-", "bytes=x-"])
def test_an_odd_range_gets_the_whole_file(maker: Client, held: Artifact, asked: str) -> None:
    response, body = fetch(maker, held, range=asked)
    assert (response.status_code, len(body)) == (200, held.size)


def test_what_a_browser_cannot_show_safely_is_a_download(maker: Client, held: Artifact) -> None:
    person = held.submission.enrolment.earner
    text = workflow.add_file(
        held.submission, person, requirement="plan", upload=IncomingFile([b"hello"], 5, "notes.txt")
    )
    response, _body = fetch(maker, text)
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="notes.txt"'


def test_bytes_that_are_gone_are_a_404(maker: Client, held: Artifact) -> None:
    default_storage.delete(str(held.file.name))
    assert fetch(maker, held)[0].status_code == 404
