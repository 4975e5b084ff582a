"""The only JSON-LD vocabularies we sign and verify with.

A signature covers what the context says a word means. A context fetched from the network could change that
meaning, so each document comes from an installed package, is pinned by its SHA-256, and anything else is
refused (JSON-LD 1.1, section 9.4; VC Data Model 2.0, section 4.3 and appendix B.1).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib import resources
from typing import Any, Final

CREDENTIALS_V2: Final = "https://www.w3.org/ns/credentials/v2"
OPEN_BADGES_V3: Final = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
OPEN_BADGES_EXTENSIONS: Final = "https://purl.imsglobal.org/spec/ob/v3p0/extensions.json"
DID_V1: Final = "https://www.w3.org/ns/did/v1"
MULTIKEY_V1: Final = "https://w3id.org/security/multikey/v1"
DATA_INTEGRITY_V2: Final = "https://w3id.org/security/data-integrity/v2"

CREDENTIALS_V1: Final = "https://www.w3.org/2018/credentials/v1"
ED25519_2020: Final = "https://w3id.org/security/suites/ed25519-2020/v1"

_PACKAGE: Final = "openbadgeslib.ob3.contexts"
_OTHER_PACKAGE: Final = "pyld.documentloader.frozen"

# address -> (file in the package, SHA-256 of the file); a name with a directory is the other package's
_PINNED: Final[dict[str, tuple[str, str]]] = {
    CREDENTIALS_V2: (
        "credentials-v2.json",
        "59955ced6697d61e03f2b2556febe5308ab16842846f5b586d7f1f7adec92734",
    ),
    OPEN_BADGES_V3: (
        "ob-v3p0-context-3.0.3.json",
        "3d34f4d4ef1bce691106e63798beb5e7b862ba841423f5ee1e53ab7ddf3bca84",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.2.json": (
        "ob-v3p0-context-3.0.2.json",
        "00666ad080ba407687ed1846b7f5e7495f5019042b202a727de47c48a1755c53",
    ),
    "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.1.json": (
        "ob-v3p0-context-3.0.1.json",
        "5f3d9dd6288ef437ff8286cf95ffbff609c748a66f24a1e9450c45ca64be1571",
    ),
    OPEN_BADGES_EXTENSIONS: (
        "ob-v3p0-extensions.json",
        "87c06c81bc2317663bf288d740d94fddd2818c4342b186270ff6371dfaa63f93",
    ),
    DATA_INTEGRITY_V2: (
        "security-data-integrity-v2.json",
        "67f21e6e33a6c14e5ccfd2fc7865f7474fb71a04af7e94136cb399dfac8ae8f4",
    ),
    MULTIKEY_V1: (
        "security-multikey-v1.json",
        "ba2c182de2d92f7e47184bcca8fcf0beaee6d3986c527bf664c195bbc7c58597",
    ),
    CREDENTIALS_V1: (
        "bundled/credentials-v1.jsonld",
        "00d7dd6d3ad8b920e3e550dd3a3d9090bffcac84cdbf943da6924b3e0a5c8bb8",
    ),
    ED25519_2020: (
        "bundled/security-ed25519-2020-v1.jsonld",
        "b9e1ab971fd8bf2c7553e0c4a9438e0b9450afde1ea1ca5b2492368b9f549588",
    ),
}

KNOWN: Final = frozenset(_PINNED)

# What lay at an address before, as documents of that time name it by its digest. Never read with.
_EARLIER: Final[dict[str, tuple[str, ...]]] = {
    CREDENTIALS_V2: (  # July 2024 to February 2025: SHA-256 and SHA-384
        "24a18c90e9856d526111f29376e302d970b2bd10182e33959995b0207d7043b9",
        "35239c36999d2155312091af194a1edb61634d6ad789a5e5b19f2aebdd762dd9d1dcaada40eda7ef921c6b8c0ae107a0",
    ),
}

# What the W3C's conformance suites write their examples with: any word at all. Known only within `with_examples()`.
EXAMPLES: Final = {
    "https://www.w3.org/ns/credentials/examples/v2": "https://www.w3.org/ns/credentials/examples#",
    "https://www.w3.org/ns/credentials/undefined-terms/v2": "https://www.w3.org/ns/credentials/undefined-term#",
}
_EXAMPLES_KNOWN: Final[ContextVar[bool]] = ContextVar("examples_known", default=False)


@contextmanager
def with_examples() -> Iterator[None]:
    """Let the suites' vocabularies be known for a while, and those a document brings along, in this thread alone."""
    token = _EXAMPLES_KNOWN.set(True)
    try:
        yield
    finally:
        _EXAMPLES_KNOWN.reset(token)


def is_known(url: str) -> bool:
    """Whether a document may name this vocabulary."""
    return url in KNOWN or (_EXAMPLES_KNOWN.get() and url in EXAMPLES)


def may_define() -> bool:
    """Whether a document may define words of its own: only for the suites, since such words can say anything."""
    return _EXAMPLES_KNOWN.get()


class ContextError(Exception):
    """A document names a vocabulary that is not pinned, or a pinned file is not what it was."""


def checked(content: bytes, expected_sha256: str, url: str) -> bytes:
    """Return `content` only if it is byte for byte what was pinned."""
    if hashlib.sha256(content).hexdigest() != expected_sha256:
        raise ContextError(f"The installed copy of {url} is not the pinned one.")
    return content


@cache
def _read(url: str) -> str:
    if url in EXAMPLES:
        return json.dumps({"@context": {"@vocab": EXAMPLES[url]}})
    pinned = _PINNED.get(url)
    if pinned is None:
        raise ContextError(f"The vocabulary {url} is not one this platform knows.")
    name, digest = pinned
    package = _OTHER_PACKAGE if "/" in name else _PACKAGE
    return checked(resources.files(package).joinpath(name).read_bytes(), digest, url).decode()


def load(url: str) -> dict[str, Any]:
    """Return a fresh copy of a pinned context, so that no caller can change another's."""
    document: dict[str, Any] = json.loads(_read(url))
    return document


def digests(url: str) -> set[bytes]:
    """The digests of a pinned context, now and before; none of anything else."""
    if url not in KNOWN:
        return set()
    content = _read(url).encode()
    made = {algorithm(content).digest() for algorithm in (hashlib.sha256, hashlib.sha384, hashlib.sha512)}
    return made | {bytes.fromhex(earlier) for earlier in _EARLIER.get(url, ())}


def document_loader(url: str, options: Any = None) -> dict[str, Any]:
    """Answer pyld's request for a context; never touches the network."""
    return {
        "contextUrl": None,
        "documentUrl": url,
        "document": load(url),
        "contentType": "application/ld+json",
        "tag": "static",
    }
