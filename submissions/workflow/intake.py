"""Files on their way in: begun, received, or ended."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.models import User
from submissions import files
from submissions.files import IncomingFile
from submissions.models import Artifact, Submission, Upload
from submissions.workflow.placing import TITLE_MAX, attach, check_place
from submissions.workflow.table import move_artifact

PATIENCE = timedelta(days=7)  # how long an upload may rest


def incoming(upload: Upload) -> Path:
    """Where the bytes of an upload lie until they were checked."""
    return Path(settings.INCOMING_DIR) / upload.pk.hex


def add_file(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    upload: IncomingFile,
) -> Artifact:
    """Take a whole file in at once. What it is, is looked at right away; the rest of the check follows."""
    row = begin_upload(
        submission,
        user,
        requirement=requirement,
        criteria=criteria,
        title=title,
        name=upload.name,
        size=upload.size or 0,
    )
    path = incoming(row)
    try:
        size, sha256 = files.receive(path, upload)
        _kind, name = files.look(path, files.clean_name(upload.name))
    except BaseException:
        end_upload(row)
        raise
    artifact = row.artifact
    if artifact is None:
        raise AssertionError("an upload that was just begun has its artifact")
    artifact.title, artifact.name = title.strip() or name[:TITLE_MAX], name
    artifact.save(update_fields=["title", "name"])
    received(row, size, sha256)
    return artifact


def begin_upload(
    submission: Submission,
    user: User,
    *,
    requirement: str,
    criteria: Collection[str] = (),
    title: str = "",
    name: str,
    size: int,
) -> Upload:
    """A place for the file in the draft, and the row that says who may send it until when."""
    check_place(submission, user, requirement, criteria, title)
    files.check_size(size)
    name = files.clean_name(name)
    with transaction.atomic():
        artifact = attach(
            submission, requirement, criteria,
            kind=Artifact.Kind.FILE, state=Artifact.State.UPLOADING, title=title.strip() or name[:TITLE_MAX], name=name,
            received_size=size,
        )  # fmt: skip
        return Upload.objects.create(
            owner=user, artifact=artifact, size=size, expires=timezone.now() + PATIENCE
        )


def received(upload: Upload, size: int, sha256: str) -> None:
    """All bytes are here: the artifact waits for its check."""
    artifact = upload.artifact
    if artifact is None:
        raise AssertionError("an upload that is under way has its artifact")
    with transaction.atomic():
        move_artifact(artifact, "receive", upload.owner, received_size=size, received_sha256=sha256)
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.COMPLETE, size=size)


def end_upload(upload: Upload) -> None:
    """Cancelled, refused or expired: its place in the draft is free again, and no bytes remain."""
    with transaction.atomic():
        Upload.objects.filter(pk=upload.pk).update(state=Upload.State.ENDED)
        Artifact.objects.filter(upload=upload, state=Artifact.State.UPLOADING).delete()
    incoming(upload).unlink(missing_ok=True)
