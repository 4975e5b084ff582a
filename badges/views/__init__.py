"""Pages and documents of awards."""

from __future__ import annotations

from badges.views.badge import badge, badge_district, badge_download, badge_id, badge_image, badge_share
from badges.views.documents import (
    achievement,
    achievement_image,
    issuer_did,
    issuer_jwks,
    issuer_key,
    platform_did,
    platform_jwks,
    platform_key,
    status,
)
from badges.views.externals import external, external_check, external_delete, external_file, externals
from badges.views.issued import issued
from badges.views.procedures import badge_revocation, badge_revoke, revocation, revocations
from badges.views.recognitions import recognition, recognition_withdraw, recognitions, stack_recognition
from badges.views.renewing import badge_renew
from badges.views.stacks import stack_progress
from badges.views.verifying import VerifyThrottle, verify

__all__ = [
    "VerifyThrottle",
    "achievement",
    "achievement_image",
    "badge",
    "badge_district",
    "badge_download",
    "badge_id",
    "badge_image",
    "badge_renew",
    "badge_revocation",
    "badge_revoke",
    "badge_share",
    "external",
    "external_check",
    "external_delete",
    "external_file",
    "externals",
    "issued",
    "issuer_did",
    "issuer_jwks",
    "issuer_key",
    "platform_did",
    "platform_jwks",
    "platform_key",
    "recognition",
    "recognition_withdraw",
    "recognitions",
    "revocation",
    "revocations",
    "stack_progress",
    "stack_recognition",
    "status",
    "verify",
]
