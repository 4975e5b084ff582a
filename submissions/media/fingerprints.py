"""Fingerprints that near-duplicates share: they flag for a person to look, and decide nothing."""

from __future__ import annotations

from datasketch.minhash import MinHash

from submissions.media.compare import words_of

PERMUTATIONS = 64
SHINGLE = 5


def fingerprint_text(text: str) -> list[int] | None:
    """MinHash over runs of five words of the normalised text; nothing for texts too short to compare."""
    words = words_of(text)
    if not words:
        return None
    shingles = {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}
    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in sorted(shingles)])
    return [int(value) for value in sketch.hashvalues]
