"""Checking what arrived: scanned, told from its content, cleaned, sealed into the vault; or refused in words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.queries import memberships_of, profile_of
from journal.workflow import GuardError, TransitionError
from submissions import capture, files, uploads, vault
from submissions.media import engine
from submissions.media.engine import Result
from submissions.models import Artifact, Upload
from submissions.workflow.forgetting import check_no_hold
from submissions.workflow.keeping import keep, let_go, let_go_of
from submissions.workflow.table import check_earner, lock_draft, move_artifact

QUIET = timedelta(minutes=15)  # a check that says nothing for so long is dead
LATE = timedelta(minutes=2)  # a file that nobody took up for so long was forgotten
MOST_TRIES = 5
WAITING = "waiting"  # something the check needs does not answer; it is tried again
GIVEN_UP = "not-checked"
NOT_NOW = (files.NotChecked, vault.VaultError, engine.Unable)  # later may help; nothing is said of the file
TRUNK = "submission__enrolment__micro_credential"


def check(artifact: Artifact) -> None:
    """received → checking → ready, rejected or quarantined. Of two workers at one artifact, one goes home."""
    upload = Upload.objects.select_related("owner").filter(artifact=artifact).first()
    if upload is None and artifact.kind != Artifact.Kind.LINK:
        return
    owner = artifact.submission.enrolment.earner if upload is None else upload.owner
    try:
        move_artifact(
            artifact, "begin_check", tries=artifact.tries + 1, progress=0, problem_code="", problem=""
        )
        with translation.override(profile_of(owner).language):
            if upload is None:
                _capture(artifact, owner)
            else:
                _receive(artifact, upload)
    except NOT_NOW as problem:  # there is no answer yet: the bytes stay, and it is tried again
        Artifact.objects.filter(pk=artifact.pk).update(problem_code=WAITING, problem=str(problem))
        return
    except (TransitionError, Artifact.DoesNotExist):  # another worker has it, or she took it out meanwhile
        return
    if upload:
        uploads.forget(upload)


def _receive(artifact: Artifact, upload: Upload) -> None:
    """What was sent, if it is what she sent."""
    path = uploads.incoming(upload)
    try:
        uploads.fetch(upload, path)
        sha256 = artifact.received_sha256 or _hash(path)
        if upload.sha256 and upload.sha256 != sha256:
            _refuse(
                artifact, "altered", _("What arrived is not the file you sent. Please send it again."), sha256
            )
        else:
            look_into(artifact, upload.owner, path, sha256)
    except FileNotFoundError:
        _refuse(
            artifact,
            "lost",
            _("This file was lost on our side before it was checked. Please send it again."),
            "",
        )


def look_into(artifact: Artifact, owner: User, path: Path, sha256: str) -> None:
    """Scan it, look at it in a child process, and keep what came out clean. The artifact is being checked."""
    try:
        scan = files.scan(path)
    except files.Harmful as harm:
        words = _("The virus scanner found something harmful in this file (%s). It was not kept.") % harm
        _refuse(artifact, "harmful", words, sha256, verb="quarantine")
        return
    with uploads.workroom("check") as out:
        result = engine.inspect(
            path,
            artifact.name,
            scrub=names_of(owner),
            out=Path(out),
            progress=heartbeat(artifact),
            ffmpeg=settings.FFMPEG,
        )
        if result.verdict == "rejected":
            _refuse(artifact, result.code, result.words, sha256)
        else:
            _pass(artifact, owner, result, sha256, scan)


def heartbeat(artifact: Artifact) -> Callable[[int], None]:
    """Says how far the check is, so that the educator sees it go on and the sweep leaves it alone."""

    def beat(percent: int) -> None:
        rows = Artifact.objects.filter(pk=artifact.pk, state=Artifact.State.CHECKING)
        rows.update(progress=min(percent, 99), state_since=timezone.now())

    return beat


def names_of(user: User) -> list[str]:
    """What must not be read from a file's name or properties: the educator, and the places she belongs to."""
    places = [membership.organisation.name for membership in memberships_of(user)]
    return [name for name in (user.name, user.email.split("@")[0], *places) if len(name) > 2]


