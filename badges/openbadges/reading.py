"""Reading a document that a stranger may have written, before anything expensive looks at it.

Canonicalising has no work limit of its own, so size, depth and number of values are bounded here first
(VC Data Integrity 1.0, section 5.5; RDFC-1.0, section 7.1).
"""

from __future__ import annotations

import json
from typing import Any, Final

from badges.openbadges.contexts import KNOWN

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 2_000
# Only these JSON-LD keywords may be written out: an `@id` beside `id` would let two readers see two documents.
_KEYWORDS: Final = frozenset({"@context", "@value", "@language"})


class DocumentRefused(Exception):
    """The document is too large, too deep, not JSON, or uses what we do not accept."""


def read_json(text: str | bytes) -> dict[str, Any]:
    """Parse one bounded JSON object; duplicate names, NaN and lone surrogates are refused."""
    raw = _as_bytes(text)
    if len(raw) > MAX_BYTES:
        raise DocumentRefused(f"The document is larger than {MAX_BYTES:,} bytes.")
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
        )
    except RecursionError as error:
        raise DocumentRefused("The document is nested too deeply.") from error
    except ValueError as error:
        raise DocumentRefused("This is not a JSON document.") from error
    return bounded(value)


def bounded(value: Any) -> dict[str, Any]:
    """Check depth, number of values and keywords; return a normalised deep copy."""
    if not isinstance(value, dict):
        raise DocumentRefused("The document is not a JSON object.")
    reader = _Reader()
    copy: dict[str, Any] = reader.copy(value, 1)
    return copy


def _as_bytes(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise DocumentRefused(
            "The document has characters that are not Unicode text."
        ) from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise DocumentRefused("The document names the same property twice.")
    return result


def _no_constant(name: str) -> Any:
    raise DocumentRefused(f"{name} is not a JSON number.")


class _Reader:
    def __init__(self) -> None:
        self.values = 0

    def copy(self, value: Any, depth: int) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise DocumentRefused(f"The document has more than {MAX_VALUES:,} values.")
        if depth > MAX_DEPTH:
            raise DocumentRefused("The document is nested too deeply.")
        if isinstance(value, dict):
            return {
                self._name(name): self._member(name, item, depth)
                for name, item in value.items()
            }
        if isinstance(value, (list, tuple)):
            return [self.copy(item, depth + 1) for item in value]
        return _scalar(value)

    def _member(self, name: str, item: Any, depth: int) -> Any:
        if name == "@context":
            _check_context(item)
        return self.copy(item, depth + 1)

    def _name(self, name: Any) -> str:
        if not isinstance(name, str):
            raise DocumentRefused("A property name is not text.")
        if name.startswith("@") and name not in _KEYWORDS:
            raise DocumentRefused(
                f"The document uses {name}, which this platform does not read."
            )
        return _text(name)


def _check_context(value: Any) -> None:
    """Contexts are addresses from the pinned list: an inline one could give any word any meaning."""
    for item in value if isinstance(value, list) else [value]:
        if not isinstance(item, str):
            raise DocumentRefused(
                "The document defines a vocabulary of its own, which is not read here."
            )
        if item not in KNOWN:
            raise DocumentRefused(
                f"The vocabulary {item[:200]} is not one this platform knows."
            )


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    if value is None or isinstance(value, (bool, int)):
        return value
    raise DocumentRefused("The document has a value that JSON does not know.")


def _number(value: float) -> float | int:
    """JSON-LD 1.1, section 8.6: a number without a fraction is an integer, however it is spelled."""
    if value != value or value in (float("inf"), float("-inf")):
        raise DocumentRefused("The document has a number that JSON does not know.")
    return int(value) if value.is_integer() and abs(value) < 1e21 else value


def _text(value: str) -> str:
    if value.startswith("_:"):
        raise DocumentRefused(
            "The document names blank nodes, which this platform does not read."
        )
    _as_bytes(value)
    return value
