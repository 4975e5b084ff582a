"""Signing many awards of one achievement: it is canonicalised once, and each award's own parts are filled in.

Most of a credential is the same for everybody who earned the same thing. Its canonical form (RDFC-1.0) is a sorted list of
statements, in which unnamed nodes are numbered by the hashes of what is said about them (section 4.6). So the statements that
differ are filled in, the few hashes that depend on them made anew, and the list is sorted again: byte for byte what pyld makes.
Where that is not certain (nodes that look alike, a value that would be written differently) the caller is told, and asks pyld.
"""

from __future__ import annotations

import hashlib
import json
import re
from bisect import bisect
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import pairwise
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, Final, NamedTuple

from pyld.nquads import escape, serialize_nquad

from badges.openbadges import proofs
from badges.openbadges.documents import AwardData, identity_hash
from badges.openbadges.keys import base58_encode
from badges.openbadges.reading import bounded, write_json
from badges.openbadges.text import clean_name, clean_text

_SLOT: Final = "urn:x-slot:"
_FOUND: Final = re.compile(rf"{_SLOT}(\d+);")
_NODE: Final = re.compile(r"_:b\d+(?= )")
# Addresses, moments, hashes and numbers hold nothing else; JSON and N-Quads write these characters as they are.
_OTHER: Final = re.compile(r"[^A-Za-z0-9._~:/?#@!$&'()*+,;=%-]")
_SCHEMES: Final = ("https://", "http://", "urn:uuid:")
# What both write otherwise, and in the same way.
_ESCAPED: Final = re.compile(r'["\\\x00-\x1f]')
_PLAIN: Final = 10  # parts before the levels
_REMEMBERED: Final = 256
_LAYOUTS: Final = 64

_PATHS: Final[tuple[tuple[str | int, ...], ...]] = (
    ("id",),
    ("validFrom",),
    ("validUntil",),
    ("awardedDate",),
    ("credentialSubject", "id"),
    ("credentialSubject", "identifier", 0, "identityHash"),
    ("credentialSubject", "identifier", 0, "salt"),
    ("credentialStatus", "id"),
    ("credentialStatus", "statusListIndex"),
    ("credentialStatus", "statusListCredential"),
)


class UnfitError(Exception):
    """This document cannot be had from a template for certain: canonicalise it as a whole."""


class Parts(NamedTuple):
    """What differs between two awards of one achievement, as it is written in the document."""

    id: str
    valid_from: str
    valid_until: str
    awarded: str
    subject: str
    identity_hash: str
    salt: str
    status_id: str
    status_index: str
    status_list: str
    levels: tuple[str, ...] = ()
    narrative: str = ""
    evidence: tuple[tuple[str, str, str], ...] = ()  # address, name, narrative

    @classmethod
    def of(cls, award: AwardData) -> Parts:
        """The same of an award as `documents.credential` takes it."""
        url, index = award.status.list_url, str(award.status.index)
        return cls(
            award.id,
            proofs.timestamp(award.valid_from),
            proofs.timestamp(award.valid_until) if award.valid_until else "",
            proofs.timestamp(award.awarded),
            award.subject_id,
            identity_hash(award.recipient_email, award.recipient_salt),
            award.recipient_salt,
            f"{url}#{index}",
            index,
            url,
            tuple(result.level for result in award.results),
            clean_text(award.narrative),
            tuple((one.url, clean_name(one.name), clean_text(one.narrative)) for one in award.evidence),
        )

    @property
    def shape(self) -> tuple[object, ...]:
        """Which parts there are: awards of one template have the same."""
        given = [text != "" for one in self.evidence for text in one] if self.evidence else ()
        return self.valid_until != "", len(self.levels), self.narrative != "", *given

    @property
    def names(self) -> list[str]:
        """Addresses that stand for something of this award alone."""
        return [
            self.id,
            self.subject,
            self.status_id,
            self.status_list,
            *[one[0] for one in self.evidence if one[0]],
        ]

    @property
    def texts(self) -> tuple[str, ...]:
        """What people wrote, in the order of its slots."""
        return (self.narrative, *[text for one in self.evidence for text in one])


