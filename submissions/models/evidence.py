"""Evidence: artifacts with their states, the bytes behind them, what was drawn from those, and uploads under way."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from submissions.models.work import Submission

# A spoken reflection belongs to Part 3; it stands beside the written answers under this key.
SPOKEN = "spoken-reflection"


class Scan(models.TextChoices):
    """What a virus scanner said."""

    NOT_SCANNED = "not_scanned", _("Not scanned")
    CLEAN = "clean", _("Scanned, nothing found")


class Content(models.Model):
    """Bytes we keep, once, however many artifacts show them: cleaned, and readable only with their own key.

    `secret` is the content's key, wrapped by the installation's; destroying it makes every copy of the bytes unreadable.
    An empty one means that the bytes lie open in the store, because that store hands them over itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    file = models.CharField(max_length=255)  # its key in the store
    secret = models.BinaryField(null=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_type = models.CharField(max_length=80)
    facts = models.JSONField(default=dict)  # width, height, duration (seconds), pages, …
    text = models.TextField(blank=True)  # what can be searched in it
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)
    previewed_at = models.DateTimeField(
        null=True, blank=True
    )  # when the slow previews were there, or given up
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(
                fields=["created"], condition=models.Q(previewed_at=None), name="content_previews_due"
            ),
        ]

    def __str__(self) -> str:
        return self.file

    @property
    def wrapped(self) -> bytes | None:
        """The wrapped key as `submissions.vault` takes it."""
        return bytes(self.secret) if self.secret else None


class Preview(models.Model):
    """What was drawn from a content: pictures, streamable versions, and captions, which come from the educator."""

    class Kind(models.TextChoices):
        POSTER = "poster", _("Still picture")
        THUMB = "thumb", _("Small picture")
        FIRST_PAGE = "first_page", _("First page")
        WAVEFORM = "waveform", _("Waveform")
        VIDEO_360 = "video_360", _("Video, 360 lines")
        VIDEO_720 = "video_720", _("Video, 720 lines")
        AUDIO = "audio", _("Sound")
        CAPTIONS = "captions", _("Captions")

    content = models.ForeignKey(Content, on_delete=models.CASCADE, related_name="previews")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    file = models.CharField(max_length=255)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["content", "kind"], name="preview_once")]

    def __str__(self) -> str:
        return f"{self.content_id} {self.kind}"


