"""Errors of the REST API as problem JSON (RFC 9457), the same for every room."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

from journal.workflow import GuardError, TransitionError

TITLES = {460: "Checksum Mismatch"}  # what tus has beside HTTP's own
CONTENT_TYPE = "application/problem+json"


def problem(
    status: int, detail: Any = "", *, errors: dict[str, list[Any]] | None = None, **extra: Any
) -> Response:
    """A problem document: `{type, title, status, detail, errors{field: [..]}}` and what the case adds."""
    body = {**plain(status, detail), **({"errors": errors} if errors is not None else {}), **extra}
    return Response(body, status=status, content_type=CONTENT_TYPE)


def plain(status: int, detail: Any = "") -> dict[str, Any]:
    """The members that every problem document has."""
    return {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTPStatus(status).phrase,
        "status": status,
        "detail": str(detail),
    }


def handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: verbs' refusals become 400 (data) or 409 (state), all else keeps its status."""
    if isinstance(error, GuardError):
        set_rollback()
        return problem(400, error.message, errors=error.errors)
    if isinstance(error, TransitionError):
        set_rollback()
        return problem(403 if error.code == "forbidden" else 409, error.message, state=error.state)
    if isinstance(error, RequestDataTooBig):
        return problem(413, _("This is larger than can be taken."))
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    response = exception_handler(error, context)
    if response is None:
        return None
    answer = problem(response.status_code, _detail(error), errors=_errors(response.data, error))
    for header in ("WWW-Authenticate", "Retry-After", "Allow"):
        if header in response.headers:
            answer.headers[header] = response.headers[header]
    return answer


def _detail(error: Exception) -> str:
    if isinstance(error, exceptions.ValidationError):
        return _("Some fields need another look.")
    return str(getattr(error, "detail", error))


def _errors(data: Any, error: Exception) -> dict[str, list[Any]] | None:
    if not isinstance(error, exceptions.ValidationError):
        return None
    if isinstance(data, list):
        return {"non_field_errors": data}
    return {field: value if isinstance(value, list) else [value] for field, value in data.items()}
