"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from review import settling_urls
from review.views import (
    anchors,
    calibration,
    commenting,
    completeness,
    doubts,
    governing,
    noting,
    permitting,
    quality,
    reviewing,
)

urlpatterns: list[URLPattern] = [
    *settling_urls.urlpatterns,
    path("review/", reviewing.queue, name="review-queue"),
    path("review/completed/", reviewing.completed, name="review-completed"),
    path("review/quality/", quality.quality, name="review-quality"),
    path("review/quality/mine/", quality.own, name="review-quality-own"),
    path("review/quality/<slug:slug>.csv", quality.quality_csv, name="review-quality-csv"),
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
    path("review/giving/", governing.giving, name="review-giving"),
    path("review/giving/<uuid:pk>/assign/", governing.assign, name="review-assign"),
    path("review/giving/<uuid:pk>/one/", governing.one_decides, name="review-one-decides"),
    path("review/away/", governing.away, name="review-away"),
    path("organizations/<slug:slug>/assessment/", governing.policy, name="organization-assessment"),
    path("review/anchors/", anchors.anchors, name="review-anchors"),
    path("review/anchors/ask/<uuid:pk>/", anchors.ask, name="review-anchor-ask"),
    path("review/anchors/build/<uuid:pk>/", anchors.build, name="review-anchor-build"),
    path("review/anchors/<uuid:pk>/", anchors.anchor, name="review-anchor"),
    path("review/anchors/<uuid:pk>/retire/", anchors.retire, name="review-anchor-retire"),
    path(
        "review/anchors/<uuid:pk>/artifacts/<uuid:artifact>/", anchors.artifact, name="review-anchor-artifact"
    ),
    path("review/calibration/", calibration.calibration, name="review-calibration"),
    path("review/calibration/versions/<uuid:pk>/", calibration.start, name="calibration-start"),
    path("review/calibration/<uuid:pk>/", calibration.run, name="calibration-run"),
    path("review/calibration/<uuid:pk>/stop/", calibration.stop, name="calibration-stop"),
    path("review/assessors/", calibration.assessors, name="review-assessors"),
    path("review/licences/<uuid:pk>/end/", calibration.end_licence, name="licence-end"),
    path("permissions/", permitting.permissions, name="anchor-permissions"),
    path("permissions/<uuid:pk>/", permitting.permission, name="anchor-permission"),
    path("review/comments/", commenting.comments, name="review-comments"),
    path("review/comments/<uuid:pk>/insert/", commenting.insert, name="review-comment-insert"),
    path("review/comments/<uuid:pk>/<slug:verb>/", commenting.comment, name="review-comment"),
    path("review/claim/<uuid:pk>/", reviewing.claim, name="review-claim"),
    path("review/<uuid:pk>/", reviewing.desk, name="review-desk"),
    path("review/<uuid:pk>/check/", completeness.check, name="review-check"),
    path("review/<uuid:pk>/changed/", completeness.changed, name="review-changed"),
    path("review/<uuid:pk>/complete/", reviewing.complete, name="review-complete"),
    path("review/<uuid:pk>/notes/", noting.notes, name="review-notes"),
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
