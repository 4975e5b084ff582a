"""Micro-credentials and everything the public may read before enrolling."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Organisation


class EvidenceKind(models.TextChoices):
    PLAN = "plan", _("Lesson or project plan")
    STUDENT_WORK = "student-work", _("Student work")
    VIDEO = "video", _("Video")
    AUDIO = "audio", _("Audio")
    PHOTO = "photo", _("Photo")
    TEXT = "text", _("Text")


class Part(models.IntegerChoices):
    OVERVIEW = 1, _("Overview questions")
    ARTIFACTS = 2, _("Work examples / artifacts")
    REFLECTION = 3, _("Reflection")


class Term(models.Model):
    """A word of a facet: a job role, a topic, a grade band."""

    class Kind(models.TextChoices):
        JOB_ROLE = "role", _("Job role")
        TOPIC = "topic", _("Topic")
        GRADE_BAND = "grade", _("Grade band")

    kind = models.CharField(max_length=8, choices=Kind.choices)
    slug = models.SlugField()
    name = models.CharField(max_length=80)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["kind", "order", "name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["kind", "slug"], name="term_once")]

    def __str__(self) -> str:
        return self.name


class Framework(models.Model):
    """A published set of standards."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=160)
    publisher = models.CharField(max_length=120)

    def __str__(self) -> str:
        return self.title


class Standard(models.Model):
    """One item of a framework, by its code."""

    framework = models.ForeignKey(Framework, on_delete=models.CASCADE, related_name="standards")
    code = models.CharField(max_length=60)
    title = models.CharField(max_length=200)

    class Meta:
        ordering: ClassVar = ["framework", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["framework", "code"], name="standard_once")]

    def __str__(self) -> str:
        return f"{self.code} {self.title}" if any(map(str.isdigit, self.code)) else self.title

    @property
    def key(self) -> str:
        """The value used in filters: `framework:code` (needs `framework` loaded)."""
        return f"{self.framework.slug}:{self.code}"


class MicroCredential(models.Model):
    """One discrete competency that can be earned. What it says lives in its versions.

    `title … search` repeat the current version for the explorer, so that a list of cards is one query; only
    `workflow.publish` writes them. `facets` holds `Term`, `Standard` and attribute keys as text for one GIN index.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    slug = models.SlugField(max_length=80, unique=True)
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="micro_credentials")
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    current = models.ForeignKey("Version", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    hours_low = models.PositiveSmallIntegerField(default=0)
    hours_high = models.PositiveSmallIntegerField(default=0)
    weeks = models.PositiveSmallIntegerField(default=4)
    glyph = models.CharField(max_length=40, default="default")
    evidence_kinds = ArrayField(models.CharField(max_length=16, choices=EvidenceKind.choices), default=list)
    facets = ArrayField(models.CharField(max_length=120), default=list)
    search = SearchVectorField(null=True)
    published_at = models.DateTimeField(null=True, blank=True)
    created = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes: ClassVar = [
            GinIndex(fields=["search"], name="mc_search"),
            GinIndex(fields=["facets"], name="mc_facets"),
            models.Index(fields=["title", "id"], condition=models.Q(state="published"), name="mc_browse"),
            models.Index(
                fields=["published_at", "id"], condition=models.Q(state="published"), name="mc_newest"
            ),
            models.Index(
                fields=["hours_high", "title", "id"],
                condition=models.Q(state="published"),
                name="mc_shortest",
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="mc_state", condition=models.Q(state__in=["draft", "published", "retired"])
            ),
            models.CheckConstraint(
                name="mc_published_has_version",
                condition=~models.Q(state="published") | models.Q(current__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class FacetCount(models.Model):
    """How many published micro-credentials carry a facet key, for the unfiltered explorer.

    It holds the whole vocabulary with its words, zero counts too, so that all facets are one query.
    """

    key = models.CharField(primary_key=True, max_length=120)
    group = models.CharField(max_length=20, blank=True)
    label = models.CharField(max_length=280, blank=True)
    parent = models.CharField(max_length=160, blank=True)
    order = models.PositiveSmallIntegerField(default=0)
    count = models.PositiveIntegerField()

    class Meta:
        ordering: ClassVar = ["group", "order", "label"]

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"


class Version(models.Model):
    """The full template as it stood when published. Immutable from then on: contracts and badges point here."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=State.choices, default=State.DRAFT)
    title = models.CharField(max_length=120)
    summary = models.CharField(max_length=200)
    competency = models.TextField()
    key_method = models.TextField()
    method_components = models.JSONField(default=list)  # [{title, text}]
    rationale = models.TextField()  # Markdown
    research = models.JSONField(default=list)  # [{citation, finding}]
    resources = models.JSONField(default=list)  # [{title, kind, purpose, note}]
    who_benefits = models.TextField(blank=True)
    hours_low = models.PositiveSmallIntegerField()
    hours_high = models.PositiveSmallIntegerField()
    weeks = models.PositiveSmallIntegerField(default=4)
    term_months = models.PositiveSmallIntegerField(
        _("valid for, in months"), null=True, blank=True, help_text=_("Empty: the badge does not expire.")
    )
    glyph = models.CharField(max_length=40, default="default")
    evidence_kinds = ArrayField(models.CharField(max_length=16, choices=EvidenceKind.choices), default=list)
    earnable_remotely = models.BooleanField(default=False)
    without_students = models.BooleanField(default=False)
    terms = models.ManyToManyField(Term, related_name="+")
    standards = models.ManyToManyField(Standard, related_name="+")
    attestations = models.JSONField(default=list)  # [{key, text}]; stored with every submission
    teams = models.BooleanField(default=False, help_text=_("Artifacts may be shared in a declared team."))
    sealed_only = models.BooleanField(
        default=False, help_text=_("A link that cannot be captured as a copy cannot be submitted.")
    )
    # [{outcome, title, text, annotations: [{criterion, level, note}]}]
    examples = models.JSONField(default=list)
    published_at = models.DateTimeField(null=True, blank=True)
    # The whole template as one document, written once when it is frozen: its page and API are one query.
    template = models.JSONField(default=dict)
    # Figures of this version that later rooms deliver through `workflow.publish_figures`.
    figures = models.JSONField(default=dict)

    class Meta:
        ordering: ClassVar = ["micro_credential", "number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["micro_credential", "number"], name="version_once"),
            models.CheckConstraint(
                name="version_state", condition=models.Q(state__in=["draft", "published"])
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"


class Question(models.Model):
    """A Part 1 or Part 3 question with its word limits (0 = none)."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="questions")
    part = models.PositiveSmallIntegerField(choices=Part.choices)
    key = models.SlugField()
    prompt = models.TextField()
    min_words = models.PositiveSmallIntegerField(default=0)
    max_words = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["part", "order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "key"], name="question_once")]

    def __str__(self) -> str:
        return self.prompt


class ArtifactRequirement(models.Model):
    """One kind of evidence Part 2 asks for, and how many."""

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="requirements")
    key = models.SlugField()
    title = models.CharField(max_length=120)
    description = models.TextField()
    kinds = ArrayField(models.CharField(max_length=16, choices=EvidenceKind.choices), default=list)
    minimum = models.PositiveSmallIntegerField(default=1)
    maximum = models.PositiveSmallIntegerField(default=1)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "key"], name="requirement_once")]

    def __str__(self) -> str:
        return self.title


class Criterion(models.Model):
    """A line of the rubric. The highest-ordered level at or above `passing` earns it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField()
    part = models.PositiveSmallIntegerField(choices=Part.choices)
    title = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    requirements = models.ManyToManyField(ArtifactRequirement, related_name="criteria", blank=True)
    passing = models.PositiveSmallIntegerField()  # `Level.order` of the passing level
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        verbose_name_plural = "criteria"
        ordering: ClassVar = ["part", "order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "key"], name="criterion_once")]

    def __str__(self) -> str:
        return self.title


class Level(models.Model):
    """One level of a criterion; `order` counts from 1, low to high."""

    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="levels")
    order = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=40)
    description = models.TextField()

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["criterion", "order"], name="level_once")]

    def __str__(self) -> str:
        return self.name


