"""Keyset paging for every API list: `{results, next, previous}`, flat however long the table."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import ValidationError as BadValue
from django.db import DataError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.utils.urls import replace_query_param


class KeysetPagination(CursorPagination):
    """Newest first unless the view names its own `ordering`, which must end in a unique column.

    Cursors are sealed: a place in a list is a moment of the last row, and in the blind queue that moment would hint
    at a time zone.
    """

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ("-created", "-pk")

    def paginate_queryset(
        self, queryset: QuerySet[Any, Any] | Sequence[Any], request: Request, view: Any = None
    ) -> list[Any] | None:
        """One page. A cursor somebody made up is bad input (400), whatever the database says to it."""
        try:
            return super().paginate_queryset(queryset, request, view)
        except (NotFound, BadValue, ValueError, DataError) as error:
            raise ValidationError({"cursor": [_("This cursor does not belong to this list.")]}) from error

    def encode_cursor(self, cursor: Cursor) -> str:
        """The address of another page."""
        place = json.dumps([cursor.offset, cursor.reverse, cursor.position]).encode()
        return replace_query_param(
            self.base_url or "", self.cursor_query_param, _seal().encrypt(place).decode()
        )

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The place that a cursor of ours names."""
        sealed = request.query_params.get(self.cursor_query_param)
        if sealed is None:
            return None
        try:
            return Cursor(*json.loads(_seal().decrypt(sealed.encode())))
        except (InvalidToken, ValueError) as error:
            raise NotFound from error


def _seal() -> Fernet:
    return Fernet(urlsafe_b64encode(hashlib.sha256(f"cursor:{settings.SECRET_KEY}".encode()).digest()))
