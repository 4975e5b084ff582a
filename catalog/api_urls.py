"""Paths of this room's API, written from `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from catalog import api

urlpatterns = [
    path("micro-credentials/", api.MicroCredentialList.as_view(), name="api-micro-credentials"),
    path("micro-credentials/<slug:slug>/", api.MicroCredentialDetail.as_view(), name="api-micro-credential"),
    path("collections/", api.CollectionList.as_view(), name="api-collections"),
    path("collections/<slug:slug>/", api.CollectionDetail.as_view(), name="api-collection"),
    path("stacks/", api.StackList.as_view(), name="api-stacks"),
    path("stacks/<slug:slug>/", api.StackDetail.as_view(), name="api-stack"),
    path("issuers/", api.IssuerList.as_view(), name="api-issuers"),
    path("issuers/<slug:slug>/", api.IssuerDetail.as_view(), name="api-issuer"),
]
