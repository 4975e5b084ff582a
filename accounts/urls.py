"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from accounts import views

urlpatterns = [
    path("account/", views.account, name="account"),
    path("account/data/", views.data, name="account-data"),
    path("account/data/export/", views.data_export, name="account-data-export"),
    path("account/close/", views.close, name="account-close"),
    path("account/question/", views.question, name="account-question"),
    path("organizations/<slug:slug>/", views.organization, name="organization"),
    path("roles/<uuid:pk>/end/", views.role_end, name="role-end"),
    path("invitations/<uuid:pk>/", views.invitation, name="invitation"),
    path("invitations/<uuid:pk>/withdraw/", views.invitation_withdraw, name="invitation-withdraw"),
]
