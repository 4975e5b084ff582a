"""Data Integrity proofs with `eddsa-rdfc-2022` (VC Data Integrity EdDSA Cryptosuites 1.0, section 3.2).

pyld does the canonicalising and `cryptography` the signing; here the two hashes are joined. Whatever JSON-LD
would silently leave out, and so leave unsigned, is refused: undefined terms, undefined types, relative ids.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, Protocol

import rfc8785
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.utils.translation import gettext as _
from pyld import jsonld
from pyld.canon import URDNA2015
from pyld.context_resolver import ContextResolver

from badges.openbadges.contexts import ContextError, document_loader
from badges.openbadges.keys import base58_decode, base58_encode
from badges.openbadges.outcomes import strings
from badges.openbadges.reading import DocumentError, bounded, loose

CRYPTOSUITE: Final = "eddsa-rdfc-2022"
JCS: Final = "eddsa-jcs-2022"
SUITE_2020: Final = "Ed25519Signature2020"
MOST_PROOFS: Final = 4
_LISTS: Final = frozenset({"BitstringStatusListCredential", "StatusList2021Credential"})
PURPOSE: Final = "assertionMethod"
MAX_BLANK_NODES: Final = 500
MAX_WORK: Final = 2_000

# pyld resolves relative names against an address of its own choice, so they get one that shows.
_RELATIVE: Final = "relative-name:"
_NO_BASE: Final = f"{_RELATIVE}//relative.invalid/"
# An address as N-Quads can hold it: a stray `>` or line end could otherwise forge statements.
_ADDRESS: Final = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20\x7f-\x9f<>"{}|\\^`]*\Z""")

# pyld's context cache is not safe for threads: one caller at a time expands.
_LOCK: Final = threading.Lock()
_CONTEXT_CACHE: Final[dict[str, Any]] = {}


class ProofError(Exception):
    """The proof is missing, malformed, of another kind, or does not fit the document and key."""


class Signs(Protocol):
    """What can sign: a private key, or something that asks a key service."""

    def sign(self, data: bytes, /) -> bytes:
        """Return the Ed25519 signature of `data`."""


def sign(
    document: dict[str, Any],
    key: Signs,
    *,
    verification_method: str,
    created: datetime,
) -> dict[str, Any]:
    """Return a copy of `document` with an embedded proof (section 3.2.1)."""
    unsigned = bounded({name: value for name, value in document.items() if name != "proof"})
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": CRYPTOSUITE,
        "created": timestamp(created),
        "verificationMethod": verification_method,
        "proofPurpose": PURPOSE,
    }
    signature = key.sign(_hash_data(unsigned, proof))
    return {
        **unsigned,
        "proof": {**proof, "proofValue": "z" + base58_encode(signature)},
    }


@dataclass(frozen=True)
class Signed:
    """What a proof covers, canonicalised once; checking a key against it is then cheap."""

    method: str
    signature: bytes
    data: bytes
    options: dict[str, Any] = field(default_factory=dict)

    def check(self, public_key: Ed25519PublicKey) -> None:
        """Raise `ProofError` unless this key made the signature."""
        try:
            public_key.verify(self.signature, self.data)
        except InvalidSignature as error:
            raise ProofError(
                _("The signature does not fit the document: something in it was changed.")
            ) from error


def prepare(document: dict[str, Any]) -> Signed:
    """Read the proof and hash what it covers; `DocumentError` if anything would be left unsigned."""
    copy = bounded(document)
    proof = proof_of(copy)
    del copy["proof"]
    signature = _signature(proof.pop("proofValue", None))
    return Signed(proof["verificationMethod"], signature, _hash_data(copy, proof), proof)


def prepare_all(document: dict[str, Any], purpose: str = PURPOSE) -> list[Signed]:
    """Read every proof of a kind that strangers use too; all of them must hold, and there must be one."""
    found = document.get("proof")
    listed = found if isinstance(found, list) else [found]
    proofs = [proof for proof in listed if isinstance(proof, dict)]
    if not 0 < len(proofs) == len(listed) <= MOST_PROOFS:
        raise ProofError(_("The document carries no proof that can be read."))
    unsigned = {name: value for name, value in document.items() if name != "proof"}
    digests: dict[bool, bytes] = {}
    return [_prepared(_covered(unsigned, proof, proofs), proof, purpose, digests) for proof in proofs]


def _covered(unsigned: dict[str, Any], proof: dict[str, Any], proofs: list[dict[str, Any]]) -> dict[str, Any]:
    """What a proof covers: the document, and in a chain the proofs it names (VC Data Integrity 1.0, section 4.5)."""
    if "previousProof" not in proof:
        return unsigned
    named = proof["previousProof"]
    before = [one for one in proofs if one is not proof and one.get("id") in strings(named)]
    if not before or len(before) != len(named if isinstance(named, list) else [named]):
        raise ProofError(_("The proof hangs on another proof, which is not there."))
    return {**unsigned, "proof": before}


