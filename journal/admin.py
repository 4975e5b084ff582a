"""The journal as platform admins see it: readable, never writable."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from journal.models import Entry


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Shows everything and changes nothing: states move only through a workflow."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Entry)
class EntryAdmin(ReadOnlyAdmin):
    list_display = ("created", "kind", "subject_kind", "subject_id", "actor")
    list_filter = ("kind",)
    search_fields = ("subject_id", "kind")
    list_select_related = ("actor",)
