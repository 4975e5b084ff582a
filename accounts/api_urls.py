"""API paths of this room, under `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from accounts import api

urlpatterns = [path("auth/token/", api.TokenView.as_view(), name="api-token")]
