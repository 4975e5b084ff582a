"""The slow previews: what can be streamed on a slow line, and the pages of a document. The file can be used before."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from submissions import uploads, vault
from submissions.media import engine
from submissions.models import Content, Preview
from submissions.workflow.keeping import put_preview

logger = logging.getLogger(__name__)
LONGEST = 6 * 3600  # seconds; a lock older than this belongs to a dead worker
LATE = timedelta(hours=1)
KINDS = {"video": ("video_360", "video_720"), "audio": ("audio",), "application": engine.PAGES}


def previews_due() -> QuerySet[Content]:
    """Recordings and documents whose previews nobody made."""
    return Content.objects.filter(previewed_at=None, created__lt=timezone.now() - LATE).order_by("created")[
        :10
    ]


def preview(content: Content) -> None:
    """Make them once: the broker hands a long task out again while it still runs, so one worker at a time."""
    lock = f"preview-{content.pk}"
    if not cache.add(lock, 1, timeout=LONGEST):
        return
    try:
        with uploads.workroom("preview") as folder:
            _store(content, _draw(content, Path(folder)))
    except vault.Gone:
        logger.info("content %s was deleted before its previews were made", content.pk)
    except (vault.Unavailable, engine.Unable) as problem:
        logger.warning("previews of %s wait for the next sweep: %s", content.pk, problem)
    finally:
        cache.delete(lock)


def _draw(content: Content, folder: Path) -> list[Preview]:
    source = folder / "content"
    kinds = KINDS.get(content.content_type.partition("/")[0], ())
    if not kinds:
        return []
    vault.open_to(content.file, content.wrapped, source)
    made = engine.previews(source, content.content_type, out=folder, kinds=kinds, ffmpeg=settings.FFMPEG)
    return [put_preview(content, kind, file) for kind, file in made.items()]


def _store(content: Content, previews: list[Preview]) -> None:
    """The rows; for a content that is gone by now the bytes go again."""
    with transaction.atomic():
        alive = Content.objects.filter(pk=content.pk).update(previewed_at=timezone.now())
        known = set(Preview.objects.filter(content=content).values_list("kind", flat=True))
        new = [row for row in previews if alive and row.kind not in known]
        Preview.objects.bulk_create(new)
    vault.discard(*(row.file for row in previews if row not in new))
