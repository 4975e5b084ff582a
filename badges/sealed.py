"""What ties a badge to the evidence it was awarded for: a small document of hashes whose digest the signed credential carries.

It names nothing and nobody, and does not tell how many pieces there are: the root over them (`submissions.sealing`), the seal, and
the place and hash of the decision's record in the chain. With it the earner proves one file (`badges.proving`); without it nobody
learns anything. It is served where the badge can be read, and travels inside each proof, so that it outlives its address.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import rfc8785
from django.db.models import BigIntegerField, Exists, OuterRef
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from badges.models import Award
from badges.openbadges import evidence
from journal.models import Record
from journal.queries import record_of
from submissions import sealing
from submissions.models import Submission

MEDIA_TYPE = "application/json"


def seal_for(submission: Submission) -> dict[str, Any]:
    """What an award of this attempt is sealed with; nothing where there was no seal when it was handed in."""
    manifest = sealing.manifest_held(submission)
    root = sealing.root_of(manifest)
    if not submission.seal or not root:
        return {}
    seal = {"format": evidence.SEAL_FORMAT, "root": root, "manifest": submission.seal}
    record = record_of(submission)
    return {**seal, "decision": record.hash, "record": record.number} if record else seal


def seal_document(award: Award) -> bytes:
    """The seal as it is served and hashed: canonical JSON (RFC 8785)."""
    return bytes(rfc8785.dumps(award.seal))


def held_against_chain() -> Iterator[tuple[UUID, bool]]:
    """Every award that names a record, and whether the chain has that record with that hash; in one query."""
    number = Cast(KeyTextTransform("record", OuterRef("seal")), BigIntegerField())
    found = Record.objects.filter(number=number, hash=KeyTextTransform("decision", OuterRef("seal")))
    named = Award.objects.filter(seal__has_key="record").annotate(holds=Exists(found))
    yield from named.values_list("pk", "holds").iterator()
