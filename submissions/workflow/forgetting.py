"""Deleting evidence: the bytes go with their key, the hash stays."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError
from submissions.models import Artifact, Hold
from submissions.workflow.keeping import HOLDING, let_go
from submissions.workflow.table import move_artifact


def held_back(artifact: Artifact) -> bool:
    """Whether a legal hold keeps it."""
    return Hold.objects.filter(submission=artifact.submission_id, lifted_at=None).exists()


def check_no_hold(artifact: Artifact) -> None:
    """Nobody takes away what a legal hold keeps, whichever way she tries it."""
    if artifact.state in HOLDING and held_back(artifact):
        raise GuardError(
            _(
                "This evidence is under a legal hold: it cannot be deleted or exchanged until the hold is lifted."
            )
        )


def delete_bytes(artifact: Artifact, actor: User | None, reason: str) -> None:
    """Let go of the bytes for good; `reason` is a word for the journal. The hash and what was decided stay."""
    with transaction.atomic():
        if held_back(artifact):
            raise GuardError(
                _(
                    "This evidence is under a legal hold: it cannot be deleted yet. Nobody can open it meanwhile."
                )
            )
        content = artifact.content_id
        move_artifact(
            artifact, "delete", actor, content_id=None, text="", deleted_at=timezone.now(), delete_on=None,
            data={"reason": reason},
        )  # fmt: skip
        let_go(content)
