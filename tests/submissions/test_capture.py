"""Copying links, against a server of our own that behaves in every bad way; nothing here leaves the machine."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from submissions.capture import Captured, Code, Limits, NotCaptured, Reach, capture
from submissions.capture.refusals import WORDS
from tests.submissions.certificates import certificate_for
from tests.submissions.rude import Server

QUICK = Limits(size=256 * 1024, seconds=1.2, stall=0.5, resolve=0.5, page=128 * 1024)


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server() as running:
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


@pytest.fixture
def copy(server: Server, tmp_path: Path) -> Callable[..., Captured]:
    """Copy a path of the server, reached by some public name."""

    def of(path: str, reach: Reach | None = None, limits: Limits = QUICK) -> Captured:
        url = path if path.startswith("http") else f"http://docs.example:{server.port}{path}"
        return capture(url, tmp_path / "out", limits=limits, reach=reach or server.reach())

    return of


def refused(copying: Callable[..., Captured], *args: object) -> Code:
    with pytest.raises(NotCaptured) as caught:
        copying(*args)
    assert str(caught.value) == str(WORDS[caught.value.code])
    return caught.value.code


# --- What is copied -----------------------------------------------------------------------------------------


def test_a_file_comes_as_it_is(copy: Callable[..., Captured], server: Server) -> None:
    got = copy("/plans/week%201.pdf?v=2#page=3")
    assert (got.kind, got.name, got.content_type_hint) == ("file", "week 1.pdf", "application/pdf")
    assert got.path.read_bytes() == b"%PDF-1.7 hello"
    assert got.final_url == f"http://docs.example:{server.port}/plans/week%201.pdf?v=2#page=3"
    assert abs(got.fetched_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert server.seen[-1][0] == f"docs.example:{server.port}"


def test_a_name_is_only_a_name(copy: Callable[..., Captured]) -> None:
    assert copy("/named").name == "plan ä.docx"


def test_a_page_becomes_its_words(copy: Callable[..., Captured], server: Server) -> None:
    got = copy("/page")
    assert (got.kind, got.name, got.content_type_hint) == ("page", "A lesson more.txt", "text/plain")
    head, text = got.path.read_text().split("-" * 40)
    title, _, copied = head.strip().split("\n")
    assert (title, "docs.example" in head) == ("A lesson & more", False)  # an address may name its owner
    assert copied.startswith("Copied: ")
    assert text.strip().split("\n") == [
        "# Exit tickets",
        "",
        "I asked three questions at the end.",
        "",
        "- What did you learn?",
        "- What is open?",
        "",
        "Week | Answers",
        "1 | 24",
        "",
        "Afterwards I sorted the answers into three piles, and the next lesson began with the smallest of them.",
        "",
        "After six weeks most of the class could say in a sentence what the lesson had been about.",
    ]


def test_compressed_answers_are_opened(copy: Callable[..., Captured]) -> None:
    assert copy("/gzip").path.read_bytes() == b"text " * 100


def test_redirects_are_followed_without_cookies(copy: Callable[..., Captured], server: Server) -> None:
    got = copy(f"/to/http://other.example:{server.port}/x.pdf")
    assert got.final_url == f"http://other.example:{server.port}/x.pdf"
    host, headers = server.seen[-1]
    assert host == f"other.example:{server.port}"
    assert {"Cookie", "Referer", "Authorization"} & set(headers) == set()


# --- What is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/status/401", Code.SIGN_IN),
        ("/status/403", Code.SIGN_IN),
        ("/status/404", Code.MISSING),
        ("/status/410", Code.MISSING),
        ("/status/418", Code.REFUSED),
        ("/status/429", Code.UNREACHABLE),
        ("/status/503", Code.UNREACHABLE),
        ("/to/https://accounts.google.com/v3/signin/identifier", Code.SIGN_IN),
        ("/to//login?next=/page", Code.SIGN_IN),
        ("/to/https://youtu.be/abc", Code.PLAYER),
        ("/to/file:///etc/passwd", Code.ADDRESS),
        ("/to/gopher://docs.example/", Code.ADDRESS),
        ("/to/http://10.0.0.1/", Code.PRIVATE),
        ("/to/http://169.254.169.254/latest/meta-data/", Code.PRIVATE),
        ("/to/http://[::ffff:127.0.0.1]/", Code.PRIVATE),
        ("/to/http://me:pass@docs.example/", Code.ADDRESS),
        ("/loop", Code.REDIRECTS),
        ("/signin_page", Code.SIGN_IN),
        ("/app", Code.APPLICATION),
        ("/bomb", Code.TOO_LARGE),
        ("/declared", Code.TOO_LARGE),
        ("/endless", Code.TOO_LARGE),
        ("/short", Code.UNREACHABLE),
        ("/nonsense", Code.UNREACHABLE),
        ("/empty", Code.EMPTY),
        ("/drip/headers", Code.TOO_SLOW),
        ("/drip/body", Code.TOO_SLOW),
        ("/silent", Code.TOO_SLOW),
    ],
)
def test_a_refusal_has_a_reason_and_leaves_nothing(
    copy: Callable[..., Captured], tmp_path: Path, path: str, code: Code
) -> None:
    started = time.monotonic()
    assert refused(copy, path) == code
    assert time.monotonic() - started < 3
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "", "docs.example/x", "file:///etc/passwd", "ftp://docs.example/", "http://", "http:///x", "http://a b/",
        "http://me@docs.example/", "http://docs.example\\@10.0.0.1/", "http://docs.example:99999/", "http://[::1",
        "http://docs.example/\r\nHost: x", "https://" + "a" * 2000 + ".example/", "http://-x-/", "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_address_is_not_dialled(url: str, tmp_path: Path) -> None:
    reach = Reach(resolve=lambda host, port: pytest.fail("looked up"))
    assert refused(lambda: capture(url, tmp_path / "out", reach=reach)) == Code.ADDRESS


@pytest.mark.parametrize(
    "url",
    [
        "http://localhost/", "http://127.0.0.1/", "http://2130706433/", "http://0x7f.1/", "http://0/", "http://[::1]/",
        "http://[::ffff:10.0.0.1]/", "http://[64:ff9b::7f00:1]/", "http://[2002:7f00:1::]/", "http://[fe80::1]/",
        "http://93.184.215.14:8080/", "https://93.184.215.14:22/",
    ],
)  # fmt: skip
def test_private_places_and_other_ports_are_not_dialled(url: str, tmp_path: Path) -> None:
    """With the system's own resolver, which knows numbers in every spelling."""
    assert refused(lambda: capture(url, tmp_path / "out", limits=QUICK)) in {Code.PRIVATE, Code.UNKNOWN_HOST}


