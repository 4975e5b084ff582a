"""Lists by keyset: from a moment and a row on, written into the address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlencode
from uuid import UUID

from django.db import models
from django.http import HttpRequest
from django.utils.dateparse import parse_datetime

PAGE = 30


def place(request: HttpRequest) -> tuple[datetime | None, UUID | None]:
    """Where the page starts; what makes no sense is the beginning."""
    try:
        moment = parse_datetime(request.GET.get("before", "").replace(" ", "+"))
        return moment and moment.astimezone(UTC), UUID(request.GET.get("at", ""))
    except (ValueError, OverflowError):  # an hour before the first day there is
        return None, None


def older(rows: Sequence[models.Model], field: str, page: int = PAGE) -> str:
    """The address of what follows, where more rows were read than one page has; `field` orders them."""
    if len(rows) <= page:
        return ""
    last = rows[page - 1]
    return f"?{urlencode({'before': getattr(last, field).isoformat(), 'at': str(last.pk)})}"
