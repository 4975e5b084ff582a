"""What platform admins see: enrolments, attempts, evidence. They read; only verbs change."""

from __future__ import annotations

from django.contrib import admin

from journal.admin import ReadOnlyAdmin
from submissions.models import Artifact, Enrolment, Outcome, Submission


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "micro_credential", "state", "target_date", "created")
    list_filter = ("state",)
    list_select_related = ("micro_credential",)


@admin.register(Submission)
class SubmissionAdmin(ReadOnlyAdmin):
    list_display = ("code", "enrolment_id", "attempt", "state", "submitted_at", "decided_at")
    list_filter = ("state",)
    search_fields = ("code",)


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "requirement", "content_type", "size", "scan", "created")
    list_filter = ("kind", "scan")
    exclude = ("file",)


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("submission", "criterion", "level", "passed")
    list_select_related = ("submission", "criterion")
