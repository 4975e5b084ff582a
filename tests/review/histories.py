"""Decided assessments written as rows: histories that the verbs would take minutes to make."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from accounts.models import User
from catalog.models import Criterion, Version
from review.models import Anchor, Assessment, Assignment, Score, TrueScore
from submissions.models import Enrolment, Submission
from tests import factories
from tests.people import People

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)  # a Monday
PASS, MISS = {"context": 2, "plan": 3, "growth": 2}, {"context": 2, "plan": 2, "growth": 2}


class Works:
    """Decided assessments, written as rows: histories the verbs would take minutes to make."""

    def __init__(self, people: People) -> None:
        self.people = people
        self.version: Version = factories.published(people.northfield).current  # type: ignore[assignment]
        self.criteria = {row.key: row for row in Criterion.objects.filter(version=self.version)}
        self.number = 0

    def decided(
        self, *readings: dict[str, int], at: datetime = NOON, attempt: int = 1, **fields: Any
    ) -> Assessment:
        """An attempt decided at `at`, submitted a week before; each reading by the next assessor."""
        fields.setdefault("settled", "agreed" if len(readings) > 1 else "single")
        useful, anchor = fields.pop("useful", None), fields.get("anchor")
        assessors = fields.pop("assessors", [self.people.assessor, self.people.assessor2])
        fields.setdefault("due", at + timedelta(days=1))
        submission = self.submission(attempt, at - timedelta(days=7), useful, anchor is not None)
        assessment = Assessment.objects.create(
            submission=submission,
            issuer=self.people.northfield,
            version=self.version,
            state="decided",
            places=0,
            decided_at=at,
            **fields,
        )
        for levels, assessor in zip(readings, assessors, strict=False):
            self.reading(assessment, assessor, levels)
        return assessment

    def submission(self, attempt: int, at: datetime, useful: int | None, anchor: bool) -> Submission:
        self.number += 1
        enrolment = Enrolment.objects.create(
            earner=self.people.educator,
            micro_credential=self.version.micro_credential,
            version=self.version,
            state="left",
        )
        return Submission.objects.create(
            code=f"R-{self.number}",
            enrolment=enrolment,
            attempt=attempt,
            state="not_yet",
            submitted_at=at,
            decided_at=at,
            useful=useful,
            anchor=anchor,
        )

    def reading(
        self, assessment: Assessment, assessor: User, levels: dict[str, int], role: str = "reading"
    ) -> Assignment:
        row = Assignment.objects.create(
            submission=assessment.submission,
            assessment=assessment,
            assessor=assessor,
            role=role,
            state="completed",
            due=assessment.due,
            active_seconds=60,
        )
        Score.objects.bulk_create(
            Score(assignment=row, criterion=self.criteria[key], level=level) for key, level in levels.items()
        )
        return row

    def anchor(self, **true: int) -> Anchor:
        source, copy = (self.submission(1, NOON, None, anchor) for anchor in (False, True))
        row = Anchor.objects.create(
            version=self.version, source=source, submission=copy, use="live", state="ready",
            built_by=self.people.approver,
        )  # fmt: skip
        for key, level in true.items():
            TrueScore.objects.create(anchor=row, criterion=self.criteria[key], level=level, justification="…")
        return row
