"""Paths of what approvers settle, written from the root."""

from __future__ import annotations

from django.urls import URLPattern, path

from review.views import adjudicating, appeals, unblinding

urlpatterns: list[URLPattern] = [
    path("review/adjudications/", adjudicating.adjudications, name="review-adjudications"),
    path("review/adjudications/<uuid:pk>/", adjudicating.adjudication, name="adjudication"),
    path("review/adjudications/<uuid:pk>/begin/", adjudicating.begin, name="adjudication-begin"),
    path("review/appeals/", appeals.appeals, name="review-appeals"),
    path("review/appeals/<uuid:pk>/", appeals.review_appeal, name="review-appeal"),
    path("review/unblind/<uuid:pk>/", unblinding.unblind, name="review-unblind"),
    path("appeals/<uuid:pk>/", appeals.appeal, name="appeal"),
    path("organizations/<slug:slug>/unblindings/", unblinding.unblindings, name="organization-unblindings"),
]
