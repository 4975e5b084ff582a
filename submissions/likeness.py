"""What resembles what: finding candidates by shared bands, and how alike two pieces are.

Two texts that share a band of their MinHash, or two pictures that share two bytes of their perceptual hash at the same
places, are worth comparing; everything else is never looked at, however many there are. Alike is a reason for a person
to look, never a verdict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

from submissions.media.compare import distance, likeness, words_of
from submissions.models import Artifact, Fingerprint, Likeness, Submission

Kind = Likeness.Kind
ROWS = 4  # values a band of MinHash: with 16 bands, texts half alike or more meet nearly always
NEAR_TEXT = 0.5
NEAR_PICTURE = 10  # of 64 bits
PLAIN = 8  # bits: a picture of one colour has no more, and all such pictures are alike
CANDIDATES = 200
MOST = 3  # likenesses of one piece: more would say the same once more


@dataclass(frozen=True)
class Piece:
    """One submitted answer or artifact, as far as it can be compared."""

    field: str
    artifact: Artifact | None
    hashes: tuple[str, ...]
    text: str = ""
    minhash: tuple[int, ...] = ()
    phash: int | None = None


def pieces_of(submission: Submission, artifacts: Sequence[Artifact]) -> list[Piece]:
    """The answers long enough to compare, and the evidence."""
    written = [_text(key, None, text) for key, text in sorted(submission.answers.items())]
    return [one for one in [*written, *map(_of, artifacts)] if one is not None]


def _of(artifact: Artifact) -> Piece | None:
    if artifact.kind == Artifact.Kind.TEXT:
        return _text("", artifact, artifact.text)
    if artifact.content is None or not artifact.sha256:
        return None
    facts = artifact.content.facts
    hashes = tuple(dict.fromkeys(one for one in (artifact.sha256, artifact.received_sha256) if one))
    return Piece("", artifact, hashes, minhash=tuple(facts.get("minhash") or ()), phash=facts.get("phash"))


def _text(field: str, artifact: Artifact | None, text: str) -> Piece | None:
    """A text is the same text however it is spaced and set."""
    words = words_of(text)
    sha256 = hashlib.sha256(" ".join(words).encode()).hexdigest()
    return Piece(field, artifact, (sha256,), text=text) if words else None


def bands_of(minhash: Sequence[int], phash: int | None) -> list[int]:
    """Numbers that two pieces have in common if they are nearly the same, and hardly ever otherwise."""
    bands = [_band("text", at, minhash[at : at + ROWS]) for at in range(0, len(minhash), ROWS)]
    if phash is not None and telling(phash):
        octets = (phash & (2**64 - 1)).to_bytes(8, "big")
        bands += [_band("image", at, [octets[one] for one in at]) for at in combinations(range(8), 2)]
    return bands


def telling(phash: int) -> bool:
    """Whether there is enough in a picture to tell it from others."""
    return PLAIN < (phash & (2**64 - 1)).bit_count() < 64 - PLAIN


def _band(*of: object) -> int:
    return int.from_bytes(hashlib.blake2b(repr(of).encode(), digest_size=8).digest(), "big", signed=True)


def compare(one: Fingerprint, other: Fingerprint) -> tuple[Kind, int] | None:
    """How two fingerprints are alike, in percent, or nothing."""
    if one.sha256 == other.sha256:
        return Kind.SAME, 100
    if one.minhash and other.minhash and (share := likeness(one.minhash, other.minhash)) >= NEAR_TEXT:
        return Kind.TEXT, round(share * 100)
    if one.phash is None or other.phash is None or not (telling(one.phash) and telling(other.phash)):
        return None
    bits = distance(one.phash, other.phash)
    return (Kind.IMAGE, round((64 - bits) * 100 / 64)) if bits <= NEAR_PICTURE else None
