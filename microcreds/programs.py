"""What other programs may ask for, by the host API of Open Badges 3.0, and how strict the OAuth 2 server in front is."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

SCOPE = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"


def host_api(base_url: str) -> dict[str, Any]:
    """Settings of the library: authorization code with PKCE (S256) and refresh tokens, and nothing else."""
    return {
        "SCOPES": {
            f"{SCOPE}credential.readonly": _("Read all your badges, private ones too"),
            f"{SCOPE}credential.upsert": _("Add badges from elsewhere to yours, or newer versions of them"),
            f"{SCOPE}profile.readonly": _("Read your name and your e-mail address"),
            f"{SCOPE}profile.update": _("Change the name and the line on your public page"),
            "offline_access": _("Go on while you are away, until you stop it"),
        },
        "DEFAULT_SCOPES": [f"{SCOPE}credential.readonly"],
        "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.WebApplicationServer",
        "OIDC_ISS_ENDPOINT": base_url,
        "PKCE_REQUIRED": True,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 900,
        "REFRESH_TOKEN_EXPIRE_SECONDS": 90 * 24 * 3600,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "DCR_ENABLED": True,
        "OAUTH2_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OAUTH2_GRANT_TYPES_SUPPORTED": ["authorization_code", "refresh_token"],
        "OAUTH2_TOKEN_ENDPOINT_AUTH_METHODS_SUPPORTED": ["client_secret_basic", "client_secret_post", "none"],
        **{
            f"COMPLIANT_BCP_RFC9700_{name}": True
            for name in (
                *("IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT"),
                *(
                    "AUTHZ_RESPONSE_ISS",
                    "TOKEN_STORAGE",
                    "REFRESH_TOKEN",
                    "REDIRECT_URI_MATCHING",
                    "PKCE_REQUIRED",
                ),
            )
        },
    }
