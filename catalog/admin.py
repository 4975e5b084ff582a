"""The catalog as platform admins see it: a draft's words may be mended, a published version never."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.texts import SignedWords
from catalog.models import (
    ArtifactRequirement,
    Collection,
    CollectionItem,
    Criterion,
    FacetCount,
    Framework,
    Level,
    MicroCredential,
    Question,
    Stack,
    StackGroup,
    StackItem,
    Standard,
    Term,
    Version,
)
from journal.admin import ReadOnlyAdmin


def _draft(obj: Any) -> bool:
    """Whether a version, or what belongs to one, is still a draft."""
    version = obj.criterion.version if isinstance(obj, Level) else getattr(obj, "version", obj)
    return isinstance(version, Version) and version.state == Version.State.DRAFT


class OnlyDrafts(SignedWords):
    """Adds and deletes nothing; changes words of drafts, never states."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is not None and _draft(obj)


@admin.register(MicroCredential)
class MicroCredentialAdmin(ReadOnlyAdmin):
    list_display = ("title", "issuer", "state", "published_at")
    list_filter = ("state", "issuer")
    list_select_related = ("issuer",)
    search_fields = ("title", "slug")
    exclude = ("search",)


@admin.register(Version)
class VersionAdmin(OnlyDrafts, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "number", "state", "published_at")
    list_filter = ("state",)
    search_fields = ("title",)
    readonly_fields = ("micro_credential", "number", "state", "published_at", "template", "figures")


@admin.register(Question, ArtifactRequirement, Criterion)
class PartAdmin(OnlyDrafts, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("key", "version")
    list_select_related = ("version",)
    readonly_fields = ("version", "key")


@admin.register(Level)
class LevelAdmin(OnlyDrafts, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("name", "criterion", "order")
    list_select_related = ("criterion__version",)
    readonly_fields = ("criterion", "order")


class CollectionItemInline(admin.TabularInline):  # type: ignore[type-arg]
    model = CollectionItem
    extra = 0


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "editor", "curator")
    inlines = (CollectionItemInline,)


class StackGroupInline(SignedWords, admin.TabularInline):  # type: ignore[type-arg]
    model = StackGroup
    extra = 0


class StackItemInline(admin.TabularInline):  # type: ignore[type-arg]
    model = StackItem
    extra = 0


@admin.register(Stack)
class StackAdmin(SignedWords, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "issuer", "rule")
    inlines = (StackGroupInline,)


@admin.register(StackGroup)
class StackGroupAdmin(SignedWords, admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("title", "stack")
    inlines = (StackItemInline,)


@admin.register(Term, Framework, Standard)
class VocabularyAdmin(SignedWords, admin.ModelAdmin):  # type: ignore[type-arg]
    """Topics and standards stand in badges as tags and alignments."""


admin.site.register(FacetCount, ReadOnlyAdmin)
