"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from reports import views

urlpatterns = [
    path("reports/", views.reports, name="reports"),
    path("reports/export.csv", views.reports_csv, name="reports-csv"),
]
