"""Using evidence again: her own from another micro-credential, said so, without sending the bytes once more."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, record
from submissions.models import Artifact, Content, Submission
from submissions.rules import library_of
from submissions.workflow.placing import attach, check_place
from submissions.workflow.table import lock_classes, lock_draft

TAKEN = (
    *("kind", "title", "name", "url", "text", "content_id", "content_type", "size", "sha256"),
    *("received_size", "received_sha256", "scan", "captured_at", "problem_code", "problem"),
    *("coverage", "classes", "cleared"),
)


def reuse(submission: Submission, user: User, artifact: Artifact, *, requirement: str) -> Artifact:
    """Use a piece of her own here too. Assessors read that it is used elsewhere, declared."""
    check_place(submission, user, requirement, (), "")
    if not library_of(user, submission).filter(pk=artifact.pk).exists():
        raise GuardError(_("This piece is not there to be used again."))
    with transaction.atomic():
        new = place_again(submission, artifact, requirement)
        issuer = submission.enrolment.micro_credential.issuer_id
        record("submissions.artifact_reused", new, actor=user, organisation_id=issuer)
    return new


def place_again(submission: Submission, artifact: Artifact, requirement: str, **fields: Any) -> Artifact:
    """The same content once more: what is known of who can be recognised in it comes along. In the caller's transaction."""
    current = lock_draft(submission)
    if artifact.content_id:
        Content.objects.select_for_update().filter(
            pk=artifact.content_id
        ).first()  # nobody lets go of it meanwhile
    lock_classes(Artifact.objects.filter(pk=artifact.pk))
    source = Artifact.objects.get(pk=artifact.pk)
    if source.state != Artifact.State.READY:
        raise GuardError(_("This piece is not there to be used again."))
    if current.enrolment.version.sealed_only and not source.sealed:
        raise GuardError(
            _("This micro-credential asks for sealed evidence: a link without a copy cannot be used.")
        )
    taken = {name: getattr(source, name) for name in TAKEN}
    return attach(
        submission, requirement, (), state=Artifact.State.READY, reused_from=source, **{**taken, **fields}
    )  # fmt: skip
