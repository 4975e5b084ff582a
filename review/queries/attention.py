"""What needs an approver now, as lines: the first few of each kind, and how many there are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

SHOWN = 20
CODES = ["submission__enrolment__version"]
# Kind → what its lines show besides, and what comes first.
LINES: dict[str, tuple[list[str], list[str]]] = {
    "late": ([*CODES, "issuer"], ["due", "pk"]),
    "differing": ([*CODES, "issuer"], ["due", "pk"]),
    "appeals": (CODES, ["answer_by", "pk"]),
    "nobody": ([*CODES, "issuer"], ["due", "pk"]),
    "comments": (["issuer", "micro_credential"], ["created", "pk"]),
}


def needs(rows: Mapping[str, QuerySet[Any]]) -> dict[str, list[Any]]:
    """The first lines of every kind, one query each."""
    found = {}
    for kind, (related, order) in LINES.items():
        if kind in rows:
            found[kind] = list(rows[kind].select_related(*related).order_by(*order)[:SHOWN])
    return found


def needed(rows: Mapping[str, QuerySet[Any]]) -> int:
    """How many things need an approver, each kind counted up to `SHOWN`; one query."""
    heads = [row.order_by().values_list("pk")[:SHOWN] for row in rows.values()]
    return len(heads[0].union(*heads[1:], all=True)) if heads else 0
