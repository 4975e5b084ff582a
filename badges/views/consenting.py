"""OAuth 2 for programs: they register, a person says yes or no on a page of ours, they get tokens and give them back.

The protocol is the library's (django-oauth-toolkit); here it is narrowed to what the host API needs: authorization
code with PKCE (S256) and refresh tokens, and always a person who is asked.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from csp.decorators import csp_update
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.exceptions import OAuthToolkitError
from oauth2_provider.forms import AllowForm
from oauth2_provider.models import Application
from oauth2_provider.views import AuthorizationView, RevokeTokenView, TokenView
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error
from rest_framework.throttling import SimpleRateThrottle

from badges import registering
from badges.workflow.allowing import allow_program, register_program

LONGEST_BODY = 64 * 1024


class ProgramThrottle(SimpleRateThrottle):
    """By address: whoever asks has no account."""

    def get_cache_key(self, request: Any, view: Any) -> str:
        return self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)}


class RegisterThrottle(ProgramThrottle):
    """Registrations are rows that nobody asked for."""

    scope = "register"


class TokenThrottle(ProgramThrottle):
    """A secret is checked by a slow hash."""

    scope = "token"


def _said(status: int, error: str, words: str) -> JsonResponse:
    """An error as OAuth 2 writes it."""
    response = JsonResponse({"error": error, "error_description": words}, status=status)
    if status == 401:
        response["WWW-Authenticate"] = "Bearer"
    return response


def _unreadable(request: HttpRequest) -> HttpResponse | None:
    """What neither the library nor the database would take."""
    if len(request.body) > LONGEST_BODY:
        return _said(413, "invalid_request", _("This is larger than can be taken."))
    values = [
        value
        for given in (request.GET, request.POST)
        for _name, several in given.lists()
        for value in several
    ]
    if any("\x00" in value for value in values):
        return _said(400, "invalid_request", _("The request holds characters that cannot be kept."))
    return None


# --- the page that asks -----------------------------------------------------------------------------------------


class ConsentView(AuthorizationView):
    """A person is asked, each time, whether this program may do that."""

    template_name = "badges/consent.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if refused := _unreadable(request):
            return refused
        asked = request.GET.copy()
        asked.pop("approval_prompt", None)  # whether to ask is not the program's to say
        request.GET = asked  # type: ignore[assignment]
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def validate_authorization_request(self, request: HttpRequest) -> tuple[list[str], dict[str, Any]]:
        """As the library, which would ask the person first and refuse a plain challenge only afterwards."""
        scopes, said = super().validate_authorization_request(request)
        if said.get("code_challenge_method") != "S256":
            words = _("The code challenge is to be made with S256.")
            error = CustomOAuth2Error("invalid_request", description=words, state=said.get("state"))
            raise OAuthToolkitError(error=error, redirect_uri=said["redirect_uri"])
        return scopes, said

    def handle_no_permission(self) -> HttpResponseBase:
        """Ask who it is only for a request that can be answered."""
        try:
            self.validate_authorization_request(self.request)
        except OAuthToolkitError as error:
            refused: HttpResponseBase = self.error_response(error, None)
            return refused
        response: HttpResponseBase = super().handle_no_permission()
        return response

    def form_valid(self, form: AllowForm) -> HttpResponseBase:
        program = Application.objects.filter(client_id=form.cleaned_data["client_id"]).first()
        if program is None:
            return self.form_invalid(form)
        response: HttpResponseBase = super().form_valid(form)
        if form.cleaned_data["allow"] and "code" in parse_qs(urlsplit(response.get("Location", "")).query):
            scope = form.cleaned_data["scope"]
            allow_program(self.request.user, program, scope.split())
            # What was allowed stands in the answer too (Open Badges 3.0, section 7.1.2.2).
            response["Location"] += f"&{urlencode({'scope': scope})}"
        return response

    def form_invalid(self, form: AllowForm) -> HttpResponseBase:
        return render(self.request, "badges/consent_refused.html", status=400)

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponseBase:
        if "error" in context:
            return render(
                self.request, "badges/consent_refused.html", context, status=kwargs.get("status", 400)
            )
        address = context["redirect_uri"]
        parts = urlsplit(address)
        context |= {"host": parts.netloc, "is_here": parts.hostname == registering.LOOPBACK}

        # The answer leads there, and browsers hold a form's redirect to the same rule as the form.
        @csp_update({"form-action": [registering.origin(address)]})
        def leading(request: HttpRequest) -> HttpResponseBase:
            return render(request, self.template_name, context)

        response: HttpResponseBase = leading(self.request)
        response["Cache-Control"] = "no-store"
        return response


# --- tokens -------------------------------------------------------------------------------------------------------


class ProgramTokenView(TokenView):
    """A code or a refresh token for an access token."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not TokenThrottle().allow_request(request, self):  # type: ignore[arg-type]
            return _said(429, "slow_down", _("That was a lot at once. Try again in a minute."))
        response: HttpResponseBase = _unreadable(request) or super().dispatch(request, *args, **kwargs)
        return response

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Without the library's flow for devices, which does not go through the server's list of grants."""
        response: HttpResponseBase = self.authorization_flow_token_response(request)
        return response


class ProgramRevokeView(RevokeTokenView):
    """A program gives a token back."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not TokenThrottle().allow_request(request, self):  # type: ignore[arg-type]
            return _said(429, "slow_down", _("That was a lot at once. Try again in a minute."))
        response: HttpResponseBase = _unreadable(request) or super().dispatch(request, *args, **kwargs)
        return response


# --- registration -------------------------------------------------------------------------------------------------


@csrf_exempt
def register(request: HttpRequest) -> HttpResponse:
    """A program introduces itself (RFC 7591). It gets an id, and a secret if it can keep one."""
    if request.method != "POST":
        return _said(405, "invalid_request", _("Programs register by POST."))
    if not RegisterThrottle().allow_request(request, None):  # type: ignore[arg-type]
        return _said(429, "slow_down", _("That was a lot at once. Try again in an hour."))
    if len(request.body) > LONGEST_BODY:
        return _said(413, "invalid_client_metadata", _("This is larger than can be taken."))
    try:
        metadata = registering.read_metadata(request.body)
    except registering.MetadataError as error:
        return _said(400, error.code, error.words)
    program, secret = register_program(metadata)
    response = JsonResponse(registering.answer(metadata, program, secret), status=201)
    response["Cache-Control"] = "no-store"
    return response
