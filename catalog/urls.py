"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from catalog import views

urlpatterns = [
    path("explore/", views.explorer, name="explore"),
    path("micro-credentials/<slug:slug>/", views.micro_credential, name="micro-credential"),
    path("collections/<slug:slug>/", views.collection, name="collection"),
    path("stacks/<slug:slug>/", views.stack, name="stack"),
    path("issuers/<slug:slug>/", views.issuer, name="issuer"),
]
