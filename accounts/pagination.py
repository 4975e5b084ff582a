"""Keyset paging for every API list: `{results, next, previous}`, flat however long the table."""

from __future__ import annotations

from rest_framework.pagination import CursorPagination


class KeysetPagination(CursorPagination):
    """Newest first unless the view names its own `ordering`, which must end in a unique column."""

    page_size = 24
    page_size_query_param = "page_size"
    max_page_size = 100
    ordering = ("-created", "-pk")
