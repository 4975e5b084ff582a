"""How much may come, and what nobody finishes: quotas, room, days, and a sweep after which nothing is left."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone

from accounts.models import User
from journal.models import Entry
from microcreds import environment
from submissions import files, workflow
from submissions.models import Artifact, Submission, Upload
from submissions.uploads import limits
from tests import factories
from tests.submissions.uploading import (
    TUS,
    artifact_at,
    begin,
    begun,
    draft_of,
    head,
    lying,
    patch,
    problem,
    stands,
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


# --- Limits -----------------------------------------------------------------------------------------------------


def test_a_file_over_the_limit(client: Client, draft: Submission, settings: Any) -> None:
    settings.UPLOAD_MAX_BYTES = 1000
    assert problem(begin(client, draft, 1001))[0] == 413
    assert begin(client, draft, 1000).status_code == 201


def test_an_attempt_and_a_day_have_their_limits(client: Client, draft: Submission, settings: Any) -> None:
    settings.SUBMISSION_MAX_BYTES = 1000
    begin(client, draft, 600)
    status, words = problem(begin(client, draft, 401))
    assert (status, words[:35]) == (413, "The files of this attempt may have ")
    settings.SUBMISSION_MAX_BYTES, settings.DAILY_MAX_BYTES = 10**6, 1000
    status, words = problem(begin(client, draft, 401))
    assert (status, words[:13]) == (413, "You can send ")
    assert begin(client, draft, 400).status_code == 201
    assert Upload.objects.count() == 2


def test_a_plain_form_has_the_same_limits(draft: Submission, person: User, settings: Any) -> None:
    settings.SUBMISSION_MAX_BYTES = 1000
    for size in (len(TEXT), None):
        with pytest.raises(files.FileRefused, match="The files of this attempt"):
            workflow.add_file(
                draft, person, requirement="plan", upload=files.IncomingFile([TEXT], size, "notes.txt")
            )
    assert (lying(), Artifact.objects.count()) == ([], 0)


def test_too_many_at_once(client: Client, draft: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "OPEN_MAX", 1)
    begin(client, draft, 4)
    assert problem(begin(client, draft, 4))[0] == 429


def test_a_disk_without_room(client: Client, draft: Submission, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "RESERVE", 10**18)
    status, words = problem(begin(client, draft, 4))
    assert (status, words[:35]) == (507, "There is no room for this file on o")
    assert not Upload.objects.exists()


@pytest.mark.parametrize("text", ["", "0", "-1", "4GB", "²", "9" * 30])
def test_a_limit_that_is_none_stops_the_start(text: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="UPLOAD_MAX_BYTES must be a whole number"):
        environment.whole("UPLOAD_MAX_BYTES", text, 1024**4)


# --- What nobody finishes ---------------------------------------------------------------------------------------


def test_a_rested_upload_ends_and_its_bytes_go(client: Client, draft: Submission) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    assert workflow.sweep_uploads() == 0
    Upload.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert workflow.sweep_uploads() == 1
    assert (lying(), Artifact.objects.count(), head(client, url).status_code) == ([], 0, 410)
    assert Entry.objects.get(kind="submissions.upload_ended").data == {"why": "expired"}


def test_one_that_rested_too_long_is_over_before_the_sweep(client: Client, draft: Submission) -> None:
    url = begun(client, draft, len(TEXT))
    Upload.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert patch(client, url, TEXT[:100], 0).status_code == 410
    assert lying() == []


def test_an_upload_in_use_gets_its_days_anew(client: Client, draft: Submission) -> None:
    url = begun(client, draft, len(TEXT))
    soon = timezone.now() + timedelta(minutes=5)
    Upload.objects.update(expires=soon)
    answer = patch(client, url, TEXT[:100], 0)
    assert Upload.objects.get().expires > soon + timedelta(days=6)
    assert answer["Upload-Expires"] == head(client, url)["Upload-Expires"]


def test_orphans_go_after_a_day_and_what_is_needed_stays(
    client: Client, draft: Submission, folder: Path
) -> None:
    url = begun(client, draft, len(TEXT))
    patch(client, url, TEXT[:100], 0)
    waiting = begun(client, draft, len(TEXT))
    patch(client, waiting, TEXT, 0)
    needed = lying()
    (folder / "check-left").mkdir()
    (folder / "check-left" / "frame").write_bytes(b"x")
    for name in (uuid4().hex, f"{uuid4().hex}.fetching", "nonsense"):
        (folder / name).write_bytes(b"orphan")
    (folder / f"{uuid4().hex}.floor").symlink_to("7")
    assert workflow.sweep_uploads() == 0
    long_ago = (timezone.now() - timedelta(days=2)).timestamp()
    for path in folder.iterdir():
        os.utime(path, (long_ago, long_ago), follow_symlinks=False)
    assert workflow.sweep_uploads() == 5
    assert lying() == needed


def test_rows_go_after_a_month(client: Client, draft: Submission) -> None:
    begun(client, draft, len(TEXT))
    client.delete(begun(client, draft, len(TEXT)), headers=TUS)
    Upload.objects.update(created=timezone.now() - timedelta(days=31))
    workflow.sweep_uploads()
    assert [upload.state for upload in Upload.objects.all()] == ["open"]


@pytest.mark.parametrize("how", ["asked", "swept"])
def test_all_bytes_of_a_server_that_was_killed_before_saying_so(
    client: Client, draft: Submission, folder: Path, how: str
) -> None:
    url = begun(client, draft, len(TEXT))
    (folder / Upload.objects.get().pk.hex).write_bytes(TEXT)
    assert (stands(client, url) if how == "asked" else workflow.sweep_uploads()) in {len(TEXT), 1}
    assert artifact_at(url).state == "received"
