"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from review import views

urlpatterns: list[URLPattern] = [
    path("review/", views.queue, name="review-queue"),
    path("review/completed/", views.completed, name="review-completed"),
    path("review/claim/<uuid:pk>/", views.claim, name="review-claim"),
    path("review/<uuid:pk>/", views.desk, name="review-desk"),
    path("review/<uuid:pk>/complete/", views.complete, name="review-complete"),
    path("review/<uuid:pk>/release/", views.release, name="review-release"),
    path("review/<uuid:pk>/recuse/", views.recuse, name="review-recuse"),
    path("review/<uuid:pk>/continue/", views.continue_here, name="review-continue"),
    path("review/<uuid:pk>/artifacts/<uuid:artifact>/", views.artifact, name="review-artifact"),
    path(
        "review/<uuid:pk>/artifacts/<uuid:artifact>/<slug:kind>/",
        views.artifact_preview,
        name="review-preview",
    ),
]
