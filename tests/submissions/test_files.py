"""Bytes coming in: what is taken, what is refused and why, what a scanner says, and that nothing is left behind."""

from __future__ import annotations

import hashlib
import resource
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured

from submissions import files, vault, workflow
from submissions.files import FileRefused, IncomingFile, look, receive
from submissions.media.names import safe_name
from submissions.models import Artifact, Content, Submission
from tests import factories
from tests.submissions import samples
from tests.submissions.stories import PDF

EMPTY_PICTURE = samples.picture("PNG")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where bytes lie until they were checked."""
    return tmp_path / "incoming" / "one"


def take(place: Path, body: Iterable[bytes], name: str, size: int | None = None) -> tuple[str, str]:
    """In at the door, and what it is then."""
    receive(place, IncomingFile(body, size, name))
    kind, given = look(place, name)
    return kind.content_type, given


@pytest.mark.parametrize("name", samples.GOOD)
def test_the_content_says_what_it_is(name: str, place: Path) -> None:
    body, content_type = samples.GOOD[name]
    taken = receive(place, IncomingFile([body[:7], body[7:]], len(body), name))
    assert taken == (len(body), hashlib.sha256(body).hexdigest())
    assert place.read_bytes() == body
    kind, given = look(place, name)
    assert (kind.content_type, given) == (content_type, name)


@pytest.mark.parametrize("name", samples.BAD)
def test_what_is_refused_says_why(name: str, place: Path) -> None:
    with pytest.raises(FileRefused) as refusal:
        take(place, [samples.BAD[name]], name)
    assert len(str(refusal.value.errors["file"][0])) > 40


def test_a_name_without_a_known_ending_gets_the_right_one(place: Path) -> None:
    assert take(place, [PDF], "Unit plan")[1] == "Unit plan.pdf"
    assert take(place, [PDF], "Plan v2.final")[1] == "Plan v2.final.pdf"


def test_the_name_that_lies_is_told_what_it_is(place: Path) -> None:
    with pytest.raises(FileRefused, match=r"The name ends in \.pdf, but the content is a PNG picture"):
        take(place, [EMPTY_PICTURE], "plan.pdf")


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
    assert safe_name(given) == clean


def test_zero_bytes_and_half_a_file_leave_nothing(place: Path) -> None:
    with pytest.raises(FileRefused, match="empty"):
        receive(place, IncomingFile([], 0, "plan.pdf"))
    with pytest.raises(FileRefused, match="Only a part"):
        receive(place, IncomingFile([PDF], len(PDF) + 1, "plan.pdf"))
    assert not place.exists()


def test_the_limit_holds_while_streaming_too(settings: Any, place: Path) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 400
            yield b"x" * 400

    with pytest.raises(files.TooLarge):
        receive(place, IncomingFile(endless(), None, "notes.txt"))
    assert read == 1200
    assert not place.exists()


def test_memory_does_not_grow_with_the_file(place: Path) -> None:
    block = b"a line of text\n" * 4096
    receive(place, IncomingFile((block for _number in range(10)), None, "small.txt"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    size, _sha256 = receive(place, IncomingFile((block for _number in range(1000)), None, "large.txt"))
    assert size == 1000 * len(block)
    assert look(place, "large.txt")[0].content_type == "text/plain"
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000


def test_a_full_disk_is_told_and_keeps_no_half_file(place: Path) -> None:
    """`/dev/full` takes nothing, as a disk without room."""
    place.parent.mkdir()
    place.symlink_to("/dev/full")
    with pytest.raises(files.NoSpace, match="no room"):
        receive(place, IncomingFile([PDF], None, "plan.pdf"))
    assert list(place.parent.iterdir()) == []


# --- the check: with a scanner, and without the one that is set ------------------------------------------------


@pytest.fixture
def draft(db: None) -> Submission:
    return workflow.enrol(factories.user("maker@example.test"), factories.published())


def send(draft: Submission, body: bytes, name: str) -> Artifact:
    sent = IncomingFile([body], len(body), name)
    return workflow.add_file(draft, draft.enrolment.earner, requirement="plan", upload=sent)


def incoming() -> set[Path]:
    return {path for path in Path(configured.INCOMING_DIR).rglob("*") if path.is_file()}


def test_a_scanner_finds_eicar_and_clears_the_rest(draft: Submission, settings: Any) -> None:
    before = incoming()
    with samples.clamd() as settings.CLAMD_URL:
        good = factories.checked(send(draft, b"First we look.", "notes.txt"))
        bad = factories.checked(send(draft, samples.EICAR, "more notes.txt"))
    assert (good.state, good.scan) == ("ready", "clean")
    assert (bad.state, bad.problem_code, bad.content_id) == ("quarantined", "harmful", None)
    assert "harmful in this file (Eicar-Test-Signature)" in bad.problem
    assert Content.objects.count() == 1
    assert incoming() == before


def test_without_a_scanner_it_is_said_that_nobody_looked(draft: Submission) -> None:
    artifact = factories.checked(send(draft, b"First we look.", "notes.txt"))
    assert (artifact.state, artifact.scan) == ("ready", "not_scanned")


def test_a_scanner_that_is_away_is_waited_for(draft: Submission, settings: Any) -> None:
    """Nothing is kept unseen and nothing is lost: the sweep tries again, and then it is ready."""
    artifact = send(draft, b"First we look.", "notes.txt")
    settings.CLAMD_URL = "tcp://127.0.0.1:9"
    artifact = factories.checked(artifact)
    assert (artifact.state, artifact.problem_code, artifact.content_id) == ("checking", "waiting", None)
    assert "does not answer" in artifact.problem
    with samples.clamd() as settings.CLAMD_URL:
        assert workflow.heal() == 1
        artifact = factories.checked(artifact)
    assert (artifact.state, artifact.scan, artifact.problem) == ("ready", "clean", "")


def test_what_came_in_is_sealed_and_comes_out_as_it_was_assessed(draft: Submission) -> None:
    artifact = factories.checked(send(draft, EMPTY_PICTURE, "board.png"))
    content = artifact.content
    assert content is not None
    kept = b"".join(vault.read(content.file, content.wrapped, 0, content.size, content.size))
    assert artifact.received_sha256 == hashlib.sha256(EMPTY_PICTURE).hexdigest()
    assert artifact.sha256 == content.sha256 == hashlib.sha256(kept).hexdigest()
