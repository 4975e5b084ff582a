"""Paths for other programs, as the specification of Open Badges 3.0 names them, and of the OAuth 2 server behind them."""

from __future__ import annotations

from django.urls import include, path
from oauth2_provider.views import OAuthServerMetadataView

from badges.host_api import for_browsers
from badges.views import consenting, host, programs

# The library finds these by name to say where they are.
oauth = [
    path("oauth/authorize", consenting.ConsentView.as_view(), name="authorize"),
    path("oauth/token", for_browsers("POST")(consenting.ProgramTokenView.as_view()), name="token"),
    path("oauth/revoke", for_browsers("POST")(consenting.ProgramRevokeView.as_view()), name="revoke-token"),
    path("oauth/register", for_browsers("POST")(consenting.register), name="dcr-register"),
    path(
        ".well-known/oauth-authorization-server",
        for_browsers("GET")(OAuthServerMetadataView.as_view()),
        name="oauth-server-metadata",
    ),
]
urlpatterns = [
    path("", include((oauth, "oauth2_provider"))),
    path("ims/ob/v3p0/discovery", for_browsers("GET")(host.discovery), name="host-discovery"),
    path(
        "ims/ob/v3p0/credentials",
        for_browsers("GET", "POST")(host.CredentialsView.as_view()),
        name="host-credentials",
    ),
    path("ims/ob/v3p0/profile", for_browsers("GET", "PUT")(host.ProfileView.as_view()), name="host-profile"),
    path("ims/ob/v3p0/<path:rest>", for_browsers("GET")(host.nothing), name="host-nothing"),
    path("account/apps/", programs.programs, name="programs"),
    path("account/apps/<str:client_id>/stop/", programs.program_stop, name="program-stop"),
]
