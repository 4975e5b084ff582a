"""Vocabularies: pinned, copied, never fetched; and how a hostile document is read."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from badges.openbadges import contexts, reading
from badges.openbadges.contexts import ContextError
from badges.openbadges.reading import DocumentError

# What the verifier reads from the JSON must have one spelling in every vocabulary we accept.
LOAD_BEARING = (
    "credentialStatus",
    "validFrom",
    "validUntil",
    "issuer",
    "credentialSubject",
    "achievement",
    "proof",
)


@pytest.mark.parametrize("url", sorted(contexts.KNOWN))
def test_installed_contexts_are_the_pinned_ones(url: str) -> None:
    assert "@context" in contexts.load(url)


def test_changed_context_is_refused() -> None:
    with pytest.raises(ContextError):
        contexts.checked(b"{}", "0" * 64, contexts.CREDENTIALS_V2)


@pytest.mark.parametrize(
    "url",
    ["https://elsewhere.example/", contexts.CREDENTIALS_V2 + "/", "HTTPS://www.w3.org/ns/credentials/v2", ""],
)
def test_unknown_context_is_refused_without_the_network(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError("the network was asked")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(ContextError):
        contexts.document_loader(url)


def test_callers_cannot_change_each_others_context() -> None:
    contexts.load(contexts.CREDENTIALS_V2).clear()
    assert contexts.load(contexts.CREDENTIALS_V2) != {}


def test_no_vocabulary_has_a_second_name_for_what_the_verifier_reads() -> None:
    names: dict[str, set[str]] = {}
    for url in contexts.KNOWN:
        collect(contexts.load(url)["@context"], names)
    addresses = {address for address, terms in names.items() if terms & set(LOAD_BEARING)}
    assert {
        address: terms for address, terms in names.items() if address in addresses and len(terms) > 1
    } == {}


def collect(context: Any, names: dict[str, set[str]]) -> None:
    if isinstance(context, list):
        for item in context:
            collect(item, names)
    elif isinstance(context, dict):
        for term, definition in context.items():
            address = definition.get("@id") if isinstance(definition, dict) else definition
            if isinstance(address, str) and not term.startswith("@"):
                names.setdefault(address, set()).add(term)
            if isinstance(definition, dict):
                collect(definition.get("@context"), names)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '"text"',
        "null",
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": 1e400}',
        '{"a": 9007199254740993}',
        '{"a": 1, "a": 2}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": "\\ud800"}',
        '{"a:b": 1}',
        '{"a": ' + "9" * 5000 + "}",
        b"\xff\xfe",
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"a":' * 40 + "1" + "}" * 40,
        json.dumps({"a": [0] * 2_001}),
        json.dumps({"a": "x" * 5_000_000}),
    ],
)
def test_hostile_text_is_refused(text: str | bytes) -> None:
    with pytest.raises(DocumentError):
        reading.read_json(text)


def test_lone_surrogate_in_the_text_itself_is_refused() -> None:
    with pytest.raises(DocumentError):
        reading.read_json('{"a": "\ud800"}')


def test_byte_order_mark_is_no_part_of_the_document() -> None:
    assert reading.read_json(b'\xef\xbb\xbf{"a": 1}') == {"a": 1}


def test_bounded_returns_a_copy() -> None:
    document = {"a": {"b": [1.0, 2.5, True, None, "x"]}}
    copy = reading.bounded(document)
    copy["a"]["b"].append("y")
    assert document == {"a": {"b": [1.0, 2.5, True, None, "x"]}}
    assert repr(copy["a"]["b"]) == "[1, 2.5, True, None, 'x', 'y']"


def test_what_is_written_is_read_again() -> None:
    document = {"name": 'שלום 🎉 "]]>" </svg>', "n": [1, 2.5]}
    assert reading.read_json(reading.write_json(document)) == document