def _prepared(
    unsigned: dict[str, Any], proof: dict[str, Any], purpose: str, digests: dict[bool, bytes]
) -> Signed:
    kind = _kind_of(proof)
    _check_form(proof, purpose)
    options = {name: value for name, value in proof.items() if name != "proofValue"}
    if kind == JCS:
        _check_prefix(proof.get("@context", []), unsigned.get("@context"))
        data = _jcs_digest(options) + _jcs_digest(unsigned)
    else:
        if "@context" in proof and proof["@context"] != unsigned.get("@context"):
            raise ProofError(_("The proof brings a vocabulary of its own."))
        digest = _list_digest if _LISTS & _types(unsigned) else _digest
        chained = "proof" in unsigned
        covered = (not chained and digests.get(chained)) or digest(bounded(unsigned))
        digests[chained] = covered
        data = digest(bounded({**options, "@context": unsigned.get("@context")})) + covered
    return Signed(proof["verificationMethod"], _signature(proof.get("proofValue")), data, options)


def _kind_of(proof: dict[str, Any]) -> str:
    """The suite of a proof, if it is one that is verified here."""
    suite = proof.get("cryptosuite") if proof.get("type") == "DataIntegrityProof" else proof.get("type")
    if suite not in (CRYPTOSUITE, JCS, SUITE_2020):
        kinds = f"{CRYPTOSUITE}, {JCS}, {SUITE_2020}"
        raise ProofError(_("The proof is not of the kind %(kind)s.") % {"kind": kinds})
    return str(suite)


def _check_form(proof: dict[str, Any], purpose: str) -> None:
    if proof.get("proofPurpose") != purpose:
        raise ProofError(_("The proof was made for another purpose than stating something."))
    if not isinstance(proof.get("verificationMethod"), str):
        raise ProofError(_("The proof does not name the key it was made with."))


def _check_prefix(own: Any, context: Any) -> None:
    own, context = ([value] if not isinstance(value, list) else value for value in (own, context))
    if context[: len(own)] != own:
        raise ProofError(_("The proof brings a vocabulary of its own."))


def _jcs_digest(value: dict[str, Any]) -> bytes:
    try:
        return hashlib.sha256(rfc8785.dumps(loose(value))).digest()
    except (rfc8785.CanonicalizationError, ValueError) as error:
        raise DocumentError(_("The document has a value that JSON does not know.")) from error


def verify(document: dict[str, Any], public_key: Ed25519PublicKey) -> None:
    """Raise `ProofError` unless the document's proof was made by this key (section 3.2.2)."""
    prepare(document).check(public_key)


def proof_of(document: dict[str, Any]) -> dict[str, Any]:
    """Return the one proof of the kind we verify, checked for form but not yet for truth."""
    proof = document.get("proof")
    if isinstance(proof, list) and len(proof) == 1:
        proof = proof[0]
    if not isinstance(proof, dict):
        raise ProofError(_("The document carries no proof, or more than one."))
    if proof.get("type") != "DataIntegrityProof" or proof.get("cryptosuite") != CRYPTOSUITE:
        raise ProofError(_("The proof is not of the kind %(kind)s.") % {"kind": CRYPTOSUITE})
    if proof.get("proofPurpose") != PURPOSE:
        raise ProofError(_("The proof was made for another purpose than stating something."))
    if not isinstance(proof.get("verificationMethod"), str):
        raise ProofError(_("The proof does not name the key it was made with."))
    if "@context" in proof:
        raise ProofError(_("The proof brings a vocabulary of its own."))
    return dict(proof)


def _signature(value: Any) -> bytes:
    if not isinstance(value, str) or not value.startswith("z"):
        raise ProofError(_("The proof's signature is not readable."))
    try:
        return base58_decode(value[1:])
    except ValueError as error:
        raise ProofError(_("The proof's signature is not readable.")) from error


def timestamp(moment: datetime) -> str:
    """Write a moment as XML Schema `dateTimeStamp` in UTC, to the second."""
    if moment.tzinfo is None:
        raise ValueError("A moment without a time zone cannot be signed.")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _hash_data(unsigned: dict[str, Any], proof: dict[str, Any]) -> bytes:
    """Join the hashes of proof options and document (sections 3.2.4 and 3.2.5)."""
    options = {"@context": unsigned.get("@context"), **proof}
    return _digest(options) + _digest(unsigned)


def _digest(document: dict[str, Any]) -> bytes:
    return hashlib.sha256(canonicalise(document).encode()).digest()


