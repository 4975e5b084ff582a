"""Messages for platform admins: visible, not changeable."""

from __future__ import annotations

from django.contrib import admin

from journal.admin import ReadOnlyAdmin
from notifications.models import Message, Preference, Question


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("created", "kind", "user", "address", "state", "tries")
    list_filter = ("state", "kind")
    list_select_related = ("user",)


admin.site.register([Preference, Question], ReadOnlyAdmin)