def test_one_private_address_among_public_ones_is_enough(
    copy: Callable[..., Captured], server: Server
) -> None:
    assert refused(copy, "/page", server.reach("127.0.0.1", "10.1.2.3")) == Code.PRIVATE


def test_a_name_is_looked_up_once_a_hop_and_that_answer_is_dialled(
    copy: Callable[..., Captured], server: Server
) -> None:
    """A name server that says something else a moment later changes nothing."""
    asked: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["10.0.0.1"]

    got = copy("/page", Reach(frozenset({("127.0.0.1", server.port)}), rebinding))
    assert (got.kind, asked) == ("page", ["docs.example"])


def test_names_that_are_unknown_or_slow(copy: Callable[..., Captured]) -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    def slow(host: str, port: int) -> list[str]:
        time.sleep(2)
        return []

    assert refused(copy, "/page", Reach(resolve=unknown)) == Code.UNKNOWN_HOST
    assert refused(copy, "/page", Reach(resolve=slow)) == Code.TOO_SLOW


def test_proxies_of_the_environment_are_not_asked(
    copy: Callable[..., Captured], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert copy("/page").kind == "page"


# --- TLS ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return certificate_for("good.example", tmp_path_factory.mktemp("tls") / "good.pem")


def test_the_certificate_must_fit_the_name(certificate: Path, tmp_path: Path) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Server(context) as secure:
        threading.Thread(target=secure.serve_forever, daemon=True).start()
        trusting = secure.reach(certificates=str(certificate))

        def get(host: str, reach: Reach) -> Captured:
            return capture(f"https://{host}:{secure.port}/page", tmp_path / "out", limits=QUICK, reach=reach)

        assert get("good.example", trusting).kind == "page"
        assert secure.seen[-1][0] == f"good.example:{secure.port}"
        assert refused(get, "other.example", trusting) == Code.CERTIFICATE
        assert refused(get, "good.example", secure.reach()) == Code.CERTIFICATE
        secure.shutdown()
