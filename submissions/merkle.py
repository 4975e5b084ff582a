"""The tree of hashes over the pieces of an attempt, so that one piece can be proved without the others.

Hashing is that of RFC 6962, section 2.1: a leaf is SHA-256(0x00 || bytes), a node SHA-256(0x01 || left || right), and the
left part of a tree over n leaves has the largest power of two below n. The two prefixes keep a node from passing as a leaf.
What the leaves are is written in `submissions.sealing`. Nothing here knows Django, so that a checker can be built on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

# The hash beside one's own on the way up, and the side it stands on: ("left" | "right", hash).
Step = tuple[str, bytes]


def digest(salt: str, content: bytes) -> str:
    """SHA-256 over the salt's bytes and the content, in hex."""
    return hashlib.sha256(bytes.fromhex(salt) + content).hexdigest()


def leaf_bytes(kind: str, digest: str) -> bytes:
    """How a leaf is written down: its type, a colon, its digest."""
    return f"{kind}:{digest}".encode()


def leaf_hash(content: bytes) -> bytes:
    """The hash of one piece."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_over(leaves: Sequence[bytes]) -> bytes:
    """The hash over all of them in this order; over none it is the hash of nothing."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else hashlib.sha256().digest()
    middle = _split(len(leaves))
    return node_hash(root_over(leaves[:middle]), root_over(leaves[middle:]))


def path_to(leaves: Sequence[bytes], index: int) -> list[Step]:
    """What is needed besides the leaf at `index` to come to the root, from the leaf upwards."""
    if len(leaves) < 2:
        return []
    middle = _split(len(leaves))
    if index < middle:
        return [*path_to(leaves[:middle], index), ("right", root_over(leaves[middle:]))]
    return [*path_to(leaves[middle:], index - middle), ("left", root_over(leaves[:middle]))]


def root_along(content: bytes, path: Iterable[Step]) -> bytes:
    """Where a leaf and its path lead."""
    here = leaf_hash(content)
    for side, beside in path:
        here = node_hash(beside, here) if side == "left" else node_hash(here, beside)
    return here


def reached(proof: Mapping[str, Any], content: bytes) -> str:
    """The root that a proof leads to for this content, in hex; empty where the proof is of something else.

    `proof` is {type, salt, digest, path: [{side, hash}]}, well-formed.
    """
    if digest(proof["salt"], content) != proof["digest"]:
        return ""
    path = [(step["side"], bytes.fromhex(step["hash"])) for step in proof["path"]]
    return root_along(leaf_bytes(proof["type"], proof["digest"]), path).hex()


def _split(count: int) -> int:
    """The largest power of two below it."""
    return 1 << ((count - 1).bit_length() - 1)
