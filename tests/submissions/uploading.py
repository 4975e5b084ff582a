"""Sending by tus, through Django's own client or over a socket."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from accounts.models import User
from submissions import workflow
from submissions.models import Artifact, Submission, Upload
from tests import factories

LIST = "/api/v1/uploads/"
BYTES = "application/offset+octet-stream"
TUS = {"Tus-Resumable": "1.0.0"}


def draft_of(person: User) -> Submission:
    """An attempt with room for two plans."""
    return workflow.enrol(person, factories.published())


def metadata(**pairs: object) -> str:
    """Upload-Metadata."""
    return ",".join(f"{key} {base64.b64encode(str(value).encode()).decode()}" for key, value in pairs.items())


def told(submission: Submission, name: str = "notes.txt", **more: object) -> str:
    """What the page tells of a file."""
    return metadata(filename=name, submission=submission.pk, requirement="plan", **more)


def begin(client: Client, submission: Submission, size: int, **more: Any) -> Any:
    """Creation."""
    headers = {**TUS, "Upload-Length": str(size), "Upload-Metadata": told(submission, **more)}
    return post(client, LIST, **headers)


def post(client: Client, url: str, **headers: str) -> Any:
    """A POST without a body."""
    return client.generic("POST", url, headers=headers)


def begun(client: Client, submission: Submission, size: int, **more: Any) -> str:
    """Creation; where it goes on."""
    return str(begin(client, submission, size, **more)["Location"])


def patch(client: Client, url: str, body: bytes, at: int, **headers: str) -> Any:
    """More bytes."""
    given = {**TUS, "Upload-Offset": str(at), **{k.replace("_", "-"): v for k, v in headers.items()}}
    return client.generic("PATCH", url, body, content_type=BYTES, headers=given)


def head(client: Client, url: str) -> Any:
    """Where it stands."""
    return client.head(url, headers=TUS)


def stands(client: Client, url: str) -> int:
    """How many bytes are there."""
    return int(head(client, url)["Upload-Offset"])


def checksum(body: bytes, algorithm: str = "sha256") -> str:
    """Upload-Checksum."""
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, body).digest()).decode()}"


def artifact_at(url: str) -> Artifact:
    """What an upload became."""
    upload = Upload.objects.select_related("artifact").get(pk=url.rstrip("/").rpartition("/")[2])
    assert upload.artifact
    return upload.artifact


def lying() -> list[str]:
    """The names of all bytes on their way in."""
    return sorted(path.name for path in Path(settings.INCOMING_DIR).glob("*"))


def problem(answer: Any) -> tuple[int, str]:
    """The status, and the words on the one field."""
    assert answer["Content-Type"] == "application/problem+json"
    errors = answer.json().get("errors", {})
    return answer.status_code, str(next(iter(errors.values()), [answer.json()["detail"]])[0])
