"""Awards for platform admins: all to be seen, nothing to be changed past a verb."""

from __future__ import annotations

from django.contrib import admin

from badges.models import Award, Share, StatusList
from journal.admin import ReadOnlyAdmin


@admin.register(Award)
class AwardAdmin(ReadOnlyAdmin):
    list_display = ("id", "micro_credential", "earner", "issuer", "state", "visibility", "awarded_at")
    list_filter = ("state", "visibility")
    list_select_related = ("micro_credential", "earner", "issuer")
    search_fields = ("id", "earner__email", "micro_credential__title")


@admin.register(Share)
class ShareAdmin(ReadOnlyAdmin):
    list_display = ("award", "organisation", "school", "state", "created")
    list_select_related = ("organisation", "school")


@admin.register(StatusList)
class StatusListAdmin(ReadOnlyAdmin):
    list_display = ("id", "issuer", "size", "updated")
    list_select_related = ("issuer",)
