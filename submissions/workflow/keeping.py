"""The bytes behind evidence: kept while anything shows them, destroyed with their key when nothing does."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from submissions import vault
from submissions.models import Artifact, Content, Preview

Evidence = Artifact.State
HOLDING = (Evidence.READY, Evidence.QUARANTINED)


def let_go(content_id: UUID | None) -> bool:
    """Destroy a content that no artifact holds any more: first its key, then its bytes and all that was drawn from it.

    Call it in the transaction that let go of it; the bytes go after commit. Whether it was destroyed is answered.
    """
    if content_id is None:
        return False
    content = Content.objects.select_for_update().filter(pk=content_id).first()
    if content is None or Artifact.objects.filter(content=content, state__in=HOLDING).exists():
        return False
    keys = [content.file, *Preview.objects.filter(content=content).values_list("file", flat=True)]
    Artifact.objects.filter(content=content).update(content=None)
    content.delete()
    transaction.on_commit(lambda: vault.discard(*keys))
    return True
