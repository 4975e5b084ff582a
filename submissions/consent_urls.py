"""Paths about classes, forms and stops, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from submissions.views import classes, covering, policies, stopping

urlpatterns: list[URLPattern] = [
    path("account/classes/", classes.classes, name="classes"),
    path("account/classes/new/", classes.class_new, name="class-new"),
    path("account/classes/<uuid:pk>/", classes.class_page, name="class"),
    path("account/classes/<uuid:pk>/forms/", classes.class_forms, name="class-forms"),
    path("account/classes/<uuid:pk>/pupils/<int:number>/stop/", classes.class_stop, name="class-stop"),
    path("artifacts/<uuid:pk>/coverage/", covering.artifact_coverage, name="artifact-coverage"),
    path("artifacts/<uuid:pk>/stopped/", covering.artifact_stopped, name="artifact-stopped"),
    path("submissions/<uuid:pk>/texts/", covering.submission_texts, name="submission-texts"),
    path("organizations/<slug:slug>/evidence/", policies.policy, name="organization-evidence"),
    path("stop/", stopping.stop, name="stop"),
]
