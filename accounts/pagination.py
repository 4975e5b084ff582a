"""Keyset paging for every API list: `{results, next, previous}`, flat however long the table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError as BadValue
from django.db import DataError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound, ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request


class KeysetPagination(CursorPagination):
    """Newest first unless the view names its own `ordering`, which must end in a unique column."""

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
