"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from submissions import views

urlpatterns: list[URLPattern] = [
    path("micro-credentials/<slug:slug>/enrol/", views.enrol, name="enrol"),
    path("enrol/continue/", views.enrol_continue, name="enrol-continue"),
    path("enrolments/<uuid:pk>/target/", views.enrolment_target, name="enrolment-target"),
    path("enrolments/<uuid:pk>/leave/", views.enrolment_leave, name="enrolment-leave"),
    path("submissions/<uuid:pk>/", views.submission, name="submission"),
    path("submissions/<uuid:pk>/submit/", views.submission_submit, name="submission-submit"),
    path("submissions/<uuid:pk>/withdraw/", views.submission_withdraw, name="submission-withdraw"),
    path("submissions/<uuid:pk>/resubmit/", views.submission_resubmit, name="submission-resubmit"),
    path("submissions/<uuid:pk>/artifacts/", views.artifact_add, name="artifact-add"),
    path("artifacts/<uuid:pk>/delete/", views.artifact_delete, name="artifact-delete"),
    path("artifacts/<uuid:pk>/file/", views.artifact_file, name="artifact-file"),
]
