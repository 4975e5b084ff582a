"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from submissions.views import drafting

urlpatterns: list[URLPattern] = [
    path("micro-credentials/<slug:slug>/enrol/", drafting.enrol, name="enrol"),
    path("enrol/continue/", drafting.enrol_continue, name="enrol-continue"),
    path("enrolments/<uuid:pk>/target/", drafting.enrolment_target, name="enrolment-target"),
    path("enrolments/<uuid:pk>/leave/", drafting.enrolment_leave, name="enrolment-leave"),
    path("submissions/<uuid:pk>/", drafting.submission, name="submission"),
    path("submissions/<uuid:pk>/submit/", drafting.submission_submit, name="submission-submit"),
    path("submissions/<uuid:pk>/withdraw/", drafting.submission_withdraw, name="submission-withdraw"),
    path("submissions/<uuid:pk>/resubmit/", drafting.submission_resubmit, name="submission-resubmit"),
    path("submissions/<uuid:pk>/artifacts/", drafting.artifact_add, name="artifact-add"),
    path("artifacts/<uuid:pk>/delete/", drafting.artifact_delete, name="artifact-delete"),
    path("artifacts/<uuid:pk>/file/", drafting.artifact_file, name="artifact-file"),
]
