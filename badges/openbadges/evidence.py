"""Checking that one file is among what a badge was awarded for: bytes in, findings out. No Django, no network.

A proof is a JSON document of the format `PROOF_FORMAT`:

    format, credential   the format, and the id of the credential
    type                 "assessed": as assessors read it; "received": as it was handed in
    salt, digest         hexadecimal; digest = SHA-256(salt || SHA-256 of the file)
    path                 [{side: "left" | "right", hash}], from the leaf upwards
    seal                 the seal document, as text, byte for byte

and is checked so (RFC 6962, section 2.1, hashes leaves and nodes with prefixes of their own):

1. *file*: SHA-256(salt || SHA-256 of the file) is `digest`.
2. *tree*: start with SHA-256(0x00 || type || ":" || digest as hexadecimal); for each step of the path take
   SHA-256(0x01 || left || right). The end is the `root` that the seal document names.
3. *badge*: the credential has this id, and one of its `relatedResource` has the digest of the seal document's bytes
   as `digestMultibase`: "u" and base64url, without padding, of 0x12 0x20 and the SHA-256.

That the credential itself is genuine is for the badge's own verification to say.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from submissions import merkle

PROOF_FORMAT: Final = "microcreds-proof-1"
SEAL_FORMAT: Final = "microcreds-seal-1"
KINDS: Final = ("assessed", "received")
STEPS: Final = ("proof", "file", "tree", "badge")
MAX_BYTES: Final = 100_000
MAX_PATH: Final = 64
MAX_SEAL: Final = 4_000
_HASH: Final = re.compile(r"[0-9a-f]{64}\Z", re.ASCII)
_SALT: Final = re.compile(r"(?:[0-9a-f]{2}){8,64}\Z", re.ASCII)
_SHA2_256: Final = b"\x12\x20"  # its multihash prefix: the function, and 32 bytes


class ProofError(ValueError):
    """A proof that cannot be read; the message is a word for what is wrong with it: `size`, `json` or `form`."""


@dataclass(frozen=True)
class Proof:
    """A proof that is well-formed. What it says is still to be checked."""

    credential: str
    kind: str
    salt: str
    digest: str
    path: tuple[dict[str, str], ...]
    seal: str
    root: str  # as the seal document names it


@dataclass(frozen=True)
class Finding:
    """One step of `STEPS`, and whether it holds."""

    step: str
    holds: bool


def multibase(sha256: bytes) -> str:
    """A SHA-256 as `digestMultibase` (Controlled Identifiers 1.0, sections 2.4 and 2.5)."""
    return "u" + base64.urlsafe_b64encode(_SHA2_256 + sha256).decode().rstrip("=")


def read_proof(source: str | bytes) -> Proof:
    """A stranger's proof file, bounded and of the right form; more than it needs is not read."""
    if len(source) > MAX_BYTES:
        raise ProofError("size")
    try:
        said = json.loads(source)
        seal = json.loads(said["seal"]) if isinstance(said, dict) and len(said["seal"]) <= MAX_SEAL else None
    except (ValueError, RecursionError, KeyError, TypeError) as error:
        raise ProofError("json") from error
    if not isinstance(seal, dict) or not _well_formed(said) or not _is(_HASH, seal.get("root")):
        raise ProofError("form")
    if (said["format"], seal.get("format")) != (PROOF_FORMAT, SEAL_FORMAT):
        raise ProofError("form")
    path = tuple({"side": step["side"], "hash": step["hash"]} for step in said["path"])
    return Proof(
        said["credential"], said["type"], said["salt"], said["digest"], path, said["seal"], seal["root"]
    )


def _well_formed(said: Mapping[str, Any]) -> bool:
    path = said.get("path")
    return (
        isinstance(said.get("format"), str)
        and isinstance(said.get("credential"), str)
        and said.get("type") in KINDS
        and _is(_SALT, said.get("salt"))
        and _is(_HASH, said.get("digest"))
        and isinstance(path, list)
        and len(path) <= MAX_PATH
        and all(_is_step(step) for step in path)
    )


def _is_step(step: Any) -> bool:
    return isinstance(step, dict) and step.get("side") in ("left", "right") and _is(_HASH, step.get("hash"))


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.match(value) is not None


def check(proof: Proof, file_sha256: bytes, credential: Mapping[str, Any]) -> tuple[Finding, ...]:
    """The steps after reading it, each for itself, so that it can be said which does not hold."""
    is_file = merkle.digest(proof.salt, file_sha256) == proof.digest
    leaf = merkle.leaf_bytes(proof.kind, proof.digest)
    path = [(step["side"], bytes.fromhex(step["hash"])) for step in proof.path]
    in_tree = merkle.root_along(leaf, path).hex() == proof.root
    return (
        Finding("proof", True),
        Finding("file", is_file),
        Finding("tree", in_tree),
        Finding("badge", _is_named(proof, credential)),
    )


def _is_named(proof: Proof, credential: Mapping[str, Any]) -> bool:
    """Whether this credential is the proof's, and carries the digest of its seal document."""
    related = credential.get("relatedResource", [])
    rows = related if isinstance(related, list) else [related]
    expected = multibase(hashlib.sha256(proof.seal.encode()).digest())
    carried = [row.get("digestMultibase") for row in rows if isinstance(row, dict)]
    return credential.get("id") == proof.credential and expected in carried
