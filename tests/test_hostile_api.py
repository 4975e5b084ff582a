"""Every operation of the OpenAPI document under hostile input: never a server error, every refusal a problem document."""

from __future__ import annotations

import itertools
import json
import logging
import re
import sys
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.core.signals import got_request_exception
from django.db import transaction
from django.test import Client
from django.urls import resolve
from drf_spectacular.generators import SchemaGenerator
from rest_framework.throttling import SimpleRateThrottle

from tests.doors import PERSONS, TABLE
from tests.looking import EVERYTHING, some, watched
from tests.test_access import World, address, make_world, ours, visitor

PROBLEM = "application/problem+json"
NOBODY = "00000000-0000-0000-0000-000000000000"
DUMMY = {"note": NOBODY, "slug": "a", "pk": NOBODY, "id": NOBODY}
CLOSED = ("401", "403", "404")
WRITES = ("post", "put", "patch")
# What no operation takes: not JSON, JSON of the wrong shape, JSON that unfolds.
BODIES = (
    b"", b"{", b"null", b"1", b'"text"', b"[]", b"[1]", b'[["a"]]', b"\xff\xfe\x00", b'{"revision": NaN}',
    b'{"revision": 1e999}', b'{"revision": ' + b"9" * 5000 + b"}", b"[" * 20_000, b'{"a":' * 20_000,
    b'{"\\u0000": "\\u0000"}', b'{"\\ud800": "\\ud800"}', b'{"answers.\\ud800": "x", "revision": 0}',
)  # fmt: skip
# What no member of a body takes, or takes calmly.
VALUES: tuple[Any, ...] = (
    None,
    [],
    {},
    [[]],
    {"a": {"b": []}},
    "",
    "\0",
    "a\0b",
    "\ud800",
    -1,
    2**40,
    10**30,
    1.5,
    True,
    "x" * 20_000,
)
TEXTS = (
    "",
    "\0",
    "%00",
    "a" * 3000,
    "'\"><script>",
    "../../etc/passwd",
    "\ud7ff\uffff",
    "-1",
    "9" * 40,
    "1e9",
    "ünï",
)
TYPES = (
    "text/plain",
    "application/xml",
    "multipart/form-data",
    "application/x-www-form-urlencoded",
    "no type",
    "",
)

METHODS = ("get", "head", "options", "post", "put", "patch", "delete", "brew")
HEADERS: tuple[dict[str, str], ...] = (
    {"X-File-Name": "a%00b/../c%ff.pdf"}, {"Accept": "text/html"}, {"Accept": "?"}, {"Range": "bytes=9-1"},
    {"Authorization": "Token"}, {"Authorization": "Token a b"}, {"Authorization": "Token \xfc"},
    {"Authorization": "Basic !!!"}, {"Accept-Language": "xx-!"}, {"If-None-Match": '"'}, {"If-Modified-Since": "?"},
)  # fmt: skip


class Operation(NamedTuple):
    """One method at one path of the document."""

    method: str
    path: str
    body: dict[str, Any]
    parameters: list[str]
    public: bool

    @property
    def name(self) -> str:
        filled = re.sub(r"{(\w+)}", lambda match: DUMMY[match[1]], self.path)
        return str(resolve(filled).url_name)


def operations() -> list[Operation]:
    """All of them."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return [
        Operation(
            method,
            path,
            _body(schema, one),
            [row["name"] for row in one.get("parameters", []) if row["in"] == "query"],
            {} in one.get("security", [{}]),
        )
        for path, methods in schema["paths"].items()
        for method, one in methods.items()
        if path.startswith("/api/v1/")
    ]


def _body(schema: dict[str, Any], one: dict[str, Any]) -> dict[str, Any]:
    """A member for each property of the JSON body, of the right type."""
    content = one.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    found = schema["components"]["schemas"].get(content.get("$ref", "").rpartition("/")[2], {})
    return {name: _plain(row) for name, row in found.get("properties", {}).items()}


def _plain(row: dict[str, Any]) -> Any:
    kinds = {"integer": 0, "number": 0, "boolean": True, "array": [], "object": {}}
    return kinds.get(row.get("type", ""), "text")


OPERATIONS = operations()


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once; whatever a request changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield make_world()
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def unthrottled(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counting requests is another test's business."""
    for scope in SimpleRateThrottle.THROTTLE_RATES:
        monkeypatch.setitem(SimpleRateThrottle.THROTTLE_RATES, scope, None)


@pytest.fixture(autouse=True)
def crashes(caplog: pytest.LogCaptureFixture) -> Iterator[list[str]]:
    """What went wrong inside, for the message of a failing test."""
    caplog.set_level(logging.CRITICAL)
    seen: list[str] = []

    def note(**_signal: Any) -> None:
        seen.append(logging.Formatter().formatException(sys.exc_info())[-700:])

    got_request_exception.connect(note)
    yield seen
    got_request_exception.disconnect(note)


def browser(world: World, operation: Operation) -> Client:
    """Of the first person who gets beyond the door there, by the table of `test_access`."""
    answers = TABLE[operation.name].answers.split()
    person = next(name for name, answer in zip(PERSONS, answers, strict=True) if answer not in CLOSED)
    return visitor(world, person)


