"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from submissions import consent_urls
from submissions.views import (
    coaching,
    drafting,
    outcomes,
    planning,
    printing,
    rating,
    receipts,
    sharing,
    uploading,
)

urlpatterns: list[URLPattern] = [
    path("micro-credentials/<slug:slug>/enrol/", drafting.enrol, name="enrol"),
    path("enrol/continue/", drafting.enrol_continue, name="enrol-continue"),
    path("enrolments/<uuid:pk>/target/", drafting.enrolment_target, name="enrolment-target"),
    path("enrolments/<uuid:pk>/leave/", drafting.enrolment_leave, name="enrolment-leave"),
    path("enrolments/<uuid:pk>/plan/", planning.plan, name="enrolment-plan"),
    path("enrolments/<uuid:pk>/plan.ics", planning.calendar, name="enrolment-calendar"),
    path("submissions/<uuid:pk>/", drafting.submission, name="submission"),
    path("submissions/<uuid:pk>/submit/", drafting.submission_submit, name="submission-submit"),
    path("submissions/<uuid:pk>/withdraw/", drafting.submission_withdraw, name="submission-withdraw"),
    path("submissions/<uuid:pk>/resubmit/", drafting.submission_resubmit, name="submission-resubmit"),
    path("submissions/<uuid:pk>/coach/", coaching.submission_coach, name="submission-coach"),
    path("conversations/", coaching.conversations, name="conversations"),
    path("conversations/<uuid:pk>/", coaching.conversation, name="conversation"),
    path("conversations/<uuid:pk>/take/", coaching.conversation_take, name="conversation-take"),
    path("conversations/<uuid:pk>/close/", coaching.conversation_close, name="conversation-close"),
    path("submissions/<uuid:pk>/useful/", outcomes.submission_useful, name="submission-useful"),
    path(
        "submissions/<uuid:pk>/places/<slug:criterion>/<int:number>/",
        outcomes.submission_place,
        name="submission-place",
    ),
    path("submissions/<uuid:pk>/preview/", drafting.submission_preview, name="submission-preview"),
    path("submissions/<uuid:pk>/print/", printing.print_task, name="submission-print"),
    path("submissions/<uuid:pk>/self-rating/", rating.self_rating, name="submission-self-rating"),
    path("submissions/<uuid:pk>/receipt/", receipts.receipt, name="submission-receipt"),
    path("submissions/<uuid:pk>/receipt.pdf", receipts.receipt_file, name="submission-receipt-file"),
    path("submissions/<uuid:pk>/manifest.json", receipts.manifest, name="submission-manifest"),
    path("submissions/<uuid:pk>/artifacts/", drafting.artifact_add, name="artifact-add"),
    path("submissions/<uuid:pk>/evidence/", uploading.submission_evidence, name="submission-evidence"),
    path("submissions/<uuid:pk>/library/", sharing.library, name="submission-library"),
    path("submissions/<uuid:pk>/team/", sharing.team, name="submission-team"),
    path("teams/invitations/<uuid:pk>/", sharing.team_invitation, name="team-invitation"),
    path("submissions/<uuid:pk>/qr.svg", uploading.submission_qr, name="submission-qr"),
    path("artifacts/<uuid:pk>/delete/", uploading.artifact_delete, name="artifact-delete"),
    path("artifacts/<uuid:pk>/retry/", uploading.artifact_retry, name="artifact-retry"),
    path("artifacts/<uuid:pk>/captions/", uploading.artifact_captions, name="artifact-captions"),
    *consent_urls.urlpatterns,
    path("artifacts/<uuid:pk>/file/", drafting.artifact_file, name="artifact-file"),
    path("artifacts/<uuid:pk>/previews/<slug:kind>/", drafting.artifact_preview, name="artifact-preview"),
    path("evidence/<str:address>", drafting.evidence, name="evidence"),
]
