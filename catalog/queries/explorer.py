"""The explorer: what matches, in which order, and how many behind every filter. At most three queries."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import CharField, Count, F, Func, IntegerField, OuterRef, QuerySet, Value
from django.db.models.functions import Cast
from django.http import QueryDict
from django.utils.functional import Promise

from catalog.models import FacetCount, MicroCredential, StackItem
from catalog.queries import paging
from catalog.queries.filters import Filters, parse
from catalog.queries.words import GROUPS, OURS, SEARCH_CONFIG, TOTAL

# Beyond this many nobody reads on; ranking and counting stop here so that both stay flat.
CAP = 2000
LAST_WORD = re.compile(r"^(?P<head>.*?)(?P<word>(?<![-\w])[^\W_]{2,})$", re.DOTALL)
CARD_FIELDS = (
    "id", "slug", "state", "title", "summary", "hours_low", "hours_high", "weeks", "glyph", "evidence_kinds",
    "published_at", "issuer__name", "issuer__slug", "issuer__colour",
)  # fmt: skip


@dataclass(frozen=True)
class Option:
    """One value of a facet."""

    name: str
    value: str
    label: str | Promise
    parent: str
    count: int
    checked: bool


@dataclass(frozen=True)
class Facet:
    """A group of filters under one heading."""

    legend: str | Promise
    options: list[Option]

    @property
    def checked(self) -> bool:
        return any(option.checked for option in self.options)


@dataclass(frozen=True)
class Chip:
    """A filter in force and the query string without it."""

    label: str | Promise
    query: str


@dataclass(frozen=True)
class Results:
    """Everything the explorer shows."""

    filters: Filters
    page: paging.Page[MicroCredential]
    facets: list[Facet]
    chips: list[Chip]
    total: int
    bad_cursor: bool = False

    @property
    def capped(self) -> bool:
        return self.total >= CAP and self.filters.narrowed


def vocabulary() -> dict[str, FacetCount]:
    """Every word a filter may use, by key."""
    return {row.key: row for row in FacetCount.objects.all()}


def search(
    base: QuerySet[MicroCredential], filters: Filters, cursor: str, size: int
) -> paging.Page[MicroCredential]:
    """One page of what matches. Raises `BadCursor`."""
    hits = _ranked(_narrow(base, filters), filters)
    return paging.page(as_cards(hits), paging.ORDERS[filters.order], cursor, size)


def explore(base: QuerySet[MicroCredential], params: QueryDict, size: int) -> Results:
    """Answer a query string over `base`. A cursor that is not ours starts at the first page and says so."""
    words = vocabulary()
    filters = parse(params, words)
    bad = False
    try:
        page = search(base, filters, params.get("cursor", ""), size)
    except paging.BadCursor:
        bad, page = True, search(base, filters, "", size)
    counts = (
        _counts(base, filters, words) if filters.narrowed else {key: row.count for key, row in words.items()}
    )
    return Results(
        filters, page, _facets(filters, words, counts), _chips(filters, words), counts.get(TOTAL, 0), bad
    )


def as_cards(rows: QuerySet[MicroCredential]) -> QuerySet[MicroCredential]:
    """Only what a card shows, its issuer and the titles of its stacks included, in the same query."""
    titles = StackItem.objects.filter(micro_credential=OuterRef("pk")).order_by("group__stack__title")
    stacks = ArraySubquery(titles.values("group__stack__title"))
    return rows.select_related("issuer").only(*CARD_FIELDS).annotate(stack_titles=stacks)


def _narrow(
    base: QuerySet[MicroCredential], filters: Filters, *, except_group: str = ""
) -> QuerySet[MicroCredential]:
    """The rows that match; the hits of a question are fenced off, so that no order tempts the planner."""
    rows = base
    for group in filters.chosen:
        if group != except_group:
            rows = rows.filter(facets__overlap=filters.keys(group))
    return _fence(rows.filter(search=_question(filters.q))) if filters.q else rows


def _fence(rows: QuerySet[MicroCredential]) -> QuerySet[MicroCredential]:
    """The newest of `rows`, up to the cap.

    Without its ORDER BY on a column that no index knows, the LIMIT would make the planner read the whole table
    in the hope of an early end (200 ms at 18,000 rows) instead of asking the GIN index.
    """
    return MicroCredential.objects.filter(pk__in=rows.order_by("-created").values("pk")[:CAP])


def _question(text: str) -> Any:
    """A websearch query whose last word may be unfinished: “famil” finds families."""
    whole = SearchQuery(text, config=SEARCH_CONFIG, search_type="websearch")
    match = LAST_WORD.match(text)
    if not match or text.count('"') % 2 or match["word"].lower() in ("or", "and"):
        return whole
    started: Any = SearchQuery(f"{match['word']}:*", config=SEARCH_CONFIG, search_type="raw")
    if head := match["head"].strip():
        started = SearchQuery(head, config=SEARCH_CONFIG, search_type="websearch") & started
    return whole | started


def _ranked(rows: QuerySet[MicroCredential], filters: Filters) -> QuerySet[MicroCredential]:
    """With `rank` in millionths, a whole number, so that a cursor can name it exactly."""
    if filters.order != "best":
        return rows
    rank = Func(SearchRank(F("search"), _question(filters.q)) * 1_000_000, function="round")
    return rows.annotate(rank=Cast(rank, IntegerField()))


def _counts(
    base: QuerySet[MicroCredential], filters: Filters, words: Mapping[str, FacetCount]
) -> dict[str, int]:
    """How many each filter would show, in one query.

    The values of a group are counted without that group's own choice, because choosing another widens it.
    """
    chosen = list(filters.chosen)
    alone = not filters.q and len(chosen) == 1
    groups = [""] if alone else ["", *chosen]
    arms = [
        _arm(group, _narrow(base, filters, except_group=group), fenced=bool(filters.q)) for group in groups
    ]
    rows = arms[0].union(*arms[1:], all=True) if arms[1:] else arms[0]
    counts = {key: row.count for key, row in words.items() if alone and key.startswith(f"{chosen[0]}:")}
    wanted = {key: "" if (group := key.partition(":")[0]) not in chosen else group for key in words}
    return counts | {key: count for arm, key, count in rows if wanted.get(key, "") == arm}


def _arm(name: str, rows: QuerySet[MicroCredential], *, fenced: bool) -> QuerySet[Any, tuple[str, str, int]]:
    tallied = tally(rows if fenced else _fence(rows)).annotate(arm=Value(name))
    arm: QuerySet[Any, tuple[str, str, int]] = tallied.values_list("arm", "key", "count")
    return arm


def tally(rows: QuerySet[MicroCredential]) -> QuerySet[Any, Any]:
    """`key` and `count` of every facet key that `rows` carry, and of `TOTAL`, which stands for all of them."""
    keys = Func(F("facets"), Value(TOTAL), function="array_append", output_field=ArrayField(CharField()))
    key = Func(keys, function="unnest", output_field=CharField())
    key.set_returning = True
    return rows.order_by().annotate(key=key).values("key").annotate(count=Count("pk"))


def _facets(filters: Filters, words: Mapping[str, FacetCount], counts: Mapping[str, int]) -> list[Facet]:
    """All groups in the order of the page; a value without results stays, with its zero."""
    options: dict[str, list[Option]] = {}
    for row in words.values():
        if row.group in GROUPS:
            legend = str(GROUPS[row.group])
            value = row.key.partition(":")[2]
            option = Option(
                row.group, value, _label(row), row.parent, counts.get(row.key, 0), filters.has(row.key)
            )
            options.setdefault(legend, []).append(option)
    legends = dict.fromkeys(str(legend) for legend in GROUPS.values())
    return [Facet(legend, options[legend]) for legend in legends if legend in options]


def _chips(filters: Filters, words: Mapping[str, FacetCount]) -> list[Chip]:
    chips = [Chip(f"“{filters.q}”", filters.query_string(without="q"))] if filters.q else []
    keys: Sequence[str] = [key for group in filters.chosen for key in filters.keys(group)]
    return chips + [Chip(_label(words[key]), filters.query_string(without=key)) for key in keys]


def _label(row: FacetCount) -> str | Promise:
    return row.label or OURS.get(row.key, row.key)
