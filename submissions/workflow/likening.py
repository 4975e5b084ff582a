"""Comparing what was submitted with what was submitted before. It flags for an approver to look, and decides nothing.

Imported by the worker's tasks alone: making fingerprints takes a library that no web process needs.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from submissions.likeness import CANDIDATES, MOST, Piece, bands_of, compare, pieces_of
from submissions.media.fingerprints import fingerprint_text
from submissions.models import Artifact, Fingerprint, Likeness, Submission

State = Submission.State
TRUNK = "submission__enrolment"


class Found(NamedTuple):
    """Two fingerprints that are alike."""

    newer: Fingerprint
    older: Fingerprint
    kind: str
    score: int


def liken(submission: Submission) -> int:
    """Fingerprint what was handed in and note what it resembles; doing it again changes nothing. How many were noted."""
    with transaction.atomic():
        prints = _fingerprints(_lock(submission))
    with transaction.atomic():  # by now others that come in at the same moment see ours
        by_index()
        current = _lock(submission)
        return _note(current, [one for each in prints for one in _alike(current, each)])


def by_index() -> None:
    """For the rest of the transaction. Bands are too rare for statistics, and a guess would read the whole table."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


def _lock(submission: Submission) -> Submission:
    rows = Submission.objects.select_related("enrolment").select_for_update(of=("self",))
    return rows.get(pk=submission.pk)


def _fingerprints(submission: Submission) -> list[Fingerprint]:
    """One for each hash of each piece. What was taken out since it was submitted before is forgotten."""
    if submission.state == State.DRAFT:  # taken back meanwhile; it comes again
        return []
    artifacts = Artifact.objects.filter(submission=submission, state=Artifact.State.READY)
    pieces = pieces_of(submission, list(artifacts.select_related("content")))
    before = Fingerprint.objects.filter(submission=submission)
    wanted = {(one.artifact.pk if one.artifact else None, one.field, one.hashes): one for one in pieces}
    kept: list[Fingerprint] = []
    there = {(row.artifact_id, row.field, row.sha256): row for row in before.select_related("artifact")}
    for (artifact, field, hashes), piece in wanted.items():
        for number, sha256 in enumerate(hashes):
            row = there.pop((artifact, field, sha256), None)
            kept.append(row or _fingerprint(submission, piece, sha256, first=number == 0))
    gone = before.filter(pk__in=[row.pk for row in there.values()])
    in_case = Likeness.objects.filter(Q(newer__in=gone) | Q(older__in=gone), state=Likeness.State.CASE)
    needed = {pk for pair in in_case.values_list("newer", "older") for pk in pair}
    gone.exclude(pk__in=needed).delete()
    return kept


def _fingerprint(submission: Submission, piece: Piece, sha256: str, *, first: bool) -> Fingerprint:
    minhash = list(piece.minhash or fingerprint_text(piece.text) or ()) if first else []
    phash = piece.phash if first else None
    return Fingerprint.objects.create(
        submission=submission, artifact=piece.artifact, field=piece.field, sha256=sha256, minhash=minhash, phash=phash,
        bands=bands_of(minhash, phash),
    )  # fmt: skip


def _others(submission: Submission) -> QuerySet[Fingerprint]:
    """What was submitted by anybody; her own other tries at the same micro-credential are meant to be alike."""
    enrolment = submission.enrolment
    same = Q(
        submission__enrolment__earner=enrolment.earner_id,
        submission__enrolment__micro_credential=enrolment.micro_credential_id,
    )
    others = Fingerprint.objects.exclude(submission=submission).exclude(submission__state=State.DRAFT)
    return others.exclude(same).select_related(TRUNK, "artifact")


def _alike(submission: Submission, newer: Fingerprint) -> list[Found]:
    """Of a bounded number of candidates that share a hash or a band, those that are alike, most alike first."""
    others = _others(submission)
    candidates = {row.pk: row for row in others.filter(sha256=newer.sha256)[:CANDIDATES]}
    if newer.bands:
        # By itself, so that no join leads the planner to the bands from another side.
        near = Fingerprint.objects.filter(bands__overlap=newer.bands).values_list("pk", flat=True)
        candidates |= {row.pk: row for row in others.filter(pk__in=list(near[:CANDIDATES]))}
    found = [Found(newer, row, *alike) for row in candidates.values() if (alike := compare(newer, row))]
    return sorted(found, key=lambda one: (-one.score, str(one.older.pk)))[:MOST]


def _note(submission: Submission, found: Iterable[Found]) -> int:
    """One likeness for two pieces, the strongest; a pair that is known keeps what an approver said about it."""
    best: dict[tuple[object, ...], Found] = {}
    for one in sorted(found, key=lambda one: one.score):
        best[(_piece(one.newer), _piece(one.older))] = one
    known = {
        (_piece(row.newer), _piece(row.older)) for row in _known(submission).select_related("newer", "older")
    }
    known |= {(older, newer) for newer, older in known}
    rows = [_likeness(submission, one) for pair, one in best.items() if pair not in known]
    Likeness.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _known(submission: Submission) -> QuerySet[Likeness]:
    """Both ways: what came after it was already compared with it."""
    return Likeness.objects.filter(Q(newer__submission=submission) | Q(older__submission=submission))


def _piece(row: Fingerprint) -> tuple[UUID, UUID | None, str]:
    return row.submission_id, row.artifact_id, row.field


def _likeness(submission: Submission, one: Found) -> Likeness:
    own = one.older.submission.enrolment.earner_id == submission.enrolment.earner_id
    return Likeness(
        newer=one.newer,
        older=one.older,
        kind=one.kind,
        score=one.score,
        own=own,
        declared=_declared(one, own),
    )


def _declared(one: Found, own: bool) -> bool:
    """She said that she uses it again, or a team shares it."""
    newer, older = one.newer.artifact, one.older.artifact
    if newer is None or older is None:
        return False
    reused = own and (newer.reused_from_id is not None or older.reused_from_id is not None)
    return reused or (newer.team_id is not None and newer.team_id == older.team_id)
