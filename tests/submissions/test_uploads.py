"""Resumable uploads by the protocol, request by request: what each answers, and what it leaves behind."""

from __future__ import annotations

import contextlib
import hashlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from journal.models import Entry
from submissions import api_uploads, workflow
from submissions.models import Artifact, Submission, Upload
from tests import factories
from tests.submissions import samples
from tests.submissions.uploading import (
    BYTES,
    LIST,
    TUS,
    artifact_at,
    begin,
    begun,
    checksum,
    draft_of,
    head,
    lying,
    metadata,
    patch,
    post,
    problem,
    stands,
    told,
)

pytestmark = pytest.mark.django_db
TEXT = b"First we look, then we talk.\n" * 400


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INCOMING_DIR = tmp_path / "incoming"
    return tmp_path / "incoming"


@pytest.fixture
def person() -> User:
    return factories.user()


@pytest.fixture
def draft(person: User) -> Submission:
    return draft_of(person)


@pytest.fixture
def client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


# --- The protocol -----------------------------------------------------------------------------------------


def test_what_the_server_can_do() -> None:
    answer = Client().options(LIST)
    assert answer.status_code == 204
    assert {name: answer[name] for name in answer.headers if name.startswith("Tus-")} == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,checksum,termination,expiration",
        "Tus-Max-Size": str(4 * 1024**3),
        "Tus-Checksum-Algorithm": "sha256,sha1",
    }


def test_a_file_in_three_parts(client: Client, draft: Submission, person: User) -> None:
    answer = begin(client, draft, len(TEXT), title="Lesson one", criteria="plan,growth", sample="ab12")
    url = answer["Location"]
    upload = Upload.objects.get()
    assert (answer.status_code, url, answer["Upload-Via"]) == (201, f"{LIST}{upload.pk}/", "disk")
    assert answer["Upload-Expires"].endswith("GMT")
    asked = head(client, url)
    assert (asked.status_code, asked["Upload-Offset"], asked["Upload-Length"]) == (200, "0", str(len(TEXT)))
    assert (asked["Cache-Control"], asked["Tus-Resumable"]) == ("no-store", "1.0.0")
    for start, end in ((0, 5000), (5000, 5001), (5001, len(TEXT))):
        answer = patch(client, url, TEXT[start:end], start)
        assert (answer.status_code, answer["Upload-Offset"]) == (204, str(end))
    artifact = artifact_at(url)
    assert (artifact.state, artifact.title, artifact.name) == ("received", "Lesson one", "notes.txt")
    assert artifact.criteria == ["plan", "growth"]
    done = factories.checked(artifact)
    assert (done.state, done.received_sha256) == ("ready", hashlib.sha256(TEXT).hexdigest())
    assert lying() == []
    assert stands(client, url) == len(TEXT)


def test_the_first_bytes_may_come_with_the_creation(client: Client, draft: Submission) -> None:
    headers = {**TUS, "Upload-Length": str(len(TEXT)), "Upload-Metadata": told(draft)}
    answer = client.post(LIST, TEXT, content_type=BYTES, headers=headers)
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(TEXT)))
    assert artifact_at(answer["Location"]).state == "received"


