"""Status lists: bit order, length, and what a hostile list may not do."""

from __future__ import annotations

import base64
import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from badges.openbadges import status
from badges.openbadges.status import StatusListError
from tests.badges import samples


def packed(data: bytes) -> str:
    return "u" + base64.urlsafe_b64encode(gzip.compress(data)).rstrip(b"=").decode()


def test_index_zero_is_the_first_bytes_highest_bit() -> None:
    bits = status.set_bits([0, 7, 8, 131_071])
    assert (bits[0], bits[1], bits[-1], len(bits)) == (0b10000001, 0b10000000, 0b00000001, 16_384)


@given(st.sets(st.integers(0, status.ENTRIES - 1), max_size=50))
def test_round_trip(indexes: set[int]) -> None:
    bits = status.decode_list(status.encode_list(status.set_bits(indexes)))
    assert bits == status.set_bits(indexes)
    assert all(status.bit(bits, index) for index in indexes)
    assert sum(byte.bit_count() for byte in bits) == len(indexes)


def test_published_vector_of_the_standard() -> None:
    """Bitstring Status List 1.0, example 4: a list of 131,072 entries, none set."""
    encoded = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA"
    assert status.decode_list(encoded) == bytes(16_384)


def test_encoding_is_the_same_every_time() -> None:
    assert status.encode_list(status.set_bits([5])) == status.encode_list(status.set_bits([5]))


@pytest.mark.parametrize("index", [-1, status.ENTRIES])
def test_index_outside_is_refused(index: int) -> None:
    with pytest.raises(StatusListError):
        status.set_bits([index])
    with pytest.raises(StatusListError):
        status.bit(status.set_bits([]), index)


@pytest.mark.parametrize(
    "encoded",
    [
        "",
        "z123",
        "u!!!",
        "u",
        "uAAAA",
        packed(bytes(16_383)),
        packed(bytes(2_097_153)),
        packed(bytes(200_000_000)),
        packed(bytes(16_384))[:-12],
    ],
    ids=["empty", "base58", "not base64", "nothing", "not gzip", "too short", "too long", "bomb", "cut off"],
)
def test_unreadable_list_is_refused(encoded: str) -> None:
    with pytest.raises(StatusListError):
        status.decode_list(encoded)


def test_random_index_is_in_the_list() -> None:
    found = {status.random_index() for _ in range(200)}
    assert len(found) > 190
    assert all(0 <= index < status.ENTRIES for index in found)


def test_status_list_credential_is_signed_like_a_badge() -> None:
    world = samples.World(revoked=(94_567,))
    document = world.status_list(samples.LIST_URL)
    assert document is not None
    assert document["type"] == ["VerifiableCredential", "BitstringStatusListCredential"]
    assert document["proof"]["cryptosuite"] == "eddsa-rdfc-2022"
    assert status.bit(status.decode_list(document["credentialSubject"]["encodedList"]), 94_567)
