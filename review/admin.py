"""What platform admins see of reviews: everything, to read. Claims and decisions move only through the workflow."""

from __future__ import annotations

from django.contrib import admin

from journal.admin import ReadOnlyAdmin
from review.models import Assignment, Score


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "submission", "assessor", "state", "due", "claimed_at", "ended_at")
    list_filter = ("state",)
    list_select_related = ("submission", "assessor")


@admin.register(Score)
class ScoreAdmin(ReadOnlyAdmin):
    list_display = ("assignment_id", "criterion", "level")
    list_select_related = ("criterion",)
