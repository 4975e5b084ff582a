"""The front door and the signs of life."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from botocore.exceptions import BotoCoreError, ClientError
from celery import current_app
from django.contrib.auth.decorators import login_required
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    JsonResponse,
    StreamingHttpResponse,
)
from django.shortcuts import get_object_or_404, render
from django.views import defaults
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.views import SpectacularAPIView
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from accounts.problems import CONTENT_TYPE, plain
from accounts.rules import exports_visible_to
from submissions import vault

API = "/api/v1/"


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a stale or foreign page: says so, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)


# --- what no view answered: pages for people, problem documents for programs ------------------------------


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: a request that breaks the rules of HTTP or of this installation."""
    return _problem(request, 400) or defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _problem(request, 403) or defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404."""
    return _problem(request, 404) or defaults.page_not_found(request, exception)


def broken(request: HttpRequest) -> HttpResponse:
    """500: without a word about what broke."""
    return _problem(request, 500) or defaults.server_error(request)


def _problem(request: HttpRequest, status: int) -> HttpResponse | None:
    if not request.path.startswith(API):
        return None
    body: dict[str, Any] = plain(status)
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


@require_safe
@never_cache
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def readyz(request: HttpRequest) -> JsonResponse:
    """Database, broker and storage, each `ok` or not; 503 unless all are."""
    checks = {"database": _database(), "broker": _broker(), "storage": _storage()}
    return JsonResponse(checks, status=200 if set(checks.values()) == {"ok"} else 503)


def _database() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "unreachable"
    return "ok"


def _broker() -> str:
    try:
        with current_app.connection_for_write() as link:
            link.ensure_connection(max_retries=1, timeout=1)
    except (OSError, OperationalError, RedisError):
        return "unreachable"
    return "ok"


def _storage() -> str:
    try:
        default_storage.exists("readyz")
    except (OSError, BotoCoreError, ClientError):
        return "unreachable"
    return "ok"


class Schema(SpectacularAPIView):
    """The API as OpenAPI. There is one version of it, and no word of the address may get into a header."""

    def _get_version_parameter(self, request: Any) -> None:
        return None


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """How to use the API, with the schema's address; no third-party script."""
    return render(request, "microcreds/api_docs.html")


# --- a copy of everything one has -------------------------------------------------------------------------


@require_safe
@login_required
@never_cache
def data_download(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The copy she asked for, while it is kept."""
    row = get_object_or_404(exports_visible_to(request.user), pk=pk)
    secret = bytes(row.secret) if row.secret else None
    try:
        body = vault.read(row.file, secret, 0, row.size, row.size)
    except vault.Gone as gone:
        raise Http404 from gone
    response = StreamingHttpResponse(body, content_type="application/zip")
    response.headers["Content-Length"] = str(row.size)
    response.headers["Content-Disposition"] = f'attachment; filename="microcreds-{row.created:%Y-%m-%d}.zip"'
    return response
