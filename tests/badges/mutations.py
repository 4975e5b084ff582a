"""Documents and files broken at random, the same ones for the same seed."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

VALUES: tuple[Any, ...] = (
    None, True, 0, -1, 1e308, 2**70, 0.1, "", " ", "x", "_:b0", "@id", "did:web:", "did:web:a:b:%", "did:key:z", "did:key:z6Mk",
    "did:jwk:e30", "did:jwk:bnVsbA", "https://", "https://[", "https://elsewhere.example:x/", "http://a\u0000b/", "mailto:",
    "\ud800", "\u202e", "9" * 400, "z" * 9_000, "2026-02-30T00:00:00Z", "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    [], {}, [[]], [None], [{}], {"id": []}, {"@value": "x"}, {"@value": {}}, {"@list": []}, {"@id": "x"}, {"": ""},
    {"type": []}, ["x"] * 600, {"id": "x", "type": "Profile"}, "relative", "#fragment", "u", "uH4sI", "z!",
)  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Every container in a document with each of its keys."""
    found: list[tuple[Any, Any]] = []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        found += [(value, key), *places(item)]
    return found


def mutated(document: dict[str, Any], chance: random.Random) -> dict[str, Any]:
    """A copy with one to three things changed, moved, taken out or written twice."""
    copied: dict[str, Any] = copy.deepcopy(document)
    for _number in range(chance.randint(1, 3)):
        where = places(copied)
        if not where:
            break
        holder, key = chance.choice(where)
        kind = chance.randrange(5)
        if kind == 0:
            del holder[key]
        elif kind == 1 and isinstance(holder, dict):
            holder[chance.choice(("@type", "@graph", "proof", "vc", "id", "type", "x:y", "\ud800", ""))] = (
                holder.pop(key)
            )
        elif kind == 2:
            other, place = chance.choice(where)
            holder[key] = copy.deepcopy(
                other.get(place) if isinstance(other, dict) else other[place : place + 1]
            )
        elif kind == 3:
            holder[key] = [copy.deepcopy(holder[key])] * chance.choice((1, 2, 30))
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
    return copied


def torn(content: bytes, chance: random.Random) -> bytes:
    """A copy with bytes changed, cut off, or written twice."""
    bits = bytearray(content)
    for _number in range(chance.randint(1, 6)):
        at = chance.randrange(len(bits))
        kind = chance.randrange(4)
        if kind == 0:
            bits[at] = chance.randrange(256)
        elif kind == 1:
            del bits[at : at + chance.randint(1, 40)]
        elif kind == 2:
            bits[at:at] = bits[at : at + chance.randint(1, 200)]
        else:
            bits[at:at] = chance.choice((b"\x00", b"\xff\xff\xff\xff", b"]]>", b"&x;", b'"', b"{", b"iTXt"))
        if not bits:
            break
    return bytes(bits)


def written(document: Any) -> bytes:
    """As JSON, with what no UTF-8 holds escaped."""
    return json.dumps(document).encode()