class Artifact(models.Model):
    """One piece of evidence: a file, a link or a text, tagged to a Part 2 requirement and to criteria.

    `requirement` is the key of the version's `ArtifactRequirement` (or `SPOKEN`); `criteria` are criterion keys. `name` is the
    educator's own file name and is never shown to assessors. `sha256`, `size` and `content_type` tell of what is
    assessed, `received_…` of what arrived; both stay when the bytes are gone.
    """

    Scan = Scan

    class Kind(models.TextChoices):
        FILE = "file", _("File")
        LINK = "link", _("Link")
        TEXT = "text", _("Text")

    class State(models.TextChoices):
        UPLOADING = "uploading", _("Uploading")
        RECEIVED = "received", _("Received")
        CHECKING = "checking", _("Being checked")
        READY = "ready", _("Ready")
        REJECTED = "rejected", _("Cannot be used")
        QUARANTINED = "quarantined", _("Closed")
        DELETED = "deleted", _("Deleted")

    class Coverage(models.TextChoices):
        OPEN = "", _("Not answered yet")
        COVERED = "covered", _("Everyone recognisable is covered by a form")
        NOBODY = "nobody", _("Nobody is recognisable")
        UNSURE = "unsure", _("Not sure")

    class Origin(models.TextChoices):
        NEW = "new", _("New")
        UNCHANGED = "unchanged", _("Unchanged since the last attempt")
        REPLACED = "replaced", _("Replaces what the last attempt had")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, on_delete=models.CASCADE, related_name="artifacts")
    kind = models.CharField(max_length=4, choices=Kind.choices)
    state = models.CharField(max_length=12, choices=State.choices, default=State.READY)
    requirement = models.SlugField(blank=True)
    criteria = ArrayField(models.SlugField(), default=list, blank=True)
    title = models.CharField(max_length=160)
    name = models.CharField(max_length=255, blank=True)
    url = models.URLField(max_length=500, blank=True)
    text = models.TextField(blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    created = models.DateTimeField(auto_now_add=True)

    content = models.ForeignKey(
        Content, null=True, blank=True, on_delete=models.SET_NULL, related_name="artifacts"
    )
    content_type = models.CharField(max_length=80, blank=True)
    size = models.PositiveBigIntegerField(default=0)
    sha256 = models.CharField(max_length=64, blank=True)
    received_size = models.PositiveBigIntegerField(default=0)
    received_sha256 = models.CharField(max_length=64, blank=True)
    scan = models.CharField(max_length=12, choices=Scan.choices, default=Scan.NOT_SCANNED)

    # Being checked: since when, how far, how often tried, and what was wrong, in words for the educator.
    state_since = models.DateTimeField(default=timezone.now)
    progress = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=0)
    problem_code = models.SlugField(blank=True)
    problem = models.TextField(blank=True)

    # Who can be recognised in it; `classes` are SchoolClass ids, `cleared` the ids of stopped consents not shown in it.
    coverage = models.CharField(max_length=8, choices=Coverage.choices, default=Coverage.OPEN, blank=True)
    classes = ArrayField(models.UUIDField(), default=list, blank=True)
    cleared = ArrayField(models.UUIDField(), default=list, blank=True)

    # Where it comes from: the last attempt, her own earlier work (declared), a team mate.
    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.NEW)
    before = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    reused_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    team = models.ForeignKey(
        "submissions.Team", null=True, blank=True, on_delete=models.SET_NULL, related_name="artifacts"
    )

    # Links: when the copy was made; without one it is not sealed and may show names.
    captured_at = models.DateTimeField(null=True, blank=True)

    # Retention: bytes go on this day; she is told before.
    delete_on = models.DateField(null=True, blank=True)
    warned_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["order", "created"]
        indexes: ClassVar = [
            models.Index(
                fields=["state_since"],
                condition=models.Q(state__in=["uploading", "received", "checking"]),
                name="artifact_under_way",
            ),
            models.Index(
                fields=["delete_on"], condition=~models.Q(delete_on=None), name="artifact_retention"
            ),
            GinIndex(fields=["classes"], name="artifact_classes"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="artifact_state",
                condition=models.Q(
                    state__in=[
                        *("uploading", "received", "checking", "ready", "rejected", "quarantined", "deleted"),
                    ]
                ),
            ),
            models.CheckConstraint(
                name="artifact_coverage", condition=models.Q(coverage__in=["", "covered", "nobody", "unsure"])
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def sealed(self) -> bool:
        """Whether what assessors see is fixed by a hash; a live link is not."""
        return self.kind != self.Kind.LINK or bool(self.sha256)


class Upload(models.Model):
    """A file on its way in. The offset is never stored: the bytes that are there (or the store's list of parts) tell it.

    `sample` recognises the same file chosen again: a hash of its name, size, date and first bytes, made in the browser.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Under way")
        COMPLETE = "complete", _("Complete")
        ENDED = "ended", _("Cancelled or expired")

    class Via(models.TextChoices):
        DISK = "disk", _("Through the web server to its disk")
        STORE = "store", _("Straight to the object store, in parts")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    artifact = models.OneToOneField(Artifact, null=True, on_delete=models.SET_NULL, related_name="upload")
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    via = models.CharField(max_length=5, choices=Via.choices, default=Via.DISK)
    size = models.PositiveBigIntegerField()
    metadata = models.CharField(max_length=2000, blank=True)  # Upload-Metadata as it was sent
    sample = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)  # of the whole, where the client told it
    store_id = models.CharField(max_length=1024, blank=True)  # the store's id of the multipart upload
    part_size = models.PositiveBigIntegerField(default=0)
    expires = models.DateTimeField()
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["owner", "created"], name="upload_mine"),
            models.Index(fields=["expires"], condition=models.Q(state="open"), name="upload_expiry"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="upload_state", condition=models.Q(state__in=["open", "complete", "ended"])
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def lapsed(self) -> bool:
        """Whether it rested too long, even if nobody has swept it up yet."""
        return self.state == self.State.OPEN and self.expires <= timezone.now()
