"""What became of a pupil's recordings after the use was stopped: what the code on the form shows ever after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils import timezone

from journal.models import Entry
from submissions.models import Artifact, Consent, Content, Hold

State = Artifact.State


@dataclass(frozen=True)
class Aftermath:
    """Recordings by what became of them; one shown in several attempts counts once."""

    closed: int
    reopened: int  # the educator stated that this pupil is not in it
    deleted: int
    deleted_on: date | None
    held: bool  # a legal hold keeps something, closed

    @property
    def total(self) -> int:
        return self.closed + self.reopened + self.deleted


def aftermath(consent: Consent) -> Aftermath:
    """Told from the bytes themselves: deleted is what is not there any more."""
    entry = Entry.objects.filter(
        kind="submissions.consent_stopped", subject_kind=Consent._meta.label_lower, subject_id=str(consent.pk)
    ).first()
    rows = entry.data["closed"] if entry else []
    found = {row["content"] or row["artifact"] for row in rows}
    there = {str(pk) for pk in Content.objects.filter(pk__in=found).values_list("pk", flat=True)}
    artifacts = Artifact.objects.filter(
        pk__in=[row["artifact"] for row in rows], content__in=[UUID(one) for one in there]
    )
    closed = {str(one.content_id) for one in artifacts if one.state == State.QUARANTINED}
    return Aftermath(
        closed=len(closed),
        reopened=len(there - closed),
        deleted=len(found - there),
        deleted_on=_last_deletion([row["artifact"] for row in rows]) if found - there else None,
        held=Hold.objects.filter(
            submission__artifacts__in=artifacts.filter(state=State.QUARANTINED), lifted_at=None
        ).exists(),
    )


def _last_deletion(artifacts: list[str]) -> date | None:
    entries = Entry.objects.filter(
        kind="submissions.artifact_deleted", subject_kind=Artifact._meta.label_lower, subject_id__in=artifacts
    )
    last = entries.order_by("-created").first()
    return timezone.localdate(last.created) if last else None
