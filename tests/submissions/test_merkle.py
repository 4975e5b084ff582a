"""The tree of hashes against a recomputation that shares no line with it, and proofs that prove one piece only."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st

from submissions import merkle

PIECES = st.lists(st.binary(max_size=8), min_size=1, max_size=40)


def naive(leaves: list[bytes]) -> bytes:
    """Level by level from below; a node without a neighbour moves up. The same tree, built the other way round."""
    level = [hashlib.sha256(b"\x00" + leaf).digest() for leaf in leaves]
    while len(level) > 1:
        pairs = [level[at : at + 2] for at in range(0, len(level), 2)]
        level = [hashlib.sha256(b"\x01" + b"".join(p)).digest() if len(p) == 2 else p[0] for p in pairs]
    return level[0]


@settings(max_examples=60, deadline=None)
@given(PIECES, st.data())
def test_every_piece_leads_to_the_root_and_nothing_else_does(
    leaves: list[bytes], data: st.DataObject
) -> None:
    index = data.draw(st.integers(0, len(leaves) - 1))
    other = data.draw(st.binary(max_size=8).filter(lambda one: one != leaves[index]))
    path, root = merkle.path_to(leaves, index), merkle.root_over(leaves)
    assert root == naive(leaves)
    assert merkle.root_along(leaves[index], path) == root
    assert merkle.root_along(other, path) != root
    if path:
        side, beside = path[0]
        turned = [("left" if side == "right" else "right", beside), *path[1:]]
        assert merkle.root_along(leaves[index], path[1:]) != root
        same = beside == merkle.leaf_hash(leaves[index])
        assert (merkle.root_along(leaves[index], turned) == root) == same


def test_the_vectors_of_certificate_transparency() -> None:
    """RFC 6962's own implementation, `merkletree/testdata`: the empty tree, one empty leaf, and all eight leaves."""
    leaves = [
        bytes.fromhex(one)
        for one in (
            *("", "00", "10", "2021", "3031", "40414243"),
            *("5051525354555657", "606162636465666768696a6b6c6d6e6f"),
        )
    ]
    roots = [merkle.root_over(leaves[:count]).hex() for count in (0, 1, 8)]
    assert roots == [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ]


def test_a_node_does_not_pass_as_a_leaf() -> None:
    left, right = merkle.leaf_hash(b"one"), merkle.leaf_hash(b"two")
    assert merkle.root_over([left + right]) != merkle.root_over([b"one", b"two"])
