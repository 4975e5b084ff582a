"""What the program looks at of a request: what it never looked at cannot have changed its answer."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zlib import crc32

import pytest
from django.core.handlers import wsgi
from django.http import QueryDict
from django.test import client
from django.utils.functional import cached_property

T = TypeVar("T")

# All of it: by copying it, by walking through it, or as it came.
EVERYTHING = "*"


@dataclass
class Looks:
    """The names that were looked for in query strings and in bodies."""

    query: set[str] = field(default_factory=set)
    body: set[str] = field(default_factory=set)

    def among(self, names: tuple[str, ...]) -> list[str]:
        """Those of a form's fields that were looked for."""
        return [name for name in names if name in self.body or EVERYTHING in self.body]


class Noted(QueryDict):
    """A query string or a form that notes what it is asked for."""

    def __init__(self, given: QueryDict, seen: set[str]) -> None:
        super().__init__(mutable=True)
        for name, values in given.lists():
            self.setlist(name, values)
        self._mutable, self._seen = False, seen

    def __copy__(self) -> Any:
        return self.__deepcopy__({})

    def __deepcopy__(self, memo: Any) -> Any:
        return QueryDict(self.urlencode(), mutable=True, encoding=self.encoding)

    def __getitem__(self, key: Any) -> Any:
        self._seen.add(str(key))
        return super().__getitem__(key)

    def __contains__(self, key: object) -> bool:
        if not self._mutable:
            self._seen.add(str(key))
        return super().__contains__(key)

    def _getlist(self, *args: Any, **kwargs: Any) -> Any:
        self._seen.add(str(args[0]))
        return super()._getlist(*args, **kwargs)  # type: ignore[misc]

    def __iter__(self) -> Iterator[str]:
        self._seen.add(EVERYTHING)
        return super().__iter__()

    def keys(self) -> Any:
        self._seen.add(EVERYTHING)
        return super().keys()

    def lists(self) -> Any:
        self._seen.add(EVERYTHING)
        return super().lists()


class Environment(dict[str, Any]):
    """What the server hands over; whoever takes the query string out of it takes everything."""

    def __init__(self, given: dict[str, Any], seen: set[str]) -> None:
        super().__init__(given)
        self._seen = seen

    def __getitem__(self, key: str) -> Any:
        self._note(key)
        return super().__getitem__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._note(key)
        return super().get(key, default)

    def _note(self, key: str) -> None:
        if key == "QUERY_STRING":
            self._seen.add(EVERYTHING)


@contextlib.contextmanager
def watched() -> Iterator[Looks]:
    """What the program looks at of the requests that are made meanwhile."""
    looks = Looks()

    class Request(wsgi.WSGIRequest):
        """Hands out forms that note; whoever reads its body in another way has seen everything."""

        forming = False

        def __init__(self, environ: dict[str, Any]) -> None:
            super().__init__(Environment(environ, looks.query))

        @cached_property
        def GET(self) -> QueryDict:  # type: ignore[override]  # noqa: N802
            sent = wsgi.get_bytes_from_wsgi(dict(self.environ), "QUERY_STRING", "")
            return Noted(QueryDict(sent), looks.query)

        def _load_post_and_files(self) -> None:
            self.forming = True
            super()._load_post_and_files()
            sent: QueryDict = self._post  # type: ignore[has-type]
            self._post = Noted(sent, looks.body)
            self.forming = False

        def read(self, *args: Any, **kwargs: Any) -> bytes:
            if not self.forming:
                looks.body.add(EVERYTHING)
            return super().read(*args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "WSGIRequest", Request)
        yield looks


def some(values: Sequence[T], key: str, count: int) -> list[T]:
    """A few of many, always the same for one key and others for another: over all keys each value has its turns."""
    start = crc32(key.encode())
    return [values[(start + number) % len(values)] for number in range(min(count, len(values)))]
