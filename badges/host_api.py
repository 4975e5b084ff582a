"""The Open Badges 3.0 host API (1EdTech, section 6) apart from its addresses: what it says of itself, errors, pages, CORS.

Documents leave as they came: a page of badges is put together from bytes, never from parsed and rewritten JSON.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.models import EmailAddress
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.templatetags.static import static
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from accounts import problems
from accounts.models import User
from badges import answers, issuing
from badges.models import Award, ExternalAward, PublicProfile
from badges.openbadges.baking import BakingError, extract_png
from badges.openbadges.baking_svg import extract_svg
from badges.openbadges.contexts import OPEN_BADGES_V3
from badges.openbadges.outcomes import strings
from badges.openbadges.reading import write_json

PREFIX = "https://purl.imsglobal.org/spec/ob/v3p0/scope/"
READ = f"{PREFIX}credential.readonly"
UPSERT = f"{PREFIX}credential.upsert"
PROFILE = f"{PREFIX}profile.readonly"
UPDATE = f"{PREFIX}profile.update"
USUAL, MOST = 20, 100  # badges on a page
FARTHEST = 1_000_000
LARGEST_PROFILE = 64 * 1024
CHANGED, SAID = ("name", "description"), ("@context", "type")
MINOR = {
    400: "invalid_data",
    401: "unauthorizedrequest",
    403: "forbidden",
    404: "not_found",
    405: "not_allowed",
    406: "not_acceptable",
    413: "invalid_data",
    415: "not_acceptable",
    429: "server_busy",
    500: "internal_server_error",
}
JWS = re.compile(r"[\w-]+\.[\w-]+\.[\w-]+\Z", re.ASCII)


class QueryError(Exception):
    """A parameter in the address that means nothing."""


# --- what it says of itself -----------------------------------------------------------------------------------


def description() -> dict[str, Any]:
    """The Service Description Document: an OpenAPI document that says where to register, and for which scopes."""
    words = issuing.absolute(reverse("help-page", args=["connected-programs"]))
    return {
        "openapi": "3.0.1",
        "info": {
            "title": "Microcreds",
            "version": "1.0",
            "termsOfService": words,
            "x-imssf-image": issuing.absolute(static("img/favicon.svg")),
            "x-imssf-privacyPolicyUrl": words,
        },
        "servers": [{"url": issuing.absolute("/ims/ob/v3p0")}],
        "tags": [{"name": "OpenBadgeCredentials"}, {"name": "Discovery"}, {"name": "Profiles"}],
        "paths": _paths(),
        "components": {"securitySchemes": {"OAuth2ACG": _security(words)}, "schemas": SCHEMAS},
        "security": [{"OAuth2ACG": [READ]}],
    }


def _security(words: str) -> dict[str, Any]:
    def at(name: str) -> str:
        return issuing.absolute(reverse(f"oauth2_provider:{name}"))

    return {
        "type": "oauth2",
        "description": "OAuth 2.0 authorization code grant with PKCE (S256)",
        "x-imssf-name": "Microcreds",
        "x-imssf-privacyPolicyUrl": words,
        "x-imssf-registrationUrl": at("dcr-register"),
        "x-imssf-termsOfServiceUrl": words,
        "flows": {
            "authorizationCode": {
                "authorizationUrl": at("authorize"),
                "tokenUrl": at("token"),
                "refreshUrl": at("token"),
                "scopes": {scope: str(about) for scope, about in settings.OAUTH2_PROVIDER["SCOPES"].items()},
            }
        },
    }


def _operation(name: str, tag: str, scope: str, answers: dict[str, Any], **more: Any) -> dict[str, Any]:
    error = _json_of("Imsx_StatusInfo", "The request was refused.")
    return {
        "operationId": name,
        "tags": [tag],
        "security": [{"OAuth2ACG": [scope]}] if scope else [],
        "responses": {**answers, "default": error},
        **more,
    }


def _json_of(schema: str, words: str, *more: str) -> dict[str, Any]:
    content = {
        kind: {"schema": {"$ref": f"#/components/schemas/{schema}"}} for kind in ("application/json", *more)
    }
    return {"description": words, "content": content}


def _paths() -> dict[str, Any]:
    badge = _json_of("AchievementCredential", "The badge as it came.")
    badge["content"]["text/plain"] = {"schema": {"$ref": "#/components/schemas/CompactJws"}}
    page = _json_of("GetOpenBadgeCredentialsResponse", "A page of badges.")
    whose = _json_of("Profile", "Whose badges.")
    tag = "OpenBadgeCredentials"
    return {
        "/credentials": {
            "get": _operation("getCredentials", tag, READ, {"200": page}, parameters=PARAMETERS),
            "post": _operation(
                *("upsertCredential", tag, UPSERT, {"200": badge, "201": badge}),
                requestBody={"required": True, "content": badge["content"]},
            ),
        },
        "/profile": {
            "get": _operation("getProfile", "Profiles", PROFILE, {"200": whose}),
            "put": _operation(
                *("putProfile", "Profiles", UPDATE, {"200": whose}),
                requestBody={"required": True, "content": whose["content"]},
            ),
        },
        "/discovery": {
            "get": _operation(
                *("getServiceDescription", "Discovery", ""),
                {
                    "200": {
                        "description": "This.",
                        "content": {"application/json": {"schema": {"type": "object"}}},
                    }
                },
            )
        },
    }


_TEXT = {"type": "string"}
PARAMETERS = [
    {"name": name, "in": "query", "required": False, "schema": schema}
    for name, schema in (
        ("limit", {"type": "integer", "minimum": 1}),
        ("offset", {"type": "integer", "minimum": 0}),
        ("since", {"type": "string", "format": "date-time"}),
    )
]
SCHEMAS: dict[str, Any] = {
    "AchievementCredential": {"type": "object", "additionalProperties": True},
    "CompactJws": {"type": "string", "pattern": r"^[-_a-zA-Z0-9]+\.[-_a-zA-Z0-9]+\.[-_a-zA-Z0-9]+$"},
    "GetOpenBadgeCredentialsResponse": {
        "type": "object",
        "properties": {
            "credential": {"type": "array", "items": {"$ref": "#/components/schemas/AchievementCredential"}},
            "compactJwsString": {"type": "array", "items": {"$ref": "#/components/schemas/CompactJws"}},
        },
    },
    "Profile": {
        "type": "object",
        "required": ["id", "type"],
        "properties": {
            "id": _TEXT,
            "type": {"type": "array", "items": _TEXT},
            "name": _TEXT,
            "description": _TEXT,
            "url": _TEXT,
            "email": _TEXT,
        },
    },
    "Imsx_StatusInfo": {
        "type": "object",
        "required": ["imsx_codeMajor", "imsx_severity"],
        "properties": {
            "imsx_codeMajor": {"type": "string", "enum": ["failure", "processing", "success", "unsupported"]},
            "imsx_severity": {"type": "string", "enum": ["error", "status", "warning"]},
            "imsx_description": _TEXT,
            "imsx_codeMinor": {"type": "object"},
        },
    },
}


# --- errors ---------------------------------------------------------------------------------------------------


def status_info(status: int, words: str, minor: str = "") -> dict[str, Any]:
    """`Imsx_StatusInfo`: how this API says that it refuses."""
    field = {
        "imsx_codeMinorFieldName": "Microcreds",
        "imsx_codeMinorFieldValue": minor or MINOR.get(status, "unknown"),
    }
    return {
        "imsx_codeMajor": "unsupported" if status == 405 else "failure",
        "imsx_severity": "error",
        "imsx_description": words,
        "imsx_codeMinor": {"imsx_codeMinorField": [field]},
    }


def refused(status: int, words: str, minor: str = "") -> HttpResponse:
    """The same as an answer outside the REST framework."""
    return JsonResponse(status_info(status, words, minor), status=status)


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """What the REST API refuses as problem JSON, in this API's form."""
    if isinstance(error, QueryError):
        return Response(status_info(400, str(error), "invalid_query_parameter"), status=400)
    answer = problems.handler(error, context)
    if answer is not None:
        answer.data = status_info(answer.status_code, str(answer.data["detail"]))
        answer.content_type = "application/json"
    return answer


