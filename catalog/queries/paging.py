"""Keyset paging behind an opaque cursor: a page costs the same wherever it lies."""

from __future__ import annotations

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

LONGEST_CURSOR = 1000
Row = TypeVar("Row", bound=Model)


class BadCursor(ValueError):
    """A cursor that we did not write, or that belongs to another order."""


@dataclass(frozen=True)
class Order:
    """Columns compared as one tuple, all in one direction; the last is unique."""

    name: str
    fields: tuple[str, ...]
    kinds: tuple[type, ...]
    descending: bool = False


ORDERS: Mapping[str, Order] = {
    order.name: order
    for order in (
        Order("best", ("rank", "id"), (int, UUID), descending=True),
        Order("title", ("title", "id"), (str, UUID)),
        Order("newest", ("published_at", "id"), (datetime, UUID), descending=True),
        Order("shortest", ("hours_high", "title", "id"), (int, str, UUID)),
    )
}


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows and the cursors of the pages beside it (empty: there is none)."""

    rows: list[Row]
    next: str
    previous: str


def page(rows: QuerySet[Row], order: Order, cursor: str, size: int) -> Page[Row]:
    """One page of `rows`, at `cursor` or from the start. Raises `BadCursor`."""
    position, backwards = _decode(cursor, order) if cursor else (None, False)
    if position is not None:
        rows = rows.filter(_beyond(order, position, descending=order.descending != backwards))
    sign = "-" if order.descending != backwards else ""
    found = list(rows.order_by(*(f"{sign}{field}" for field in order.fields))[: size + 1])
    more, found = len(found) > size, found[:size]
    if backwards:
        found.reverse()
    has_next, has_previous = (bool(found), more) if backwards else (more, position is not None)
    return Page(
        found,
        _encode(order, found[-1], "n") if has_next and found else "",
        _encode(order, found[0], "p") if has_previous and found else "",
    )


def _beyond(order: Order, position: Sequence[Any], *, descending: bool) -> Q:
    """(a, b, …) > position, spelled out, with a bound on the first column that an index can use."""
    sign = "lt" if descending else "gt"
    cases = [
        Q(**dict(zip(order.fields[:depth], position, strict=False)), **{f"{name}__{sign}": position[depth]})
        for depth, name in enumerate(order.fields)
    ]
    return Q(**{f"{order.fields[0]}__{sign}e": position[0]}) & reduce(or_, cases)


def _encode(order: Order, row: Model, direction: str) -> str:
    values = [getattr(row, name) for name in order.fields]
    plain = [value if isinstance(value, int) else str(value) for value in values]
    return urlsafe_b64encode(json.dumps([order.name, direction, *plain]).encode()).decode().rstrip("=")


def _decode(cursor: str, order: Order) -> tuple[list[Any], bool]:
    if len(cursor) > LONGEST_CURSOR:
        raise BadCursor(cursor)
    try:
        name, direction, *values = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        position = [_read(kind, value) for kind, value in zip(order.kinds, values, strict=True)]
    except (ValueError, TypeError, RecursionError, binascii.Error) as error:
        raise BadCursor(cursor) from error
    if name != order.name or direction not in ("n", "p"):
        raise BadCursor(cursor)
    return position, direction == "p"


def _read(kind: type, value: object) -> Any:
    if kind is int and isinstance(value, int) and abs(value) < 2**31:
        return value
    if not isinstance(value, str) or "\0" in value or kind is int:
        raise BadCursor(value)
    value.encode()  # a lone surrogate is no text
    if kind is datetime:
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            raise BadCursor(value)
        return moment
    return kind(value)