class Template:
    """One achievement with an award's own parts left open. Threads may share it."""

    def __init__(self, skeleton: str, shape: tuple[object, ...]) -> None:
        """Canonicalise the document `skeleton`, whose open parts are slots."""
        document: dict[str, Any] = json.loads(skeleton)
        self._context: tuple[str, ...] = tuple(document["@context"])
        self._shape = shape
        self._json = _Form(skeleton[:-1])
        self._lines, self._names = _statements(document)
        self._nodes = sorted({node for line in self._lines for node in _NODE.findall(line)})
        self._hashes = [_hash_of(node, self._lines) for node in self._nodes]
        subjects = {line.split(" ", 1)[0] for line in self._lines}
        self._fixed = sorted(one for one in subjects if one[0] == "<" and not _FOUND.search(one))
        self._moving = [int(found[1]) for one in sorted(subjects) if (found := _FOUND.search(one))]
        self._layouts: dict[tuple[object, ...], _Layout] = {}

    def canonical(self, parts: Parts) -> str:
        """The canonical N-Quads of one award."""
        values = self._checked(parts)
        layout = self._layout(values)
        return layout.begins + layout.rest.fill(values)

    def signer(
        self, key: proofs.Signs, *, verification_method: str, created: datetime
    ) -> Callable[[Parts], str]:
        """What signs awards: each becomes, as JSON text, what `proofs.sign` would make of its whole document."""
        options = _options(self._context, verification_method, proofs.timestamp(created))

        def sign(parts: Parts) -> str:
            values = self._checked(parts)
            signature = key.sign(options.digest + self._layout(values).digest(values))
            proof = f'{options.text},"proofValue":"z{base58_encode(signature)}"'
            return f'{self._json.fill(_as_json(parts, values))},"proof":{proof}}}}}'

        return sign

    def _checked(self, parts: Parts) -> tuple[str, ...]:
        if parts.shape != self._shape:
            raise UnfitError("other parts than the template has")
        names = parts.names
        if len(set(names)) < len(names) or not self._names.isdisjoint(names):
            raise UnfitError("a name that stands for something else too")
        return _as_quads(parts, names)

    def _layout(self, values: tuple[str, ...]) -> _Layout:
        """In which order the statements come: it depends on how nodes are numbered and where the award's names sort."""
        hashes = [known if isinstance(known, str) else known(values) for known in self._hashes]
        if len(set(hashes)) < len(hashes):
            raise UnfitError("nodes that look alike")
        moving = [f"<{values[slot]}>" for slot in self._moving]
        key = (
            *sorted(range(len(hashes)), key=hashes.__getitem__),
            *[bisect(self._fixed, name) for name in moving],
            *sorted(range(len(moving)), key=moving.__getitem__),
        )
        found = self._layouts.get(key)
        if found is None:
            if len(self._layouts) >= _LAYOUTS:
                self._layouts.clear()
            found = self._layouts[key] = self._lay_out(key[: len(hashes)], values)
        return found

    def _lay_out(self, order: Sequence[int], values: tuple[str, ...]) -> _Layout:
        label = {self._nodes[node]: f"_:c14n{number}" for number, node in enumerate(order)}
        lines = [_NODE.sub(lambda found: label[found[0]], line) for line in self._lines]
        return _Layout("".join(sorted(lines, key=lambda line: _Form(line).fill(values))))


def _as_quads(parts: Parts, names: Iterable[str]) -> tuple[str, ...]:
    """All parts in the order of their slots, as N-Quads write them; refused where an address or number is not plain."""
    plain = (*parts[:_PLAIN], *parts.levels)
    addresses = (*names, *parts.levels)
    if _OTHER.search("".join(plain)) or any(not one.startswith(_SCHEMES) for one in addresses):
        raise UnfitError("a value that is written differently")
    if not (parts.narrative or parts.evidence):
        return plain
    if _OTHER.search("".join([url for url, _name, _text in parts.evidence])):
        raise UnfitError("an address that is written differently")
    texts = parts.texts
    return (*plain, *(map(escape, texts) if _ESCAPED.search("".join(texts)) else texts))


def _as_json(parts: Parts, values: tuple[str, ...]) -> tuple[str, ...]:
    if not (parts.narrative or parts.evidence) or not _ESCAPED.search("".join(parts.texts)):
        return values
    texts = (encode_basestring(text)[1:-1] for text in parts.texts)
    return (*parts[:_PLAIN], *parts.levels, *texts)


def template_of(document: Mapping[str, Any], parts: Parts) -> Template:
    """The template of this unsigned credential; remembered, so that the same achievement is canonicalised once."""
    hollow = bounded(document)
    given = [*parts[:_PLAIN], *parts.levels, *parts.texts]
    slots = 0
    for number, (path, value) in enumerate(zip(_paths(parts), given, strict=True)):
        if value:
            _hollow(hollow, path, value, f"{_SLOT}{number};")
            slots += 1
    text = write_json(hollow)
    if text.count(_SLOT) != slots or "_:" in text:
        raise UnfitError("a text that reads like a slot")
    return _remembered(text, parts.shape)


@lru_cache(maxsize=_REMEMBERED)
def _remembered(skeleton: str, shape: tuple[object, ...]) -> Template:
    return Template(skeleton, shape)