# --- pages ----------------------------------------------------------------------------------------------------


def _number(asked: Any, name: str, usual: int, least: int) -> int:
    text = asked.get(name)
    if text is None:
        return usual
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        raise QueryError(
            _("“%(name)s” is a whole number from %(least)s on.") % {"name": name, "least": least}
        )
    return int(text)


def page_asked(asked: Any) -> tuple[int, int, datetime | None]:
    """Offset, limit and `since` as they stand in the address."""
    limit = min(_number(asked, "limit", USUAL, 1), MOST)
    offset = min(_number(asked, "offset", 0, 0), FARTHEST)
    return offset, limit, _since(asked.get("since"))


def _since(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        moment = None
    if moment is None or not 1 < moment.year < 9999:
        raise QueryError(_("“since” is a date with a time, such as 2026-11-22T10:00:00Z."))
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def links(offset: int, limit: int, sent: int, total: int, since: datetime | None) -> str:
    """The `Link` header (section 6.4): `next` while there is more, `prev` behind the first, `first` and `last` always."""
    places = {"first": 0, "last": max(0, total - 1) // limit * limit}
    if sent and offset + sent < total:
        places["next"] = offset + sent
    if offset:
        places["prev"] = max(0, min(offset, total) - limit)
    more = {"since": since.isoformat()} if since else {}
    base = issuing.absolute(reverse("host-credentials"))
    return ", ".join(
        f'<{base}?{urlencode({"limit": limit, "offset": place, **more})}>; rel="{name}"'
        for name, place in places.items()
    )


def body_of(rows: Iterable[Award | ExternalAward]) -> bytes:
    """`GetOpenBadgeCredentialsResponse`, put together from the bytes of the badges."""
    documents: list[bytes] = []
    tokens: list[bytes] = []
    for row in rows:
        text = write_json(row.credential).encode() if isinstance(row, Award) else _carried(row)
        (documents if text.startswith(b"{") else tokens).append(text)
    names = b",".join(json.dumps(token.decode()).encode() for token in tokens)
    return b'{"credential":[' + b",".join(documents) + b'],"compactJwsString":[' + names + b"]}"


def _carried(row: ExternalAward) -> bytes:
    """The credential's own bytes; of a picture, what is baked into it, or what was read from its code."""
    content = bytes(row.content)
    try:
        if row.media_type == "image/png":
            content = extract_png(content).encode()
        elif row.media_type == "image/svg+xml":
            content = extract_svg(content).encode()
    except BakingError:
        return write_json(row.document).encode()
    content = content.removeprefix(b"\xef\xbb\xbf").strip().strip(b'"')
    return (
        content
        if content.startswith(b"{") or JWS.match(content.decode("ascii", "replace"))
        else (write_json(row.document).encode())
    )


def profile(user: User, page: PublicProfile | None) -> dict[str, Any]:
    """Who she is for a program: her name and line as her public page has them, and an address that she has confirmed.

    The id tells nothing of her.
    """
    confirmed = EmailAddress.objects.filter(user=user, email__iexact=user.email, verified=True).exists()
    open_page = page is not None and page.state == PublicProfile.State.SHOWN
    document = {
        "name": (page.name_shown if page else "") or user.name,
        "description": page.headline if page else "",
        "url": issuing.absolute(reverse("person", args=[page.slug])) if page and open_page else "",
        "email": user.email if confirmed else "",
    }
    return {
        "@context": [OPEN_BADGES_V3],
        "id": f"urn:uuid:{uuid.uuid5(user.pk, settings.BASE_URL)}",
        "type": ["Profile"],
        **{name: value for name, value in document.items() if value},
    }


def profile_told(body: bytes, now: dict[str, Any]) -> tuple[str, str]:
    """The name and the line of a profile that a program wrote. What it cannot change has to stand there as it is, or not at all."""
    try:
        told = json.loads(body) if len(body) <= LARGEST_PROFILE else None
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise ParseError(_("Send the whole profile as a JSON object of up to 64 kB."))
    if "Profile" not in strings(told.get("type")):
        raise ParseError(_("Its type is Profile."))
    fixed = {key for key in told if key not in CHANGED and key not in SAID and told[key] != now.get(key)}
    if fixed:
        words = _("Only the name and the description can be changed here, not: %(names)s.")
        raise ParseError(words % {"names": ", ".join(sorted(key[:40] for key in fixed)[:10])})
    name, line = (told.get(key, "") for key in CHANGED)
    if not (isinstance(name, str) and isinstance(line, str)):
        raise ParseError(_("The name and the description are texts."))
    return name, line


# --- other sites' scripts -------------------------------------------------------------------------------------


def for_browsers(
    *methods: str,
) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Wallets that are web pages may ask: what opens something is a token in a header, never a cookie."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            preflight = request.method == "OPTIONS"
            response = HttpResponse(status=204) if preflight else view(request, *args, **kwargs)
            response["Access-Control-Allow-Origin"] = "*"
            response["Access-Control-Expose-Headers"] = "Link, X-Total-Count, WWW-Authenticate, Retry-After"
            if preflight:
                response["Access-Control-Allow-Methods"] = ", ".join(["OPTIONS", *methods])
                response["Access-Control-Allow-Headers"] = "Accept, Authorization, Content-Type"
                response["Access-Control-Max-Age"] = "86400"
            else:
                response.setdefault("Cache-Control", answers.OWN)
            return response

        return answer

    return decorate
