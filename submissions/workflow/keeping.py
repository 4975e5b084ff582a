"""The bytes behind evidence: kept while anything shows them, destroyed with their key when nothing does."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from submissions import vault
from submissions.media.engine import Result
from submissions.models import Artifact, Content, Preview

Evidence = Artifact.State
HOLDING = (Evidence.READY, Evidence.QUARANTINED)
ORPHAN = timedelta(days=1)
SLOW = ("video/", "audio/", "application/pdf")  # what has previews that take long
TYPES = {".webp": "image/webp", ".mp4": "video/mp4", ".m4a": "audio/mp4", ".vtt": "text/vtt"}


@dataclass
class Kept:
    """What lies in the vault while nothing shows it yet."""

    content: Content
    previews: list[Preview] = field(default_factory=list)

    def save(self) -> Content:
        """The rows of the previews; in the transaction in which something begins to show the content."""
        Preview.objects.bulk_create(self.previews)
        return self.content


def keep(owner: User, result: Result, scan: str) -> Kept:
    """Seal a cleaned file and its first previews. Nothing stays behind when the store does not take them all.

    The content's row comes before its bytes: after a crash the sweep knows what lies in the store for nobody.
    """
    if result.assessed is None:
        raise AssertionError("a file that passed has a cleaned copy")
    random = uuid4().hex
    secret = vault.new_secret() if vault.seals() else None
    facts = {**result.facts, "minhash": result.minhash, "phash": result.phash}
    slow = result.content_type.startswith(SLOW)
    content = Content(
        owner=owner, file=f"evidence/{random[:2]}/{random}", secret=secret, size=result.size, sha256=result.sha256,
        content_type=result.content_type, facts=facts, text=result.text, scan=scan,
        previewed_at=None if slow else timezone.now(),
    )  # fmt: skip
    content.save(force_insert=True)
    kept = Kept(content)
    try:
        vault.put(content.file, result.assessed, secret)
        for kind, path in result.previews.items():
            kept.previews.append(put_preview(content, kind, path, _early(content, kind)))
    except BaseException:
        let_go_of(kept)
        raise
    return kept


def _early(content: Content, kind: str) -> str:
    return f"{content.file}-{kind}"


def put_preview(content: Content, kind: str, path: Path, name: str = "") -> Preview:
    """Seal one preview beside its content; the row is not saved yet."""
    name = name or f"{content.file}-{kind}-{uuid4().hex[:8]}"
    vault.put(name, path, content.wrapped)
    return Preview(
        content=content, kind=kind, file=name, content_type=TYPES[path.suffix], size=path.stat().st_size
    )


def let_go_of(kept: Kept) -> None:
    """Take back what lies in the vault for nobody."""
    Content.objects.filter(pk=kept.content.pk, artifacts=None).delete()
    vault.discard(kept.content.file, *(_early(kept.content, kind) for kind in Preview.Kind))


def sweep_contents() -> int:
    """Contents that nothing ever showed, or whose last artifact went in a way that did not tell us."""
    before = timezone.now() - ORPHAN
    rows = list(Content.objects.filter(artifacts=None, created__lt=before).order_by("created")[:500])
    for content in rows:
        with transaction.atomic():
            let_go(content.pk)
        vault.discard(*(_early(content, kind) for kind in Preview.Kind))
    return len(rows)


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
