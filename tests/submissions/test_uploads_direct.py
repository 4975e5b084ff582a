"""Uploads that go past us: tuspy against the server, and parts straight to two S3 servers."""

from __future__ import annotations

import hashlib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, override_settings
from django.utils import timezone
from rest_framework.authtoken.models import Token
from tusclient.client import TusClient

from microcreds import environment
from submissions import uploads, workflow
from submissions.models import Artifact, Submission, Upload
from submissions.uploads import parts
from tests import factories
from tests import stores as servers
from tests.browser import Server
from tests.submissions.uploading import (
    LIST,
    TUS,
    artifact_at,
    begin,
    draft_of,
    head,
    lying,
    patch,
    post,
    problem,
    told,
)

LINE = b"First we look, then we talk, then we look again.\n"
FILE = LINE * 400_000  # three parts
HASH = hashlib.sha256(FILE).hexdigest()
DIRECT = {"Upload-Direct": "yes"}


def fetched(url: str) -> str:
    """The hash of what the check gets; then no byte stays."""
    upload = Upload.objects.get(artifact=artifact_at(url))
    path = uploads.incoming(upload)
    uploads.fetch(upload, path)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    uploads.forget(upload)
    return found


# --- tuspy ----------------------------------------------------------------------------------------------------


def test_tuspy_sends_proves_and_resumes(server: Server, tmp_path: Path, settings: Any) -> None:
    settings.INCOMING_DIR = tmp_path / "incoming"
    (tmp_path / "lesson.txt").write_bytes(FILE)
    draft = draft_of(factories.user())
    key = Token.objects.create(user=draft.enrolment.earner).key
    client = TusClient(server.url + LIST, headers={"Authorization": f"Token {key}"})
    pairs = {"filename": "lesson.txt", "submission": str(draft.pk), "requirement": "plan"}
    given = {"metadata": pairs, "chunk_size": 3 * 1024**2, "upload_checksum": True}
    first = client.uploader(str(tmp_path / "lesson.txt"), **given)
    first.upload(stop_at=3 * 1024**2)
    assert first.offset == 3 * 1024**2
    again = client.uploader(str(tmp_path / "lesson.txt"), url=first.url, **given)
    assert again.offset == 3 * 1024**2
    again.upload()
    assert again.offset == len(FILE)
    assert (artifact_at(str(first.url)).state, fetched(str(first.url)), lying()) == ("received", HASH, [])


# --- Past us, to the store --------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["moto", "nanio"])
def store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Each of these tests runs on each store."""
    with ExitStack() as stack:
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for name, value in servers.CREDENTIALS.items():
            patch.setenv(name, value)
        folder = tmp_path_factory.mktemp("store")
        started: dict[str, Callable[[], str]] = {
            "moto": lambda: stack.enter_context(servers.moto()),
            "nanio": lambda: stack.enter_context(servers.nanio(folder)),
        }
        address = started[request.param]()
        chosen = {**configured.STORAGES, "default": environment.storage(servers.storage_url(address))}
        stack.enter_context(override_settings(STORAGES=chosen, STORE_ADDRESS=address))
        yield str(request.param)


@pytest.fixture
def bucket(store: str) -> str:
    """The store with nothing of earlier tests in it."""
    for _name, what in parts.left(timezone.now() + timedelta(days=1)):
        parts.drop(what)
    return store


@pytest.fixture
def draft(db: None, tmp_path: Path, settings: Any) -> Submission:
    settings.INCOMING_DIR = tmp_path / "incoming"
    return draft_of(factories.user())


@pytest.fixture
def client(draft: Submission) -> Client:
    client = Client()
    client.force_login(draft.enrolment.earner)
    return client


def begun(client: Client, draft: Submission, size: int = len(FILE), **more: Any) -> Any:
    headers = {**TUS, **DIRECT, "Upload-Length": str(size), "Upload-Metadata": told(draft, **more)}
    return post(client, LIST, **headers)


def addresses(client: Client, url: str, *numbers: int) -> dict[int, str]:
    answer = client.post(f"{url}parts/", {"numbers": numbers}, content_type="application/json")
    assert answer.status_code == 200, answer.content
    return {part["number"]: part["url"] for part in answer.json()["parts"] if part["headers"] == {}}


def put(url: str, body: bytes) -> int:
    request = urllib.request.Request(url, body, {"Content-Type": ""}, method="PUT")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code
    except urllib.error.URLError:  # refused before the body was through
        return 403


def piece(number: int) -> bytes:
    return FILE[(number - 1) * parts.PART : number * parts.PART]


def in_store() -> list[str]:
    """Everything of ours that the store holds, parts too."""
    tomorrow = timezone.now() + timedelta(days=1)
    return [name for name, _what in parts.left(tomorrow)]


def test_three_parts_go_past_us(client: Client, draft: Submission, bucket: str) -> None:
    answer = begun(client, draft, sha256=HASH)
    url = answer["Location"]
    assert (answer.status_code, answer["Upload-Via"], answer["Upload-Part-Size"]) == (
        201,
        "store",
        str(8 * 1024**2),
    )
    where = addresses(client, url, 1, 2, 3)
    assert [put(where[number], piece(number)) for number in (3, 1)] == [200, 200]
    there = client.get(f"{url}parts/").json()["parts"]
    assert [(part["number"], part["size"]) for part in there] == [(1, parts.PART), (3, len(piece(3)))]
    early = post(client, f"{url}complete/")
    assert (early.status_code, early.json()["missing"]) == (409, [2])
    assert head(client, url)["Upload-Offset"] == str(parts.PART + len(piece(3)))
    (row,) = client.get(LIST).json()["results"]
    assert (row["via"], row["offset"], row["part_size"]) == ("store", parts.PART + len(piece(3)), parts.PART)
    assert put(addresses(client, url, 2)[2], piece(2)) == 200
    assert post(client, f"{url}complete/").json()["state"] == "complete"
    assert post(client, f"{url}complete/").status_code == 200
    assert (artifact_at(url).state, lying()) == ("received", [])
    assert (fetched(url), in_store(), lying()) == (HASH, [], [])


def test_an_answer_that_was_lost_after_the_store_had_put_them_together(
    client: Client, draft: Submission, bucket: str
) -> None:
    url = begun(client, draft, len(LINE))["Location"]
    assert put(addresses(client, url, 1)[1], LINE) == 200
    parts.complete(Upload.objects.get())
    assert post(client, f"{url}complete/").status_code == 200
    assert factories.checked(artifact_at(url)).received_sha256 == hashlib.sha256(LINE).hexdigest()


def test_cancelled_or_rested_nothing_stays_in_the_store(
    client: Client, draft: Submission, bucket: str
) -> None:
    for _turn in range(2):
        url = begun(client, draft)["Location"]
        put(addresses(client, url, 1)[1], piece(1))
    assert len(in_store()) == 2
    assert client.delete(url, headers=TUS).status_code == 204
    Upload.objects.update(expires=timezone.now())
    workflow.sweep_uploads()
    assert (in_store(), Artifact.objects.count(), head(client, url).status_code) == ([], 0, 410)


def test_what_nobody_knows_of_is_swept(
    client: Client, draft: Submission, bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A whole object and an open multipart whose rows are gone; one with a row stays."""
    for size, complete in ((len(LINE), True), (len(LINE), False), (len(FILE), False)):
        url = begun(client, draft_of(draft.enrolment.earner), size)["Location"]
        put(addresses(client, url, 1)[1], piece(1)[:size])
        if complete:
            post(client, f"{url}complete/")
    Upload.objects.filter(size=len(LINE)).delete()
    kept = Upload.objects.get()
    monkeypatch.setattr("submissions.workflow.sweeping.ORPHAN", timedelta(seconds=-60))
    workflow.sweep_uploads()
    assert in_store() == [kept.pk.hex]


