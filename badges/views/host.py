"""The host API's own addresses: a program reads a person's badges, and brings her some, with the token she let it have."""

from __future__ import annotations

import hashlib
import logging
from typing import Any, ClassVar, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.models import AccessToken
from oauth2_provider.oauth2_backends import get_oauthlib_core
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, ParseError, PermissionDenied, UnsupportedMediaType
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import UserRateThrottle
from rest_framework.views import APIView

from accounts.models import User
from badges import checking, host_api, rules, workflow
from badges.external_forms import media_type_of
from badges.openbadges.outcomes import Outcome
from badges.openbadges.reading import write_json
from badges.queries.portfolio import portfolio
from badges.workflow.importing import Brought, import_external
from badges.workflow.keeping import LARGEST
from badges.workflow.profiling import describe_profile

logger = logging.getLogger(__name__)
JSON_TYPES = ("application/json", "application/vc+ld+json", "application/ld+json", "application/vc")
STATUS = {Brought.NEW: 201, Brought.KNOWN: 200, Brought.REPLACED: 200, Brought.OLDER: 304}


class ProgramAuthentication(BaseAuthentication):
    """By a bearer token in the header. A cookie opens nothing here."""

    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        if not request.META.get("HTTP_AUTHORIZATION"):
            return None
        bare = HttpRequest()  # the token is looked for in the header alone, and the body stays unread
        bare.META, bare.method, bare.path = request.META, request.method, request.path
        try:
            valid, found = get_oauthlib_core().verify_request(bare, scopes=[])
        except ValueError as error:
            raise AuthenticationFailed(_("The request cannot be read.")) from error
        user = getattr(found, "user", None)
        if not valid or not isinstance(user, User) or not user.is_active or user.closed_at:
            raise AuthenticationFailed(_("The access token is not valid, or not valid any more."))
        return user, found.access_token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="ob/v3p0"'


class Anything(BaseContentNegotiation):
    """Answers come in the form the specification says, whatever else a program would like."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        return parsers[0]

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class ImportThrottle(UserRateThrottle):
    """Checking a badge is work."""

    scope = "import"


class HostView(APIView):
    """What both have in common. `scopes` says for each method what the token must be good for."""

    authentication_classes = (ProgramAuthentication,)
    permission_classes = (IsAuthenticated,)
    content_negotiation_class = Anything
    scopes: ClassVar[dict[str, str]] = {}
    schema = None

    def get_exception_handler(self) -> Any:
        return host_api.handler

    def handle_exception(self, exc: Exception) -> Response:
        """Programs read what went wrong in this API's form, even where nobody foresaw it."""
        try:
            return super().handle_exception(exc)
        except Exception:
            logger.exception("%s %s failed", self.request.method, self.request.path)
            words = _("Something went wrong here. Try again later.")
            response = Response(host_api.status_info(500, words), status=500)
            response.exception = True
            return response

    def check_permissions(self, request: Request) -> None:
        super().check_permissions(request)
        scope = self.scopes.get(str(request.method))
        if scope and not cast(AccessToken, request.auth).allow_scopes([scope]):
            raise PermissionDenied(
                _("This token is not good for it: the scope %(scope)s is missing.") % {"scope": scope}
            )


class CredentialsView(HostView):
    """getCredentials and upsertCredential."""

    scopes: ClassVar = {"GET": host_api.READ, "POST": host_api.UPSERT}

    def get_throttles(self) -> Any:
        return [*super().get_throttles(), *([ImportThrottle()] if self.request.method == "POST" else [])]

    def get(self, request: Request) -> HttpResponse:
        """A page of her own badges."""
        user = cast(User, request.user)
        offset, limit, since = host_api.page_asked(request.query_params)
        held = portfolio(
            rules.owned_by(user), rules.externals_visible_to(user), since=since, offset=offset, limit=limit
        )
        response = HttpResponse(host_api.body_of(held.rows), content_type="application/json")
        response["X-Total-Count"] = str(held.total)
        response["Link"] = host_api.links(offset, limit, len(held.rows), held.total, since)
        return response

    def post(self, request: Request) -> HttpResponse:
        """Keep one badge for her, as it comes."""
        user = cast(User, request.user)
        kind = str(request.META.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        content = _content(request, kind)
        digest = hashlib.sha256(content).hexdigest()
        if rules.externals_visible_to(user).filter(digest=digest).exists():
            return HttpResponse(content, content_type=kind)
        report = checking.check(content)
        try:
            brought = import_external(user, content, media_type_of(content), report)
        except workflow.NotKeptError as error:
            failed = [step.words for step in report.steps if step.outcome is Outcome.FAILED]
            raise ParseError(" ".join([str(error.message), *failed])) from error
        if brought is Brought.OLDER:
            return HttpResponse(status=304)
        return HttpResponse(content, content_type=kind, status=STATUS[brought])


def _content(request: Request, kind: str) -> bytes:
    """The badge in the request: JSON, or a compact token. An address is none, and nobody goes there for a program."""
    if kind not in (*JSON_TYPES, "text/plain"):
        raise UnsupportedMediaType(kind)
    content: bytes = request.body
    if len(content) > LARGEST:
        raise ParseError(_("This is larger than 5 MB. Badges are smaller."))
    text = content.removeprefix(b"\xef\xbb\xbf").strip()
    if kind == "text/plain" and not host_api.JWS.match(text.decode("ascii", "replace")):
        raise ParseError(_("As text/plain a badge is a compact JWS: three parts with points between them."))
    if kind != "text/plain" and not text.startswith(b"{"):
        raise ParseError(_("This is no JSON object."))
    return content


class ProfileView(HostView):
    """getProfile and putProfile. What stands on her badges is not a program's to change, only what her public page says."""

    scopes: ClassVar = {"GET": host_api.PROFILE, "PUT": host_api.UPDATE}

    def get_throttles(self) -> Any:
        return [*super().get_throttles(), *([ImportThrottle()] if self.request.method == "PUT" else [])]

    def get(self, request: Request) -> Response:
        """Whose badges these are."""
        user = cast(User, request.user)
        return Response(host_api.profile(user, rules.own_profile(user).first()))

    def put(self, request: Request) -> Response:
        """Write her public page's name and line. Whether anybody sees the page stays hers to say."""
        user = cast(User, request.user)
        kind = str(request.META.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()
        if kind not in JSON_TYPES:
            raise UnsupportedMediaType(kind)
        now = host_api.profile(user, rules.own_profile(user).first())
        name, line = host_api.profile_told(request.body, now)
        program = cast(AccessToken, request.auth).application
        page = describe_profile(user, name, line, program=str(program.client_id) if program else "")
        return Response(host_api.profile(user, page))


@csrf_exempt
def discovery(request: HttpRequest) -> HttpResponseBase:
    """getServiceDescription, for anybody."""
    if request.method not in {"GET", "HEAD"}:
        return host_api.refused(405, _("This can only be read."))
    response = HttpResponse(write_json(host_api.description()), content_type="application/json")
    response["Cache-Control"] = "public, max-age=3600"
    return response


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """Any other address below the API's."""
    return host_api.refused(404, _("There is nothing at this address."))
