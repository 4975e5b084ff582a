"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from review.views import doubts, reviewing

urlpatterns: list[URLPattern] = [
    path("review/", reviewing.queue, name="review-queue"),
    path("review/completed/", reviewing.completed, name="review-completed"),
    path("review/likenesses/", doubts.likenesses, name="likenesses"),
    path("review/likenesses/<uuid:pk>/", doubts.likeness, name="likeness"),
    path("review/likenesses/<uuid:pk>/dismiss/", doubts.likeness_dismiss, name="likeness-dismiss"),
    path("review/likenesses/<uuid:pk>/case/", doubts.likeness_case, name="likeness-case"),
    re_path(
        r"^review/likenesses/(?P<pk>[0-9a-f-]{36})/(?P<side>newer|older)\.webp$",
        doubts.likeness_picture,
        name="likeness-picture",
    ),
    path("review/cases/", doubts.cases, name="review-cases"),
    path("review/cases/<uuid:pk>/", doubts.review_case, name="review-case"),
    path("cases/<uuid:pk>/", doubts.case, name="case"),
    path("review/claim/<uuid:pk>/", reviewing.claim, name="review-claim"),
    path("review/<uuid:pk>/", reviewing.desk, name="review-desk"),
    path("review/<uuid:pk>/complete/", reviewing.complete, name="review-complete"),
    path("review/<uuid:pk>/release/", reviewing.release, name="review-release"),
    path("review/<uuid:pk>/recuse/", reviewing.recuse, name="review-recuse"),
    path("review/<uuid:pk>/continue/", reviewing.continue_here, name="review-continue"),
    path("review/<uuid:pk>/artifacts/<uuid:artifact>/", reviewing.artifact, name="review-artifact"),
    path(
        "review/<uuid:pk>/artifacts/<uuid:artifact>/<slug:kind>/",
        reviewing.artifact_preview,
        name="review-preview",
    ),
]
