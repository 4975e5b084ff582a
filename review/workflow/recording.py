"""What a decision rests on, written into the chain of records in the transaction that decides.

The record names the attempt by its id, what was judged by its seal and root, the rubric by its hash, assessors by
pseudonyms. Nothing of its body is shown on any page or in any file: of it the world sees the hash alone, inside the badge.
Should a body be laid open one day, for an audit or a court, it must not break what is double-blind. So readings stand in the order
of their pseudonyms, because the first one to come in wrote the text the educator reads; and their times are whole days, because the
minute somebody sat at the desk tells who she was. The moment of the decision is exact: the educator knows it anyway.
Of anchors there are no records: nobody earned anything.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from typing import Any
from uuid import UUID

import rfc8785

from accounts.models import User
from catalog.models import Version
from catalog.queries.template import template_of
from journal import workflow as journal
from journal.models import Record
from journal.queries import record_of
from review.models import Assignment, Licence, Score
from review.pseudonyms import pseudonym
from review.workflow.table import State, Whole
from submissions import sealing
from submissions.models import Outcome, Submission

FORMAT = "microcreds-decision-1"
APPEALED = "appealed"  # how it was settled, beside the ways an assessment is
FOUNDING = "founding"  # of an assessor who read while nobody needed a licence yet


def record_decision(submission: Submission, settled: str, settled_by: User | None) -> Record:
    """Write down what was just decided. The last thing of a decision: from here on other decisions wait.

    `settled_by`: the approver who adjudicated or answered an appeal.
    """
    issuer = submission.enrolment.micro_credential.issuer_id
    before = record_of(submission)
    body = {
        **_judged(submission),
        "scores": _scores(submission),
        "settled": settled,
        "settled_by": pseudonym(issuer, settled_by.pk) if settled_by else "",
        "readings": _readings(submission, issuer),
        "amends": before.hash if before else "",
    }
    entry = journal.record("review.decision_recorded", submission, organisation_id=issuer)
    return journal.chain(entry, body)


def _judged(submission: Submission) -> dict[str, Any]:
    """What was judged, by what, and to what end."""
    version = submission.enrolment.version
    return {
        "format": FORMAT,
        "submission": str(submission.pk),
        "attempt": submission.attempt,
        "version": {"id": str(version.pk), "number": version.number},
        "rubric_sha256": rubric_hash(version),
        "seal": submission.seal,
        "root": sealing.root_of(sealing.manifest_held(submission)),
        "outcome": str(submission.state),
        "decided_at": submission.decided_at.isoformat() if submission.decided_at else "",
    }


def rubric_hash(version: Version) -> str:
    """SHA-256 of the canonical JSON of the criteria, as they were frozen when the version was published."""
    return hashlib.sha256(rfc8785.dumps(template_of(version)["criteria"])).hexdigest()


def _scores(submission: Submission) -> dict[str, Any]:
    """Criterion key → the level decided, and the attempt it was carried from, where it was."""
    rows = Outcome.objects.filter(submission=submission).values_list(
        "criterion__key", "level", "carried_from"
    )
    return {key: {"level": level, **({"carried_from": was} if was else {})} for key, level, was in rows}


def _readings(submission: Submission, issuer: UUID) -> list[dict[str, Any]]:
    """Every completed reading: by whom, with which licence when it was decided, at which levels, on which days."""
    rows = list(
        Assignment.objects.filter(
            assessment__submission=submission,
            assessment__state=Whole.DECIDED,
            role=Assignment.Role.READING,
            state=State.COMPLETED,
        ).only("assessor_id", "claimed_at", "ended_at")
    )
    people = [row.assessor_id for row in rows]
    licences = dict(
        Licence.objects.filter(assessor__in=people, version=submission.enrolment.version_id).values_list(
            "assessor_id", "state"
        )
    )
    levels: dict[UUID, dict[str, int]] = defaultdict(dict)
    given = Score.objects.filter(assignment__in=rows, level__isnull=False)
    for assignment, key, level in given.values_list("assignment_id", "criterion__key", "level"):
        levels[assignment][key] = int(level or 0)
    readings = [
        {
            "assessor": pseudonym(issuer, row.assessor_id),
            "licence": licences.get(row.assessor_id, FOUNDING),
            "levels": levels[row.pk],
            "claimed_on": row.claimed_at.date().isoformat(),
            "completed_on": row.ended_at.date().isoformat() if row.ended_at else "",
        }
        for row in rows
    ]
    return sorted(readings, key=lambda one: str(one["assessor"]))
