"""Checking what arrived: scanned, told from its content, cleaned, sealed into the vault; or refused in words."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from journal.workflow import TransitionError
from submissions import files, vault
from submissions.models import Artifact, Content, Upload
from submissions.workflow.intake import incoming
from submissions.workflow.table import move_artifact


def check(artifact: Artifact) -> None:
    """received → checking → ready, rejected or quarantined. Of two workers at one artifact, one goes home."""
    upload = Upload.objects.select_related("owner").filter(artifact=artifact).first()
    if upload is None:
        return
    try:
        move_artifact(artifact, "begin_check", tries=artifact.tries + 1, progress=0)
    except TransitionError:
        return
    path = incoming(upload)
    try:
        scan = files.scan(path)
        kind, name = files.look(path, artifact.name)
    except files.NotChecked:
        raise
    except files.FileRefused as refusal:
        _refuse(artifact, "reject", "not-taken", str(refusal.message))
    except files.Harmful as harm:
        words = _("The virus scanner found something harmful in this file (%s). It was not kept.") % harm
        _refuse(artifact, "quarantine", "harmful", words)
    else:
        artifact.name = name
        _keep(artifact, upload, path, kind.content_type, scan)
    path.unlink(missing_ok=True)


def _refuse(artifact: Artifact, verb: str, code: str, words: str) -> None:
    move_artifact(artifact, verb, problem_code=code, problem=words)


def _keep(artifact: Artifact, upload: Upload, path: Path, content_type: str, scan: str) -> None:
    """Into the vault under a key of its own, then the row; bytes without a row do not stay."""
    random = uuid4().hex
    key, secret = f"evidence/{random[:2]}/{random}", vault.new_secret() if vault.seals() else None
    size = path.stat().st_size
    vault.put(key, path, secret)
    try:
        with transaction.atomic():
            content = Content.objects.create(
                owner=upload.owner, file=key, secret=secret, size=size, sha256=artifact.received_sha256,
                content_type=content_type, scan=scan,
            )  # fmt: skip
            move_artifact(
                artifact, "pass", content_id=content.pk, name=artifact.name, content_type=content_type, size=size,
                sha256=content.sha256, scan=scan, progress=100,
            )  # fmt: skip
    except BaseException:
        vault.discard(key)
        raise
