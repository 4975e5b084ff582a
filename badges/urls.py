"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from badges import views
from badges.views.designs import design, design_drop, design_preview, designs
from badges.views.papers import badge_card, badge_pdf, transcript

urlpatterns = [
    path("badges/issued/", views.issued, name="awards-issued"),
    path("badges/<uuid:pk>", views.badge_id, name="badge-id"),
    path("badges/<uuid:pk>.pdf", badge_pdf, name="badge-pdf"),
    path("badges/<uuid:pk>/card.png", badge_card, name="badge-card"),
    path("badges/transcript/", transcript, name="transcript"),
    path("badges/designs/", designs, name="designs"),
    path("badges/designs/<slug:slug>/", design, name="design"),
    path("badges/designs/<slug:slug>/preview.png", design_preview, name="design-preview"),
    path("badges/designs/<slug:slug>/delete/", design_drop, name="design-drop"),
    path("badges/<uuid:pk>.<slug:kind>", views.badge_download, name="badge-download"),
    path("badges/<uuid:pk>/", views.badge, name="badge"),
    path("badges/<uuid:pk>/image.png", views.badge_image, name="badge-image"),
    path("badges/<uuid:pk>/share/", views.badge_share, name="badge-share"),
    path("badges/<uuid:pk>/district/", views.badge_district, name="badge-district"),
    path("badges/<uuid:pk>/revoke/", views.badge_revoke, name="badge-revoke"),
    path("stacks/<slug:slug>/progress/", views.stack_progress, name="stack-progress"),
    path("verify/", views.verify, name="verify"),
    path(".well-known/did.json", views.platform_did, name="did"),
    path("issuers/<slug:slug>/did.json", views.issuer_did, name="issuer-did"),
    path(".well-known/jwks.json", views.platform_jwks, name="jwks"),
    path("issuers/<slug:slug>/jwks.json", views.issuer_jwks, name="issuer-jwks"),
    path("keys/<str:fragment>", views.platform_key, name="platform-key"),
    path("issuers/<slug:slug>/keys/<str:fragment>", views.issuer_key, name="issuer-key"),
    path("status/<uuid:pk>", views.status, name="status"),
    path("achievements/<uuid:pk>", views.achievement, name="achievement"),
    path("achievements/<uuid:pk>/image.png", views.achievement_image, name="achievement-image"),
]
