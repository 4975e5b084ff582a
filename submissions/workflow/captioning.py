"""Captions for a recording: the educator's own, cleaned, kept beside the bytes they belong to."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError
from submissions import vault
from submissions.media.captions import LARGEST, clean_captions
from submissions.media.words import Refused
from submissions.models import Artifact, Content, Preview
from submissions.workflow.keeping import put_preview
from submissions.workflow.table import check_earner, lock_draft


def add_captions(artifact: Artifact, user: User, file: UploadedFile[Any] | None) -> Preview:
    """Keep a WebVTT file with a video or a recording; new captions take the place of old ones."""
    check_earner(artifact.submission, user)
    content = artifact.content
    playable = artifact.content_type.startswith(("video/", "audio/"))
    if content is None or artifact.state != Artifact.State.READY or not playable:
        raise _refusal(_("Captions can be added to a video or a recording once it is ready."))
    if file is None:
        raise _refusal(_("Choose a captions file first (WebVTT, ending in .vtt)."))
    try:
        text = clean_captions(file.read(LARGEST + 1))
    except Refused as refused:
        raise _refusal(str(refused)) from refused
    with tempfile.TemporaryDirectory(prefix="captions-") as folder:
        path = Path(folder) / "captions.vtt"
        path.write_bytes(text)
        kept = put_preview(content, Preview.Kind.CAPTIONS, path)
    return _exchange(artifact, content, kept)


def _refusal(words: str) -> GuardError:
    return GuardError(words, {"captions": [words]})


def _exchange(artifact: Artifact, content: Content, kept: Preview) -> Preview:
    """The row; the bytes of the captions before go after commit, and the new ones where the row does not come to be."""
    try:
        with transaction.atomic():
            lock_draft(artifact.submission)
            Content.objects.select_for_update().get(pk=content.pk)
            before = Preview.objects.filter(content=content, kind=Preview.Kind.CAPTIONS)
            old = list(before.values_list("file", flat=True))
            before.delete()
            kept.save(force_insert=True)
            transaction.on_commit(lambda: vault.discard(*old))
    except BaseException:
        vault.discard(kept.file)
        raise
    return kept