def _list_digest(document: dict[str, Any]) -> bytes:
    """The same for a status list, which is read with each of its issuer's badges and seldom changes."""
    return _digest_of(json.dumps(document))


@lru_cache(maxsize=64)
def _digest_of(text: str) -> bytes:
    return _digest(json.loads(text))


def _types(document: dict[str, Any]) -> set[str]:
    kinds = document.get("type")
    return {kind for kind in (kinds if isinstance(kinds, list) else [kinds]) if isinstance(kind, str)}


def canonicalise(document: dict[str, Any]) -> str:
    """Return the canonical N-Quads (RDFC-1.0); refuses what would be left unsigned or cost too much."""
    dataset = to_dataset(document)
    blank = {
        part["value"]
        for quads in dataset.values()
        for quad in quads
        for part in (quad["subject"], quad["object"])
        if part["type"] == "blank node"
    }
    if len(blank) > MAX_BLANK_NODES:
        raise DocumentError(_("The document has too many unnamed parts."))
    result: str = BoundedCanonicaliser().main(dataset, {"format": "application/n-quads"})
    return result


def to_dataset(document: dict[str, Any]) -> dict[str, Any]:
    """Turn a document into RDF with the pinned contexts and nothing dropped on the way."""
    try:
        with _LOCK:
            dataset: dict[str, Any] = _Watched().to_rdf(document, _options())
    except jsonld.JsonLdError as error:
        raise DocumentError(_("The document is not valid JSON-LD.")) from (_context_refused(error) or error)
    except RecursionError as error:
        raise DocumentError(_("The document is nested too deeply.")) from error
    return dataset


class _Watched(jsonld.JsonLdProcessor):
    """pyld's processor, which looks at what it has expanded: expanding once more only to look costs a tenth and more."""

    def __init__(self) -> None:
        """Start with nothing dropped."""
        self.dropped: list[str] = []
        super().__init__(on_property_dropped=self.dropped.append)

    def expand(self, input_: Any, options: dict[str, Any]) -> list[Any]:
        """Refuse what would be left unsigned."""
        expanded: list[Any] = super().expand(input_, options)
        _refuse_unsigned(self.dropped, expanded)
        return expanded


def _options() -> dict[str, Any]:
    return {
        "base": _NO_BASE,
        "documentLoader": document_loader,
        "contextResolver": ContextResolver(_CONTEXT_CACHE, document_loader),
        "processingMode": "json-ld-1.1",
        # Without it the direction of a text would be dropped, and so left unsigned.
        "rdfDirection": "i18n-datatype",
        "produceGeneralizedRdf": False,
    }


def _context_refused(error: BaseException | None) -> ContextError | None:
    while error is not None:
        if isinstance(error, ContextError):
            return error
        error = error.__cause__
    return None


def _refuse_unsigned(dropped: list[str], expanded: list[Any]) -> None:
    if dropped:
        raise DocumentError(
            _("The term %(term)s is not defined: no signature would cover it.")
            % {"term": str(dropped[0])[:100]}
        )
    for name in _names(expanded):
        if not _ADDRESS.match(str(name)) or str(name).startswith(_RELATIVE):
            shown = str(name).removeprefix(_NO_BASE)[:100]
            raise DocumentError(
                _("%(name)s is neither a defined type nor a whole address.") % {"name": shown}
            )


def is_address(text: str) -> bool:
    """Whether it can stand as an id in a document that is signed."""
    return bool(_ADDRESS.match(text))


def _names(value: Any) -> Iterator[str]:
    """Yield every type, id and property of an expanded document: all of them must be whole addresses."""
    if isinstance(value, list):
        for item in value:
            yield from _names(item)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _names_of_member(name, item)


def _names_of_member(name: str, item: Any) -> Iterator[str]:
    if name == "@id":
        yield item
    elif name == "@type":
        yield from item if isinstance(item, list) else [item]
    elif name == "@language":
        yield f"language:{item}"
    elif name != "@value":
        if not name.startswith("@"):
            yield name
        yield from _names(item)


class BoundedCanonicaliser(URDNA2015):
    """pyld's algorithm with a work budget: alike blank nodes cost factorial time (RDFC-1.0, section 7.1)."""

    def __init__(self) -> None:
        """Start with nothing spent."""
        super().__init__()
        self.work = 0

    def create_hash_to_related(self, id_: str, issuer: Any) -> dict[str, list[str]]:
        """Charge for the permutations that the caller is about to try."""
        related: dict[str, list[str]] = super().create_hash_to_related(id_, issuer)
        self.work += 1 + sum(math.factorial(min(len(group), 10)) for group in related.values())
        if self.work > MAX_WORK:
            raise DocumentError(_("The document has too many unnamed parts that look alike."))
        return related
