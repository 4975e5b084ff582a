"""This room's paths under /api/v1/."""

from __future__ import annotations

from django.urls import path

from badges import api, api_granting, api_revocations

urlpatterns = [
    path("awards/", api.AwardListView.as_view(), name="api-awards"),
    path("awards/<uuid:pk>/", api.AwardView.as_view(), name="api-award"),
    path("awards/<uuid:pk>/share/", api.ShareView.as_view(), name="api-award-share"),
    path("verify/", api.VerifyView.as_view(), name="api-verify"),
    path("revocations/", api_revocations.RevocationListView.as_view(), name="api-revocations"),
    path("revocations/<uuid:pk>/", api_revocations.RevocationView.as_view(), name="api-revocation"),
    path("revocations/<uuid:pk>/answer/", api_revocations.AnswerView.as_view(), name="api-revocation-answer"),
    path("revocations/<uuid:pk>/decide/", api_revocations.DecideView.as_view(), name="api-revocation-decide"),
    path("revocations/<uuid:pk>/appeal/", api_revocations.AppealView.as_view(), name="api-revocation-appeal"),
    path(
        "revocations/<uuid:pk>/decide-appeal/",
        api_revocations.DecideAppealView.as_view(),
        name="api-revocation-decide-appeal",
    ),
    path("grants/", api_granting.GrantListView.as_view(), name="api-grants"),
    path("grants/<uuid:pk>/", api_granting.GrantView.as_view(), name="api-grant"),
    path("grants/<uuid:pk>/rows/", api_granting.GrantRowsView.as_view(), name="api-grant-rows"),
]