def _capture(artifact: Artifact, owner: User) -> None:
    """Copy what lies at the address now; assessors read the copy. What cannot be copied stays a link, not sealed."""
    language = translation.get_language()
    with uploads.workroom("link") as folder:
        try:
            copy = capture.capture(
                artifact.url, Path(folder) / "copy", language=language, reach=capture.PUBLIC
            )
            artifact.name = copy.name
            artifact.captured_at = copy.fetched_at
            look_into(artifact, owner, copy.path, _hash(copy.path))
        except capture.NotCaptured as refusal:
            _refuse(artifact, str(refusal.code), str(refusal), "")


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _refuse(artifact: Artifact, code: str, words: str, sha256: str, verb: str = "reject") -> None:
    """A link without a copy may stay as it is, labelled, unless the version takes sealed evidence only."""
    link = artifact.kind == Artifact.Kind.LINK and verb == "reject"
    if link and not artifact.submission.enrolment.version.sealed_only:
        move_artifact(artifact, "pass", problem_code=code, problem=words, progress=0, captured_at=None)
        return
    move_artifact(artifact, verb, problem_code=code, problem=words, received_sha256=sha256, progress=0)


def _pass(artifact: Artifact, owner: User, result: Result, sha256: str, scan: str) -> None:
    """Into the vault under a key of its own, then the rows; bytes without a row do not stay."""
    kept = keep(owner, result, scan)
    try:
        with transaction.atomic():
            content = kept.save()
            move_artifact(
                artifact, "pass", content_id=content.pk, content_type=content.content_type, size=content.size,
                sha256=content.sha256, received_sha256=sha256, scan=scan, progress=100, name=artifact.name,
                captured_at=artifact.captured_at,
            )  # fmt: skip
    except BaseException:
        let_go_of(kept)
        raise


def retry(artifact: Artifact, user: User) -> None:
    """Check it once more, where the check itself had failed."""
    check_earner(artifact.submission, user)
    if artifact.kind == Artifact.Kind.LINK:
        _capture_again(artifact, user)
        return
    if artifact.problem_code != GIVEN_UP:
        raise GuardError(_("Trying again would not help here: send another file instead."))
    with transaction.atomic():
        lock_draft(artifact.submission)
        move_artifact(artifact, "try_again", user, tries=0, problem_code="", problem="")


def _capture_again(artifact: Artifact, user: User) -> None:
    """A fresh copy of what lies at the address now; the old one goes. Who can be recognised is asked anew."""
    with transaction.atomic():
        lock_draft(artifact.submission)
        current = Artifact.objects.select_for_update(of=("self",)).get(pk=artifact.pk)
        check_no_hold(current)
        old = current.content_id
        move_artifact(
            artifact, "capture_again", user, tries=0, content_id=None, sha256="", size=0, content_type="",
            captured_at=None, problem_code="", problem="", coverage=Artifact.Coverage.OPEN, classes=[], cleared=[],
        )  # fmt: skip
        let_go(old)


def heal() -> int:
    """Take up what got stuck: a worker killed in the middle, a scanner that was away, a task that was lost."""
    now = timezone.now()
    stuck = Artifact.objects.filter(state=Artifact.State.CHECKING)
    stuck = stuck.filter(state_since__lt=now - QUIET) | stuck.filter(problem_code=WAITING)
    number = 0
    for artifact in stuck.select_related(TRUNK)[:100]:
        number += 1
        if artifact.tries >= MOST_TRIES:
            words = _(
                "This file could not be checked, for reasons on our side. Try again, or send it in another format."
            )
            move_artifact(artifact, "reject", problem_code=GIVEN_UP, problem=words, progress=0)
        else:
            move_artifact(artifact, "try_again", progress=0)
    forgotten = Artifact.objects.filter(state=Artifact.State.RECEIVED, state_since__lt=now - LATE)
    for artifact in forgotten.select_related(TRUNK)[:100]:
        number += 1
        check(artifact)
    return number
