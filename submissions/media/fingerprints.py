"""Fingerprints that near-duplicates share: they flag for a person to look, and decide nothing."""

from __future__ import annotations

import re
import unicodedata

import imagehash
from datasketch.minhash import MinHash
from PIL import Image

PERMUTATIONS = 64
SHINGLE = 5
FEWEST = 50


def fingerprint_text(text: str) -> list[int] | None:
    """MinHash over runs of five words of the normalised text; nothing for texts too short to compare."""
    words = re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold())
    if len(words) < FEWEST:
        return None
    shingles = {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in sorted(shingles)])
    return [int(value) for value in sketch.hashvalues]


def likeness(one: list[int], other: list[int]) -> float:
    """The share of runs of words that two texts have in common, as estimated."""
    return sum(a == b for a, b in zip(one, other, strict=True)) / PERMUTATIONS


def fingerprint_picture(picture: Image.Image) -> int:
    """The perceptual hash as a signed 64-bit number, as a database column holds it."""
    value = int(str(imagehash.phash(picture)), 16)
    return value - 2**64 if value >= 2**63 else value


def distance(one: int, other: int) -> int:
    """In how many of 64 bits two pictures differ; up to about 10 they look alike."""
    return ((one ^ other) & (2**64 - 1)).bit_count()