class Collection(models.Model):
    """A curated list, signed by its editor."""

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField()
    curator = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    editor = models.CharField(max_length=120)
    members = models.ManyToManyField(MicroCredential, through="CollectionItem", related_name="collections")

    class Meta:
        ordering: ClassVar = ["title"]

    def __str__(self) -> str:
        return self.title


class CollectionItem(models.Model):
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="items")
    micro_credential = models.ForeignKey(MicroCredential, on_delete=models.CASCADE, related_name="+")
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["collection", "micro_credential"], name="collection_item_once")
        ]

    def __str__(self) -> str:
        return str(self.order)


class Stack(models.Model):
    """Micro-credentials that together lead to a certificate."""

    class Rule(models.TextChoices):
        ALL = "all", _("All of them")
        N_OF_M = "n_of_m", _("A number of them")
        GROUPS = "groups", _("A number from each group")

    class OnRevoked(models.TextChoices):
        SUSPEND = "suspend", _("The certificate pauses until the rule is met again")
        REVOKE = "revoke", _("The certificate is revoked too")

    slug = models.SlugField(unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField()
    issuer = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="stacks")
    rule = models.CharField(max_length=8, choices=Rule.choices, default=Rule.ALL)
    minimum = models.PositiveSmallIntegerField(default=0, help_text=_("For “a number of them”."))
    on_revoked = models.CharField(
        _("when a part is revoked"), max_length=7, choices=OnRevoked.choices, default=OnRevoked.SUSPEND
    )
    certificate = models.CharField(max_length=160)

    class Meta:
        ordering: ClassVar = ["title"]

    def __str__(self) -> str:
        return self.title


class StackGroup(models.Model):
    """A group inside a stack; a stack without groups has exactly one."""

    stack = models.ForeignKey(Stack, on_delete=models.CASCADE, related_name="groups")
    title = models.CharField(max_length=120, blank=True)
    minimum = models.PositiveSmallIntegerField(default=0)
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]

    def __str__(self) -> str:
        return self.title


class StackItem(models.Model):
    group = models.ForeignKey(StackGroup, on_delete=models.CASCADE, related_name="items")
    micro_credential = models.ForeignKey(
        MicroCredential, on_delete=models.CASCADE, related_name="stack_items"
    )
    order = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "micro_credential"], name="stack_item_once")
        ]

    def __str__(self) -> str:
        return str(self.order)
