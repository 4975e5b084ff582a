"""This room's paths under /api/v1/."""

from __future__ import annotations

from django.urls import path

from badges import api

urlpatterns = [
    path("awards/", api.AwardListView.as_view(), name="api-awards"),
    path("awards/<uuid:pk>/", api.AwardView.as_view(), name="api-award"),
    path("awards/<uuid:pk>/revoke/", api.RevokeView.as_view(), name="api-award-revoke"),
    path("awards/<uuid:pk>/share/", api.ShareView.as_view(), name="api-award-share"),
    path("verify/", api.VerifyView.as_view(), name="api-verify"),
]
