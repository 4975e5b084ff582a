"""What platform admins see: enrolments, attempts, evidence. They read; only verbs change."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from journal.admin import ReadOnlyAdmin
from journal.workflow import GuardError
from submissions import workflow
from submissions.models import Artifact, Enrolment, Hold, Outcome, Submission


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
    exclude = ("self_rating",)  # hers alone


@admin.register(Artifact)
class ArtifactAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "requirement", "content_type", "size", "scan", "created")
    list_filter = ("kind", "scan")


@admin.register(Outcome)
class OutcomeAdmin(ReadOnlyAdmin):
    list_display = ("submission", "criterion", "level", "passed")
    list_select_related = ("submission", "criterion")


@admin.register(Hold)
class HoldAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Legal holds: placed and lifted here, by the verbs; they are never changed or removed."""

    list_display = ("submission", "reason", "placed_by", "placed_at", "lifted_at")
    list_select_related = ("submission", "placed_by")
    autocomplete_fields = ("submission",)
    fields = ("submission", "reason")
    actions = ("lift",)

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        obj.pk = workflow.hold(obj.submission, cast(User, request.user), obj.reason).pk

    @admin.action(description=_("Lift the chosen holds"), permissions=["add"])
    def lift(self, request: HttpRequest, queryset: QuerySet[Hold]) -> None:
        for row in queryset.select_related("submission"):
            try:
                workflow.lift(row, cast(User, request.user))
            except GuardError as refusal:
                messages.error(request, str(refusal.message))
