"""Reading a document that a stranger may have written, before anything expensive looks at it.

Canonicalising has no work limit of its own, so size, depth and number of values are bounded here first
(VC Data Integrity 1.0, section 5.5; RDFC-1.0, section 7.1).
"""

from __future__ import annotations

import json
from typing import Any, Final

from django.utils.translation import gettext as _

from badges.openbadges.contexts import is_known, may_define

MAX_BYTES: Final = 1_000_000
MAX_DEPTH: Final = 32
MAX_VALUES: Final = 2_000
_LARGEST_NUMBER: Final = 2**53
# Only these JSON-LD keywords may be written out: an `@id` beside `id` would show two readers two documents.
_KEYWORDS: Final = frozenset({"@context", "@value", "@language", "@direction"})
# In a vocabulary of its own a document may neither move relative names nor send for another vocabulary.
_NEVER: Final = frozenset({"@base", "@import"})


class DocumentError(Exception):
    """The document is too large, too deep, not JSON, or uses what we do not accept."""


class UnknownVocabulary(DocumentError):
    """The document names a vocabulary that is not pinned here: what it says cannot be told, good or bad."""


def read_json(text: str | bytes) -> dict[str, Any]:
    """Parse one bounded JSON object; duplicate names, NaN and lone surrogates are refused."""
    return bounded(_parsed(text))


def read_loose(text: str | bytes) -> dict[str, Any]:
    """The same bounds for what is not read as JSON-LD, and so may name any vocabulary: tokens, keys, lists."""
    return loose(_parsed(text))


def _parsed(text: str | bytes) -> Any:
    raw = _as_bytes(text)
    if len(raw) > MAX_BYTES:
        raise DocumentError(_("The document is larger than 1 MB."))
    try:
        value = json.loads(
            raw.decode("utf-8-sig"),
            object_pairs_hook=_no_duplicates,
            parse_constant=_no_constant,
        )
    except RecursionError as error:
        raise DocumentError(_("The document is nested too deeply.")) from error
    except ValueError as error:
        raise DocumentError(_("This is not a JSON document.")) from error
    return value


def bounded(value: Any) -> dict[str, Any]:
    """Check depth, number of values and keywords; return a normalised deep copy."""
    return _copied(value, _Reader())


def loose(value: Any) -> dict[str, Any]:
    """The same for what is not read as JSON-LD: depth and number of values only."""
    return _copied(value, _LooseReader())


def _copied(value: Any, reader: _Reader) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise DocumentError(_("The document is not a JSON object."))
    copy: dict[str, Any] = reader.copy(value, 1)
    return copy


def write_json(document: dict[str, Any]) -> str:
    """Write a document as we publish and bake it: compact, in its own script."""
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


def _as_bytes(text: str | bytes) -> bytes:
    if isinstance(text, bytes):
        return text
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise DocumentError(_("The document has characters that are not Unicode text.")) from error


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) != len(pairs):
        raise DocumentError(_("The document names the same property twice."))
    return result


def _no_constant(name: str) -> Any:
    raise DocumentError(_("%(name)s is not a JSON number.") % {"name": name})


class _Reader:
    def __init__(self) -> None:
        self.values = 0

    def copy(self, value: Any, depth: int) -> Any:
        self.values += 1
        if self.values > MAX_VALUES:
            raise DocumentError(_("The document has too many values."))
        if depth > MAX_DEPTH:
            raise DocumentError(_("The document is nested too deeply."))
        if isinstance(value, dict):
            return {self._name(name): self._member(name, item, depth) for name, item in value.items()}
        if isinstance(value, (list, tuple)):
            self._check_list(value)
            return [self.copy(item, depth + 1) for item in value]
        return self._scalar(value)

    def _scalar(self, value: Any) -> Any:
        return _scalar(value)

    def _check_list(self, value: list[Any] | tuple[Any, ...]) -> None:
        """JSON-LD signs a list in a list like the list alone, but who looks for objects finds none there."""
        if any(isinstance(item, (list, tuple)) for item in value) and not may_define():
            raise DocumentError(_("The document has a list within a list, which can be read in two ways."))

    def _member(self, name: str, item: Any, depth: int) -> Any:
        if name == "@context":
            _check_context(item)
            return self._vocabulary(item, depth + 1)
        return self.copy(item, depth + 1)

    def _vocabulary(self, value: Any, depth: int) -> Any:
        """A vocabulary has keywords and addresses for names, and counts like the rest."""
        reader = _LooseReader()
        reader.values = self.values
        copied = reader.copy(value, depth)
        self.values = reader.values
        return copied

    def _name(self, name: Any) -> str:
        """Allow one spelling: `credentialStatus` by its address would be signed alike and never looked at."""
        if not isinstance(name, str):
            raise DocumentError(_("A property name is not text."))
        if name.startswith("@") and name not in _KEYWORDS:
            raise DocumentError(
                _("The document uses %(name)s, which is not read here.") % {"name": name[:100]}
            )
        if ":" in name:
            raise DocumentError(_("The document spells out a property's address instead of its name."))
        return _text(name)


class _LooseReader(_Reader):
    def _check_list(self, value: list[Any] | tuple[Any, ...]) -> None:
        """Signed as it stands."""

    def _member(self, name: str, item: Any, depth: int) -> Any:
        return self.copy(item, depth + 1)

    def _name(self, name: Any) -> str:
        _as_bytes(str(name))
        return str(name)

    def _scalar(self, value: Any) -> Any:
        if isinstance(value, str):
            _as_bytes(value)
            return value
        return _scalar(value)


def _check_context(value: Any) -> None:
    """Contexts are addresses from the pinned list: an inline one could give any word any meaning."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, dict) and may_define() and not _NEVER & _words(item):
            continue
        if not isinstance(item, str):
            raise DocumentError(_("The document defines a vocabulary of its own, which is not read here."))
        if not is_known(item):
            words = _("The vocabulary %(address)s is not known here.")
            raise UnknownVocabulary(words % {"address": item[:200]})


def _words(value: Any) -> set[str]:
    """Every name in a vocabulary; one that is nested too deeply is refused when it is copied."""
    if isinstance(value, list):
        return set().union(*map(_words, value))
    return set(value).union(*map(_words, value.values())) if isinstance(value, dict) else set()


def _scalar(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, (int, float)):
        return _number(value)
    raise DocumentError(_("The document has a value that JSON does not know."))


def _number(value: float) -> float | int:
    """JSON-LD 1.1, section 8.6: a number without a fraction is an integer, however it is spelled."""
    if not abs(value) < _LARGEST_NUMBER:
        raise DocumentError(_("The document has a number that cannot be read exactly."))
    return int(value) if value == int(value) else value


def _text(value: str) -> str:
    if value.startswith("_:"):
        raise DocumentError(_("The document names blank nodes, which this platform does not read."))
    _as_bytes(value)
    return value
