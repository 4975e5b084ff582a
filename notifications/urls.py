"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from notifications import views

urlpatterns = [
    path("notifications/", views.notifications, name="notifications"),
    path("notifications/read/", views.notifications_read, name="notifications-read"),
    path("notifications/preferences/", views.preferences, name="notification-preferences"),
    path("notifications/<uuid:pk>/", views.notification_open, name="notification-open"),
    path("issuers/<slug:slug>/ask/", views.ask_issuer, name="ask-issuer"),
    path("help/ask/", views.ask_platform, name="ask-platform"),
]
