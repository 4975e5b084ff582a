"""Fingerprints that near-duplicates share: they flag for a person to look, and decide nothing."""

from __future__ import annotations

from datasketch.minhash import MinHash

from submissions.media.compare import words_of

PERMUTATIONS = 64
SHINGLE = 5
BATCH = 5000  # each run takes a kilobyte while it is counted in


def fingerprint_text(text: str) -> list[int] | None:
    """MinHash over runs of five words of the normalised text; nothing for texts too short to compare."""
    words = words_of(text)
    if not words:
        return None
    sketch = MinHash(num_perm=PERMUTATIONS)
    runs = [" ".join(words[at : at + SHINGLE]).encode() for at in range(len(words) - SHINGLE + 1)]
    for at in range(0, len(runs), BATCH):
        sketch.update_batch(runs[at : at + BATCH])
    return [int(value) for value in sketch.hashvalues]
