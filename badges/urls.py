"""Paths of this room, written from the root."""

from __future__ import annotations

from django.urls import path

from badges import vc_api, views
from badges.views import endorsements, granting, keeping, proving
from badges.views.badge import badge_person, badge_qr
from badges.views.designs import design, design_drop, design_preview, designs
from badges.views.evidence import badge_evidence, badge_evidence_file
from badges.views.hosted import ob2_assertion, ob2_badge, ob2_certificate, ob2_certificate_image, ob2_issuer
from badges.views.keys import key_list, key_rotate
from badges.views.links import link, link_award, link_file, link_image, link_qr, link_withdraw, links
from badges.views.papers import badge_card, badge_pdf, transcript
from badges.views.profiles import person, profile_edit
from badges.views.wallets import badge_wallet, exchange, exchange_qr

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
    path("badges/<uuid:pk>/renew/", views.badge_renew, name="badge-renew"),
    path("badges/<uuid:pk>/revocation/", views.badge_revocation, name="badge-revocation"),
    path("badges/revocations/", views.revocations, name="revocations"),
    path("badges/revocations/<uuid:pk>/", views.revocation, name="revocation"),
    path("stacks/<slug:slug>/progress/", views.stack_progress, name="stack-progress"),
    path("stacks/<slug:slug>/recognition/", views.stack_recognition, name="stack-recognition"),
    path("badges/recognitions/", views.recognitions, name="recognitions"),
    path("badges/recognitions/<uuid:pk>/", views.recognition, name="recognition"),
    path("badges/other/", views.externals, name="externals"),
    path("badges/other/<uuid:pk>/", views.external, name="external"),
    path("badges/other/<uuid:pk>/file/", views.external_file, name="external-file"),
    path("badges/other/<uuid:pk>/check/", views.external_check, name="external-check"),
    path("badges/other/<uuid:pk>/delete/", views.external_delete, name="external-delete"),
    path("badges/<uuid:pk>/seal.json", proving.seal, name="badge-seal"),
    path("badges/<uuid:pk>/prove/", proving.prove, name="badge-prove"),
    path("verify/evidence/", proving.verify_evidence, name="verify-evidence"),
    path("endorsements/<uuid:pk>", endorsements.endorsement, name="endorsement"),
    path("endorsements/<uuid:pk>/withdraw/", endorsements.endorsement_withdraw, name="endorsement-withdraw"),
    path("badges/endorsements/", endorsements.endorsements, name="endorsements"),
    path("badges/<uuid:pk>/endorse/", endorsements.endorse_award, name="endorse-award"),
    path("issuers/<slug:slug>/endorse/", endorsements.endorse_issuer, name="endorse-issuer"),
    path("issuers/<slug:slug>/endorsements/", endorsements.endorsed_issuer, name="endorsed-issuer"),
    path("micro-credentials/<slug:slug>/endorse/", endorsements.endorse_unit, name="endorse-unit"),
    path("micro-credentials/<slug:slug>/endorsements/", endorsements.endorsed_unit, name="endorsed-unit"),
    path("badges/<uuid:pk>/bundle.zip", keeping.badge_bundle, name="badge-bundle"),
    path("verify/offline/", keeping.offline_verifier, name="verify-offline"),
    path("verify/", views.verify, name="verify"),
    path("credentials/issue", vc_api.IssueView.as_view(), name="vc-issue"),
    path("credentials/verify", vc_api.VerifyCredentialView.as_view(), name="vc-verify"),
    path("presentations/verify", vc_api.VerifyPresentationView.as_view(), name="vc-verify-presentation"),
    path(".well-known/did.json", views.platform_did, name="did"),
    path("issuers/<slug:slug>/did.json", views.issuer_did, name="issuer-did"),
    path(".well-known/jwks.json", views.platform_jwks, name="jwks"),
    path("issuers/<slug:slug>/jwks.json", views.issuer_jwks, name="issuer-jwks"),
    path("keys/<str:fragment>", views.platform_key, name="platform-key"),
    path("issuers/<slug:slug>/keys/<str:fragment>", views.issuer_key, name="issuer-key"),
    path("badges/<uuid:pk>/evidence/", badge_evidence, name="badge-evidence"),
    path("badges/<uuid:pk>/evidence/<uuid:artifact>/", badge_evidence_file, name="badge-evidence-file"),
    path("badges/keys/", key_list, name="keys"),
    path("badges/keys/<slug:slug>/rotate/", key_rotate, name="key-rotate"),
    path("status/<uuid:pk>", views.status, name="status"),
    path("achievements/<uuid:pk>", views.achievement, name="achievement"),
    path("achievements/<uuid:pk>/image.png", views.achievement_image, name="achievement-image"),
    path("badges/grants/", granting.grants, name="grants"),
    path("badges/grants/template.csv", granting.grant_template, name="grant-template"),
    path("badges/grants/<uuid:pk>/", granting.grant, name="grant"),
    path("badges/grants/<uuid:pk>/start/", granting.grant_start, name="grant-start"),
    path("badges/grants/<uuid:pk>/drop/", granting.grant_drop, name="grant-drop"),
    path("badges/grants/<uuid:pk>/result.csv", granting.grant_result, name="grant-result"),
    path("badges/<uuid:pk>/person/", badge_person, name="badge-person"),
    path("badges/<uuid:pk>/qr.<slug:kind>", badge_qr, name="badge-qr"),
    path("badges/<uuid:pk>/wallet/", badge_wallet, name="badge-wallet"),
    path("badges/links/", links, name="links"),
    path("badges/links/<uuid:pk>/withdraw/", link_withdraw, name="link-withdraw"),
    path("badges/links/<uuid:pk>/qr.<slug:kind>", link_qr, name="link-qr"),
    path("badges/profile/", profile_edit, name="profile-edit"),
    path("people/<slug:slug>/", person, name="person"),
    path("s/<str:token>/", link, name="link"),
    path("s/<str:token>/<uuid:pk>/", link_award, name="link-award"),
    path("s/<str:token>/<uuid:pk>/image.png", link_image, name="link-image"),
    path("s/<str:token>/<uuid:pk>.<slug:kind>", link_file, name="link-file"),
    path("exchanges/<str:token>", exchange, name="exchange"),
    path("exchanges/<str:token>/qr.svg", exchange_qr, name="exchange-qr"),
    path("ob2/assertions/<uuid:pk>", ob2_assertion, name="ob2-assertion"),
    path("ob2/badges/<uuid:pk>", ob2_badge, name="ob2-badge"),
    path("ob2/badges/<uuid:pk>/granted", ob2_badge, {"granted": True}, name="ob2-granted"),
    path("ob2/certificates/<slug:slug>", ob2_certificate, name="ob2-certificate"),
    path("ob2/certificates/<slug:slug>/image.png", ob2_certificate_image, name="ob2-certificate-image"),
    path("ob2/issuers/<slug:slug>", ob2_issuer, name="ob2-issuer"),
]