def send(
    client: Client, method: str, url: str, body: bytes = b"", kind: str = "application/json", **headers: Any
) -> Any:
    with transaction.atomic():
        answer = client.generic(method.upper(), url, body, content_type=kind, headers=headers or None)
        transaction.set_rollback(True)
    return answer


def fault(answer: Any) -> str:
    """What is wrong with an answer, or nothing."""
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    if answer.status_code < 400:
        return ""
    if answer.headers.get("Content-Type") != PROBLEM:
        return f"{answer.status_code} as {answer.headers.get('Content-Type')}"
    if answer.request["REQUEST_METHOD"] == "HEAD":
        return ""
    document = json.loads(answer.content)
    good = document["status"] == answer.status_code and document["title"] and "type" in document
    errors = document.get("errors", {})
    return "" if good and all(isinstance(words, list) for words in errors.values()) else str(document)


def named(operation: Operation) -> str:
    return f"{operation.method} {operation.path}"


def hostile_bodies(operation: Operation) -> Iterator[bytes]:
    """A few of the bodies, because one parser reads them all, and in each member a few of the values, in turns."""
    yield from some(BODIES, named(operation), 6)
    for name in operation.body:
        for value in some(VALUES, f"{named(operation)} {name}", 5):
            yield json.dumps({**operation.body, name: value}).encode()


@pytest.mark.parametrize("operation", [one for one in OPERATIONS if one.method in WRITES], ids=named)
def test_bodies(world: World, crashes: list[str], operation: Operation) -> None:
    client, url = browser(world, operation), address(operation.name, world.ids)
    faults = [
        (body[:80], found, crashes[-1:])
        for body in hostile_bodies(operation)
        if (found := fault(send(client, operation.method, url, body)))
    ]
    assert faults == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_addresses_and_queries(world: World, crashes: list[str], operation: Operation) -> None:
    """What the operation looks for in its query, what is documented, and the usual names where it takes all of it."""
    client, url = browser(world, operation), address(operation.name, world.ids)
    with watched() as looks:
        assert fault(send(client, operation.method, url, b"{}")) == ""
    usual = ("cursor", "page_size", "tab", "format") if EVERYTHING in looks.query else ()
    names = sorted({*usual, *looks.query, *operation.parameters} - {EVERYTHING})
    faults = [
        (name, text[:40], found, crashes[-1:])
        for name, text in itertools.product(names, some(TEXTS, named(operation), 5))
        if (
            found := fault(
                send(client, operation.method, f"{url}?{name}={quote(text, errors='replace')}", b"{}")
            )
        )
    ]
    assert faults == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_paths_methods_types_and_headers(world: World, crashes: list[str], operation: Operation) -> None:
    client, url = browser(world, operation), address(operation.name, world.ids)
    texts = [*some(TEXTS, operation.path, 3), NOBODY]
    strange = {re.sub(r"{\w+}", quote(text, safe=""), operation.path) for text in texts}
    answers = [send(client, operation.method, path, b"{}") for path in strange]
    answers += [send(client, method, url, b"{}") for method in some(METHODS, operation.path, 3)]
    answers += [
        send(client, operation.method, url, b"a=b", kind) for kind in some(TYPES, named(operation), 2)
    ]
    answers += [
        send(client, operation.method, url, b"{}", **header) for header in some(HEADERS, named(operation), 4)
    ]
    faults = [(one.request["PATH_INFO"][:80], fault(one), crashes[-1:]) for one in answers if fault(one)]
    assert faults == []


@pytest.mark.parametrize("operation", OPERATIONS, ids=named)
def test_who_does_not_say_who_she_is(world: World, operation: Operation) -> None:
    client = Client(raise_request_exception=False)
    answer = send(client, operation.method, address(operation.name, world.ids), b"{}")
    assert (answer.status_code == 401) == (not operation.public)
    if answer.status_code == 401:
        assert (answer.headers["Content-Type"], answer.headers["WWW-Authenticate"]) == (PROBLEM, "Token")


@pytest.mark.parametrize(
    "path", ["nothing/", "nothing", "", "submissions/no-uuid/", "awards/%00/", "submissions/%ff/"]
)
@pytest.mark.parametrize("method", ["get", "post", "delete", "brew"])
def test_what_does_not_exist_says_so_in_json(db: None, path: str, method: str) -> None:
    answer = send(Client(), method, f"/api/v1/{path}", b"{}")
    assert (answer.status_code, fault(answer)) == (404, "")


def test_the_document_covers_every_route() -> None:
    undocumented = {"api-docs"}
    named_api = {name for name in ours() if name.startswith("api-")} | {"artifact-upload"}
    assert named_api - undocumented == {operation.name for operation in OPERATIONS}


def test_what_breaks_says_nothing_of_what_broke(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.api.vocabulary", None)
    answer = Client(raise_request_exception=False).get("/api/v1/micro-credentials/")
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert answer.json() == {
        "type": "about:blank",
        "title": "Internal Server Error",
        "status": 500,
        "detail": "",
    }


@pytest.mark.parametrize("path", ["/api/v1/micro-credentials/", "/explore/", "/my/"])
def test_another_host_is_bad_input(db: None, path: str) -> None:
    answer = Client(raise_request_exception=False).get(path, headers={"host": "evil.test"})
    assert (answer.status_code, "evil.test" in answer.content.decode()) == (400, False)
    assert "Content-Security-Policy" in answer.headers