def _paths(parts: Parts) -> list[tuple[str | int, ...]]:
    """Where each part stands in the document, in the order of the slots."""
    subject: tuple[str | int, ...] = ("credentialSubject",)
    return [
        *_PATHS,
        *((*subject, "result", number, "achievedLevel") for number in range(len(parts.levels))),
        (*subject, "narrative"),
        *(
            ("evidence", number, name)
            for number in range(len(parts.evidence))
            for name in ("id", "name", "narrative")
        ),
    ]


def _hollow(document: dict[str, Any], path: Sequence[str | int], value: str, slot: str) -> None:
    """Put the slot in place of the value that stands at `path`."""
    place: Any = document
    try:
        for name in path[:-1]:
            place = place[name]
        if place[path[-1]] != value:
            raise UnfitError(f"another {path[-1]}")
    except (KeyError, IndexError, TypeError) as error:
        raise UnfitError(f"without {path[-1]}") from error
    place[path[-1]] = slot


def _statements(document: dict[str, Any]) -> tuple[list[str], frozenset[str]]:
    """The document's N-Quads with slots and provisional node names, and the addresses in it that are always the same."""
    dataset = proofs.to_dataset(document)
    if set(dataset) - {"@default"}:
        raise UnfitError("more than one graph")
    quads = dataset["@default"]
    ends = [quad[end] for quad in quads for end in ("subject", "object")]
    names = frozenset(
        end["value"] for end in ends if end["type"] == "IRI" and not _FOUND.search(end["value"])
    )
    _refuse_order_by_value(quads)
    return [serialize_nquad(quad) for quad in quads], names


def _refuse_order_by_value(quads: Iterable[Mapping[str, Any]]) -> None:
    """Several statements of one subject and predicate would come in an order that a slot's value decides."""
    several = Counter((quad["subject"]["value"], quad["predicate"]["value"]) for quad in quads)
    for quad in quads:
        slot = _FOUND.search(quad["object"]["value"])
        if slot and several[quad["subject"]["value"], quad["predicate"]["value"]] > 1:
            raise UnfitError("an order that depends on a value")


def _hash_of(node: str, lines: Iterable[str]) -> str | Callable[[tuple[str, ...]], str]:
    """The node's first-degree hash (RDFC-1.0, section 4.6.2), or how to make it where slots stand in what is said of it."""
    said = [line for line in lines if node in _NODE.findall(line)]
    plain = [_NODE.sub(lambda found: "_:a" if found[0] == node else "_:z", line) for line in said]
    if not any(_FOUND.search(line) for line in plain):
        return _sha256(plain)
    form = _Form("".join(sorted(plain)))
    if _keeps_order(plain):
        return lambda values: hashlib.sha256(form.fill(values).encode()).hexdigest()
    return lambda values: _sha256(re.findall(r"[^\n]*\n", form.fill(values)))


def _keeps_order(lines: Iterable[str]) -> bool:
    """Whether what comes before each line's first slot decides their order already."""
    begins = sorted(_FOUND.split(line, maxsplit=1)[0] for line in lines)
    return not any(later.startswith(sooner) for sooner, later in pairwise(begins))


def _sha256(lines: list[str]) -> str:
    return hashlib.sha256("".join(sorted(lines)).encode()).hexdigest()


class _Form:
    """A text with gaps for slots."""

    def __init__(self, text: str) -> None:
        # Two gaps more in which nothing is shown: picking several gives a tuple.
        self._text = _FOUND.sub("%s", text.replace("%", "%%")) + "%.0s%.0s"
        self._pick = itemgetter(*(int(slot) for slot in _FOUND.findall(text)), 0, 0)

    def fill(self, values: tuple[str, ...]) -> str:
        filled: str = self._text % self._pick(values)
        return filled


class _Layout:
    """The canonical statements in one order. What comes before the first slot is hashed once."""

    def __init__(self, text: str) -> None:
        first = _FOUND.search(text)
        begin = first.start() if first else len(text)
        self.begins, self.rest = text[:begin], _Form(text[begin:])
        self._hashed = hashlib.sha256(self.begins.encode())

    def digest(self, values: tuple[str, ...]) -> bytes:
        hashed = self._hashed.copy()
        hashed.update(self.rest.fill(values).encode())
        return hashed.digest()


class _Options(NamedTuple):
    digest: bytes
    text: str  # the proof's JSON, still open at its end


@lru_cache(maxsize=_REMEMBERED)
def _options(context: tuple[str, ...], method: str, created: str) -> _Options:
    """What the proof says beside its signature, hashed (VC DI EdDSA, section 3.2.5)."""
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": proofs.CRYPTOSUITE,
        "created": created,
        "verificationMethod": method,
        "proofPurpose": proofs.PURPOSE,
    }
    canonical = proofs.canonicalise({"@context": list(context), **proof})
    return _Options(hashlib.sha256(canonical.encode()).digest(), write_json(proof)[:-1])