def test_a_client_that_does_not_ask_comes_to_our_disk(client: Client, draft: Submission, bucket: str) -> None:
    url = begin(client, draft, len(LINE))["Location"]
    assert patch(client, url, LINE, 0).status_code == 204
    assert (len(lying()), in_store()) == (1, [])
    direct = begun(client, draft)["Location"]
    assert patch(client, direct, LINE, 0).status_code == 409


def test_an_address_is_for_one_part_of_one_length(client: Client, draft: Submission, bucket: str) -> None:
    url = begun(client, draft)["Location"]
    where = addresses(client, url, 3)[3]
    assert f"X-Amz-Expires={60 * parts.MINUTES}" in where
    assert "X-Amz-SignedHeaders=content-length%3Bhost" in where
    if bucket == "nanio":  # moto believes every signature
        assert put(where, piece(3) + b"more") == 403
        assert put(where.replace("partNumber=3", "partNumber=2"), piece(3)) == 403
    for numbers in ([], [0], [4], list(range(1, 102)), ["x"]):
        answer = client.post(f"{url}parts/", {"numbers": numbers}, content_type="application/json")
        assert (answer.status_code, list(answer.json()["errors"])) == (400, ["numbers"])


# --- A store that is away, or nobody's ---------------------------------------------------------------------------


def test_a_store_that_is_away_leaves_nothing_half(
    client: Client, draft: Submission, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in servers.CREDENTIALS.items():
        monkeypatch.setenv(name, value)
    away = environment.storage("s3://evidence?endpoint=http://127.0.0.1:9&region=us-east-1")
    with override_settings(
        STORAGES={**configured.STORAGES, "default": away}, STORE_ADDRESS="http://127.0.0.1:9"
    ):
        status, words = problem(begun(client, draft))
    assert (status, words[:42]) == (503, "The place where files are kept does not an")
    assert (Artifact.objects.count(), [one.state for one in Upload.objects.all()]) == (0, ["ended"])


def test_without_a_public_address_all_come_to_our_disk(client: Client, draft: Submission) -> None:
    with override_settings(STORE_ADDRESS=""):
        assert begun(client, draft)["Upload-Via"] == "disk"


def test_the_public_address_comes_from_the_environment() -> None:
    assert environment.store_address("file:///srv") == ""
    assert environment.store_address("s3://b?endpoint=http://s3:7070") == ""
    assert (
        environment.store_address("s3://b?endpoint=http://s3:7070&public=https://s3.example.org/")
        == "https://s3.example.org"
    )
    with pytest.raises(ImproperlyConfigured, match="public must be an address"):
        environment.store_address("s3://b?public=s3.example.org")
