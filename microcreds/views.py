"""The front door and the signs of life."""

from __future__ import annotations

from botocore.exceptions import BotoCoreError, ClientError
from celery import current_app
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form from a stale or foreign page: says so, and that going back keeps what was typed."""
    return render(request, "403_csrf.html", status=403)


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


@require_safe
def api_docs(request: HttpRequest) -> HttpResponse:
    """How to use the API, with the schema's address; no third-party script."""
    return render(request, "microcreds/api_docs.html")
