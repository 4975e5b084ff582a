"""API paths of this room, under `/api/v1/`."""

from __future__ import annotations

from django.urls import path

from reports import api

urlpatterns = [path("reports/", api.ReportView.as_view(), name="api-reports")]
