"""Where two readings differ an approver settles it: she sees both without names, and writes the one text the educator reads."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from journal.workflow import GuardError, TransitionError
from review import rules
from review.models import Assessment, Assignment, Note, Score
from review.queries import policy_of
from review.queries.settling import compared, readings_of
from review.workflow.table import OVERALL, State, Whole, record
from submissions.calendars import calendar_of

Role = Assignment.Role


def begin_adjudication(assessment: Assessment, user: User) -> Assignment:
    """Take it, one approver at a time; doing it twice takes it once. A draft she gave back before returns.

    Where both readings are on one side, the first one's level, texts and cited places are there to start from; where they
    differ, nothing is, so that neither is the default.
    """
    if not rules.adjudicable_by(user).filter(pk=assessment.pk).exists():
        raise GuardError(_("This is not yours to adjudicate."), state=assessment.state)
    with transaction.atomic():
        whole = Assessment.objects.select_for_update().get(pk=assessment.pk)
        if whole.state != Whole.ADJUDICATION:
            raise TransitionError(_("This has been settled in the meantime."), state=whole.state)
        rows = Assignment.objects.filter(assessment=whole, role=Role.ADJUDICATION)
        if held := rows.filter(state=State.CLAIMED).first():
            if held.assessor_id != user.pk:
                raise TransitionError(_("Another approver is adjudicating this now."), state=whole.state)
            return held
        earlier = rows.filter(assessor=user).order_by("-claimed_at").first()
        due = calendar_of(whole.issuer_id).add(timezone.now(), policy_of(whole.issuer_id).claim_days)
        row = Assignment(
            submission=whole.submission, assessment=whole, assessor=user, role=Role.ADJUDICATION, due=due
        )
        _fill(row, whole, earlier)
        record("review.adjudication_begun", row, user)
    return row


def _fill(row: Assignment, whole: Assessment, earlier: Assignment | None) -> None:
    """Her own draft from before, or else what both readings agree on."""
    if earlier is not None:
        for name in OVERALL:
            setattr(row, name, getattr(earlier, name))
        row.save()
        _copy_scores(earlier, row)
        Note.objects.filter(assignment=earlier).update(assignment=row)
        return
    readings = readings_of(whole)
    row.strength = readings[0].strength
    row.save()
    both = compared(readings)
    agreed = [sides[0].line.pk for key, sides in both.sides.items() if key not in both.differing]
    _copy_scores(readings[0], row, agreed)
    _copy_places(readings[0], row, agreed)


def _copy_scores(source: Assignment, row: Assignment, criteria: Collection[Any] | None = None) -> None:
    names = ("criterion_id", "level", "feedback", "where", "next_step")
    Score.objects.bulk_create(
        Score(assignment=row, **{name: getattr(score, name) for name in names})
        for score in Score.objects.filter(assignment=source)
        if criteria is None or score.criterion_id in criteria
    )


def _copy_places(source: Assignment, row: Assignment, criteria: Collection[Any]) -> None:
    """The places a reading cited come along as the adjudication's own; its other notes stay where they are."""
    names = ("artifact_id", "question", "criterion_id", "kind", "place", "text", "shared", "cited")
    Note.objects.bulk_create(
        Note(pk=uuid.uuid4(), assignment=row, **{name: getattr(note, name) for name in names})
        for note in Note.objects.filter(assignment=source, cited=True, criterion__in=criteria)
    )


def adopt_places(row: Assignment) -> None:
    """Where the readings differ, the educator sees the places that the reading she sides with cited."""
    if row.assessment is None:
        return
    readings = readings_of(row.assessment)
    both = compared(readings)
    chosen = dict(Score.objects.filter(assignment=row).values_list("criterion__key", "level"))
    differing = [both.sides[key][0].line.pk for key in both.differing]
    Note.objects.filter(assignment=row, criterion__in=differing).delete()
    for key in both.differing:
        level = chosen.get(key)
        if level is None:
            continue
        lines = [side.line for side in both.sides[key]]
        passes = level >= lines[0].passing
        first = next(at for at, line in enumerate(lines) if line.passed == passes)
        _copy_places(readings[first], row, [lines[0].pk])
