"""What somebody asks of the explorer, as read from a query string and written back into one."""

from __future__ import annotations

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from django.http import QueryDict

from catalog.queries.words import FLAGS, GROUPS

SORTS = ("best", "title", "newest", "shortest")
LONGEST_QUESTION = 200
YES = ("1", "true", "yes", "on")


@dataclass(frozen=True)
class Filters:
    """Within a group any of the values will do; between groups all must hold."""

    q: str = ""
    sort: str = ""
    chosen: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown: tuple[tuple[str, str], ...] = ()

    @property
    def order(self) -> str:
        """The sort in force: best match needs a question, without one titles are in order."""
        if not self.sort or (self.sort == "best" and not self.q):
            return "best" if self.q else "title"
        return self.sort

    @property
    def narrowed(self) -> bool:
        return bool(self.q or self.chosen)

    def keys(self, group: str) -> list[str]:
        """The facet keys chosen in a group."""
        return [f"{group}:{value}" for value in self.chosen.get(group, ())]

    def has(self, key: str) -> bool:
        group, _separator, value = key.partition(":")
        return value in self.chosen.get(group, ())

    def sorted(self, sort: str) -> Filters:
        """The same filters in another order."""
        return replace(self, sort=sort)

    def query_string(self, *, without: str = "", **more: str) -> str:
        """These filters as a query string, less one (`q` or a facet key), plus others such as a cursor."""
        pairs = [("q", self.q)] if self.q and without != "q" else []
        for group, values in self.chosen.items():
            pairs += [(group, value) for value in values if f"{group}:{value}" != without]
        pairs += [("sort", self.sort)] if self.sort else []
        return urlencode(pairs + list(more.items()))


def parse(params: QueryDict, known: Container[str]) -> Filters:
    """Read filters leniently: what is not in the vocabulary is set aside in `unknown`, never an error here."""
    chosen: dict[str, tuple[str, ...]] = {}
    unknown: list[tuple[str, str]] = []
    for group in GROUPS:
        values = [_value(group, raw) for raw in dict.fromkeys(params.getlist(group)) if raw]
        good = tuple(value for value in values if f"{group}:{value}" in known)
        unknown += [(group, value) for value in values if value not in good]
        if good:
            chosen[group] = good
    sort = params.get("sort", "")
    if sort and sort not in SORTS:
        unknown.append(("sort", clean(sort)))
        sort = ""
    return Filters(clean(params.get("q", "")), sort, chosen, tuple(unknown))


def clean(text: str) -> str:
    """One line of printable text; a NUL would be an error in the database."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:LONGEST_QUESTION]


def _value(group: str, raw: str) -> str:
    value = clean(raw)
    return "1" if group in FLAGS and value.lower() in YES else value
