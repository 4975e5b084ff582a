"""What a page costs at the least: the same middleware, one SELECT, the same bytes prepared beforehand."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse

PREPARED: dict[str, bytes] = {}


def bare(request: HttpRequest, name: str) -> HttpResponse:
    """No template, no ORM: anything a page does comes on top of this."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM accounts_organisation WHERE slug = %s", ["northfield"])
        cursor.fetchone()
    return HttpResponse(PREPARED[name])
