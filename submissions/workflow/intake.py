"""Files on their way in: begun, taken block by block, received, refused or ended."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, record
from submissions import files, kinds
from submissions.files import FileRefused, IncomingFile
from submissions.media.names import safe_name
from submissions.media.words import Refused
from submissions.models import Artifact, Submission, Upload
from submissions.uploads import forget, incoming, limits, parts
from submissions.uploads.errors import Ended, NotNow, WrongOffset
from submissions.uploads.spool import Checksum, Spool
from submissions.workflow.placing import TITLE_MAX, attach, check_place
from submissions.workflow.table import check_earner, move_artifact

Via = Upload.Via
RENEWED = timedelta(hours=1)  # an upload in use is given its days anew, but not with every part


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
    path, artifact = incoming(row), artifact_of(row)
    try:
        size, sha256 = files.receive(path, upload)
        if not row.size:
            limits.check(submission, user, size)
        _kind, name = files.look(path, safe_name(upload.name))
    except BaseException:
        end_upload(row, why="refused")
        raise
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
    direct: bool = False,
    **told: str,
) -> Upload:
    """A place for the file in the draft, and the row that says who may send it until when.

    `direct` opens a multipart upload in the store instead of a file on our disk. `told` is what the sender says of the
    file: `metadata`, `sample`, `sha256`.
    """
    check_place(submission, user, requirement, criteria, title)
    files.check_size(size)
    if not direct:
        limits.check_disk(size)
    name = safe_name(name)
    with transaction.atomic():
        # Of two creations at once, the second counts the first.
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        limits.check(submission, user, size)
        artifact = attach(
            submission, requirement, criteria,
            kind=Artifact.Kind.FILE, state=Artifact.State.UPLOADING, title=title.strip() or name[:TITLE_MAX], name=name,
            received_size=size,
        )  # fmt: skip
        upload = Upload.objects.create(
            owner=user, artifact=artifact, size=size, expires=_patience(), via=Via.STORE if direct else Via.DISK,
            part_size=parts.part_size(size) if direct else 0, **told,
        )  # fmt: skip
    if direct:
        _open_in_store(upload)
    return upload


def take(upload: Upload, blocks: Iterable[bytes], at: int, checksum: Checksum | None = None) -> int:
    """Write on with the upload, and receive it with its last byte. Answers how many bytes are here now."""
    if upload.via == Via.STORE:
        raise NotNow(_("The parts of this file go straight to the store."))
    if upload.state == Upload.State.COMPLETE:
        if at != upload.size:
            raise WrongOffset(upload.size)
        return at
    try:
        size = Spool(incoming(upload)).append(_glanced(upload, blocks, at), at, checksum)
    except Refused as refusal:
        refuse_upload(upload, refusal)
        raise FileRefused(str(refusal)) from refusal
    if size == upload.size:
        settle(upload)
    else:
        _renew(upload)
    return size


def settle(upload: Upload) -> None:
    """Receive it if all of it is here, whoever was killed before saying so."""
    if upload.state != Upload.State.OPEN or upload.via == Via.STORE:
        return
    spool = Spool(incoming(upload))
    if upload.size and spool.size == upload.size:
        spool.sync()
        received(upload, upload.size, "")


def complete(upload: Upload) -> None:
    """The store has all parts: put them together and receive the file."""
    if upload.via != Via.STORE:
        raise NotNow(_("This upload goes through the web server and completes by itself."))
    if upload.state != Upload.State.COMPLETE:
        parts.complete(upload)
        received(upload, upload.size, "")


def part_addresses(upload: Upload, numbers: Collection[int]) -> Iterator[dict[str, object]]:
    """Where these parts go, for some minutes."""
    if upload.via != Via.STORE or upload.state != Upload.State.OPEN:
        raise NotNow(_("There are no parts to send to the store for this upload."))
    if beyond := set(numbers) - set(parts.plan(upload)):
        words = _("This file has no part %d.") % min(beyond)
        raise GuardError(words, {"numbers": [words]})
    _renew(upload)
    return ({"number": n, "url": parts.address(upload, n), "headers": {}} for n in numbers)


def received(upload: Upload, size: int, sha256: str) -> None:
    """All bytes are here: the artifact waits for its check. Without a hash the check makes it."""
    with transaction.atomic():
        if not _leave_open(upload, Upload.State.COMPLETE, size=size):
            if upload.state == Upload.State.COMPLETE:
                return
            forget(upload)
            raise Ended
        move_artifact(
            artifact_of(upload), "receive", upload.owner, received_size=size, received_sha256=sha256
        )


def refuse_upload(upload: Upload, refusal: Refused) -> None:
    """Its first bytes say that it could never pass: the artifact says why, and no bytes remain."""
    with transaction.atomic():
        if _leave_open(upload, Upload.State.ENDED) and upload.artifact:
            words = {"problem_code": refusal.code, "problem": str(refusal)}
            move_artifact(upload.artifact, "reject", upload.owner, **words)
    forget(upload)


def cancel_upload(upload: Upload, user: User) -> None:
    """She does not want to send it after all."""
    check_earner(artifact_of(upload).submission, user)
    if upload.state == Upload.State.COMPLETE:
        raise NotNow(_("This file has arrived. Remove it from your evidence instead."))
    end_upload(upload, user)


def end_upload(upload: Upload, actor: User | None = None, why: str = "cancelled") -> None:
    """Its place in the draft is free again, and no bytes remain."""
    with transaction.atomic():
        if _leave_open(upload, Upload.State.ENDED):
            record("submissions.upload_ended", upload, actor=actor, data={"why": why})
            Artifact.objects.filter(upload=upload, state=Artifact.State.UPLOADING).delete()
    if upload.state == Upload.State.ENDED:
        forget(upload)


def abandon(artifact: Artifact) -> None:
    """The artifact goes: so does what was on its way to it, once the caller's transaction is through."""
    for upload in Upload.objects.filter(artifact=artifact):
        _leave_open(upload, Upload.State.ENDED)
        transaction.on_commit(functools.partial(forget, upload))


def artifact_of(upload: Upload) -> Artifact:
    """What it becomes; without one there is nothing to send it for."""
    if upload.artifact is None:
        raise Ended
    return upload.artifact


def _leave_open(upload: Upload, state: str, **fields: int) -> bool:
    """Of two who finish an upload, one does."""
    done = Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(state=state, **fields)
    upload.refresh_from_db(fields=["state", "size"])
    return bool(done)


def _open_in_store(upload: Upload) -> None:
    try:
        store_id = parts.begin(upload)
    except BaseException:
        end_upload(upload, why="store")
        raise
    upload.store_id = store_id
    upload.save(update_fields=["store_id"])


def _glanced(upload: Upload, blocks: Iterable[bytes], at: int) -> Iterator[bytes]:
    """The same blocks; the first ones are looked at, once there are enough of them to tell."""
    head, enough = b"", 0 if at else min(kinds.HEAD, upload.size)
    for block in blocks:
        if len(head) < enough:
            head += block[: enough - len(head)]
            if len(head) == enough:
                kinds.glance(head, artifact_of(upload).name)
        yield block


def _patience() -> datetime:
    return timezone.now() + timedelta(days=settings.UPLOAD_DAYS)


def _renew(upload: Upload) -> None:
    expires = _patience()
    if expires - upload.expires > RENEWED:
        Upload.objects.filter(pk=upload.pk, state=Upload.State.OPEN).update(expires=expires)
        upload.expires = expires