def test_a_client_that_can_only_post(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    headers = {**TUS, "Upload-Offset": "0", "X-HTTP-Method-Override": "PATCH"}
    assert client.post(url, b"fine", content_type=BYTES, headers=headers).status_code == 204
    url = begun(client, draft, 4)
    assert post(client, url, **TUS, **{"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert head(client, url).status_code == 410


@pytest.mark.parametrize("algorithm", ["sha256", "sha1"])
def test_a_part_is_proved_by_its_checksum(client: Client, draft: Submission, algorithm: str) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    wrong = patch(client, url, TEXT[100:200], 100, Upload_Checksum=checksum(b"else", algorithm))
    assert problem(wrong) == (
        460,
        "This part of the file was damaged on its way and was discarded. Send it again.",
    )
    assert wrong.json()["title"] == "Checksum Mismatch"
    assert stands(client, url) == 100
    assert len(lying()) == 1
    right = patch(client, url, TEXT[100:], 100, Upload_Checksum=checksum(TEXT[100:], algorithm))
    assert right.status_code == 204
    assert factories.checked(artifact_at(url)).received_sha256 == hashlib.sha256(TEXT).hexdigest()


@pytest.mark.parametrize("header", ["md5 abcd", "sha256", "sha256 &&&"])
def test_a_checksum_that_is_none(client: Client, draft: Submission, header: str) -> None:
    url = begun(client, draft, 4)
    assert patch(client, url, b"fine", 0, Upload_Checksum=header).status_code in {400, 460}
    assert stands(client, url) == 0


def test_what_was_killed_while_proving_is_cut_off(client: Client, draft: Submission, folder: Path) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    (name,) = lying()
    with (folder / name).open("ab") as file:
        file.write(b"unproved")
    (folder / f"{name}.floor").symlink_to("100")
    assert stands(client, url) == 100
    assert patch(client, url, TEXT[100:], 100).status_code == 204
    assert factories.checked(artifact_at(url)).received_sha256 == hashlib.sha256(TEXT).hexdigest()


def test_another_offset_is_told_the_right_one(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 10)
    patch(client, url, b"1234", 0)
    for at in (0, 3, 5, 10):
        answer = patch(client, url, b"x", at)
        assert (answer.status_code, answer["Upload-Offset"], stands(client, url)) == (409, "4", 4)


def test_more_than_announced_is_refused(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    assert problem(patch(client, url, b"much too long", 0))[0] == 413
    assert stands(client, url) == 0


@pytest.mark.parametrize("version", ["", "0.2.2", "2.0.0"])
def test_another_version_is_refused(client: Client, draft: Submission, version: str) -> None:
    headers = {
        "Upload-Length": "4",
        "Upload-Metadata": told(draft),
        **({"Tus-Resumable": version} if version else {}),
    }
    answer = post(client, LIST, **headers)
    assert (answer.status_code, answer["Tus-Version"]) == (412, "1.0.0")
    assert not Upload.objects.exists()


def test_bytes_have_their_own_type(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    for kind in ("text/plain", "multipart/form-data; boundary=x"):
        answer = client.generic(
            "PATCH", url, b"fine", content_type=kind, headers={**TUS, "Upload-Offset": "0"}
        )
        assert answer.status_code == 415


def test_cancelling_frees_place_and_bytes(client: Client, draft: Submission) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    assert client.delete(url, headers=TUS).status_code == 204
    assert (lying(), Artifact.objects.count()) == ([], 0)
    assert problem(patch(client, url, TEXT[100:], 100))[0] == 410
    assert problem(client.delete(url, headers=TUS))[0] == 410
    assert Entry.objects.get(kind="submissions.upload_ended").data == {"why": "cancelled"}


def test_what_arrived_is_not_cancelled_but_removed(client: Client, draft: Submission, person: User) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT, 0)
    assert problem(client.delete(url, headers=TUS))[0] == 409
    assert patch(client, url, b"", len(TEXT)).status_code == 204
    assert patch(client, url, b"more", 4).status_code == 409


def test_removing_the_evidence_ends_its_upload(
    client: Client, draft: Submission, person: User, django_capture_on_commit_callbacks: Any
) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    with django_capture_on_commit_callbacks(execute=True):
        workflow.remove_artifact(artifact_at(url), person)
    assert lying() == []
    assert head(client, url).status_code == 410


def test_an_upload_is_its_owners(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    stranger = Client()
    stranger.force_login(factories.user())
    assert [head(stranger, url).status_code, patch(stranger, url, b"x", 0).status_code] == [404, 404]
    assert begin(stranger, draft, 4).status_code == 404
    assert (head(Client(), url).status_code, post(Client(), LIST).status_code) == (401, 401)
    assert head(client, f"{LIST}{uuid4()}/").status_code == 404


def test_without_the_secret_of_the_page_nothing_is_taken(person: User, draft: Submission) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(person)
    assert begin(strict, draft, 4).status_code == 403


# --- What is told of the file ---------------------------------------------------------------------------------


def create(client: Client, length: str, pairs: str) -> Any:
    return post(client, LIST, **TUS, **{"Upload-Length": length, "Upload-Metadata": pairs})


def test_every_field_has_its_own_words(client: Client, draft: Submission) -> None:
    whole = {"filename": "a.txt", "submission": draft.pk, "requirement": "plan"}
    wrong = {
        "filename": "", "submission": "x", "requirement": "no such", "title": "t" * 161, "sample": "xyz", "sha256": "ab",
        "criteria": "nonsense",
    }  # fmt: skip
    for field, value in wrong.items():
        answer = create(client, "4", metadata(**{**whole, field: value}))
        assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])
    for length in ("", "-1", "four", "9" * 20):
        assert list(create(client, length, metadata(**whole)).json()["errors"]) == ["Upload-Length"]
    for pairs in ("filename §", "filename " + "A" * 3000):
        assert list(create(client, "4", pairs).json()["errors"]) == ["Upload-Metadata"]
    assert problem(create(client, "0", metadata(**whole)))[1].startswith("This file is empty")
    assert not Upload.objects.exists()


def test_a_name_is_only_a_name(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4, name="../../pl\x00an\u202e.txt")
    assert artifact_at(url).name == "plan.txt"


def test_the_hash_of_the_whole_is_held_against_what_arrived(client: Client, draft: Submission) -> None:
    for told_hash, state in ((hashlib.sha256(TEXT).hexdigest().upper(), "ready"), ("0" * 64, "rejected")):
        url = begun(client, draft, len(TEXT), sha256=told_hash)
        patch(client, url, TEXT, 0)
        done = factories.checked(artifact_at(url))
        assert done.state == state
    assert done.problem == "What arrived is not the file you sent. Please send it again."
    assert lying() == []


@pytest.mark.parametrize(
    "name", ["tool.exe", "page.html", "drawing.svg", "run.txt", "wrongly-named.pdf", "film.mkv"]
)
def test_what_could_never_pass_is_refused_by_its_first_bytes(
    client: Client, draft: Submission, name: str
) -> None:
    body = samples.BAD[name] + b"\n" * 5000
    url = begun(client, draft, len(body) + 10**9, name=name)
    answer = patch(client, url, body, 0)
    status, words = problem(answer)
    assert (status, lying()) == (400, [])
    artifact = artifact_at(url)
    assert (artifact.state, artifact.problem) == ("rejected", words)
    assert problem(client.get(url)) == (410, words)
    assert len(words) > 40


def test_the_list_is_of_what_can_go_on(client: Client, draft: Submission) -> None:
    url = begun(client, draft, len(TEXT), sample="00ff", name="lesson.txt")
    patch(client, url, TEXT[:100], 0)
    begun(client, draft_of(draft.enrolment.earner), 4)
    (row,) = client.get(LIST, {"submission": str(draft.pk)}).json()["results"]
    upload = Upload.objects.get(sample="00ff")
    assert row == {
        "id": str(upload.pk), "url": url, "artifact": str(upload.artifact_id), "name": "lesson.txt", "size": len(TEXT),
        "offset": 100, "sample": "00ff", "state": "open", "via": "disk", "part_size": 0,
        "expires": row["expires"],
    }  # fmt: skip
    assert client.get(url).json() == row
    assert client.get(LIST, {"submission": str(uuid4())}).json()["results"] == []
    assert client.get(LIST, {"submission": "x"}).status_code == 400
    patch(client, url, TEXT[100:], 100)
    assert [other["size"] for other in client.get(LIST).json()["results"]] == [4]


def test_parts_are_only_of_what_goes_to_the_store(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    assert client.get(f"{url}parts/").json() == {"parts": []}
    numbers = {"numbers": [1]}
    assert client.post(f"{url}parts/", numbers, content_type="application/json").status_code == 409
    assert post(client, f"{url}complete/").status_code == 409


def test_slow_lines_leave_threads_for_the_pages(client: Client, draft: Submission) -> None:
    url = begun(client, draft, 4)
    with contextlib.ExitStack() as stack:
        for _line in range(12):
            stack.enter_context(api_uploads.LINES)
        answer = patch(client, url, b"fine", 0)
        assert (problem(answer)[0], answer["Retry-After"]) == (503, "5")
    assert patch(client, url, b"fine", 0).status_code == 204
