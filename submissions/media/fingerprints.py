"""Fingerprints that near-duplicates share: they flag for a person to look, and decide nothing."""

from __future__ import annotations

from rensa import RMinHash

from submissions.media.compare import words_of

PERMUTATIONS = 64
SEED = 1  # fingerprints are compared over years: it never changes
SHINGLE = 5
BATCH = 5000


def fingerprint_text(text: str) -> list[int] | None:
    """MinHash over runs of five words of the normalised text; nothing for texts too short to compare."""
    words = words_of(text)
    if not words:
        return None
    sketch = RMinHash(num_perm=PERMUTATIONS, seed=SEED)
    runs = [" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)]
    for at in range(0, len(runs), BATCH):
        sketch.update(runs[at : at + BATCH])
    return [int(value) for value in sketch.digest()]
