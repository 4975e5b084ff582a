"""Decided assessments become figures: added once as they are decided, and counted anew every night.

Both count by the same statements, so that they cannot drift apart. A statement's rows are written in the order of
their keys, so that folds at the same time wait for each other instead of locking each other out.

Against the truth only blind anchors count, not calibrations: there an assessor knows that she is being checked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from review.models import (
    Assessment,
    AssessorMonth,
    LevelCount,
    OutcomeCount,
    Tally,
    UsefulCount,
)
from submissions.business import Calendar
from submissions.calendars import calendar_of
from submissions.models import Submission

logger = logging.getLogger(__name__)

BATCH = 500
FIGURES = 0x5245_5649  # the key of the lock: folds share it, a recount has it to itself

# What everything is counted from. Months are UTC's, so that no later change of a calendar moves them.
COUNTED = """
WITH whole AS MATERIALIZED (
  SELECT a.id, a.version_id, a.issuer_id, a.anchor_id, a.carried, a.settled,
         date_trunc('month', a.decided_at AT TIME ZONE 'UTC')::date AS month,
         (s.submitted_at AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date AS began,
         (a.decided_at AT TIME ZONE coalesce(p.time_zone, 'UTC'))::date AS ended,
         a.decided_at > a.due AS late, s.attempt, s.useful
  FROM review_assessment a
  JOIN submissions_submission s ON s.id = a.submission_id
  LEFT JOIN submissions_policy p ON p.organisation_id = a.issuer_id
  WHERE a.state = 'decided' AND {scope}
), reading AS (
  SELECT w.*, r.id AS reading_id, r.assessor_id, r.active_seconds
  FROM whole w JOIN review_assignment r
    ON r.assessment_id = w.id AND r.role = 'reading' AND r.state = 'completed'
), scored AS (
  SELECT reading.*, c.criterion_id, c.level
  FROM reading JOIN review_score c ON c.assignment_id = reading.reading_id
  WHERE c.level IS NOT NULL AND NOT jsonb_exists(reading.carried, c.criterion_id::text)
)"""
SOME, ALL = "a.id = ANY(%(ids)s)", "a.folded_at IS NOT NULL"
RATED = """a.version_id = %(version)s AND s.useful IS NOT NULL
  AND a.decided_at >= %(since)s AND a.decided_at < %(until)s"""


@dataclass(frozen=True)
class Rollup:
    """A table, what its rows are told apart by, what they add up, and where that comes from."""

    table: str
    keys: tuple[str, ...]
    sums: tuple[str, ...]
    select: str

    @property
    def columns(self) -> str:
        return ", ".join((*self.keys, *self.sums))

    @property
    def order(self) -> str:
        return ", ".join(self.keys)

    def each(self, template: str, glue: str = ", ", names: tuple[str, ...] = ()) -> str:
        """The template for every sum, or for `names`."""
        return glue.join(template.format(name=name, table=self.table) for name in names or self.sums)


TALLY = Rollup(
    Tally._meta.db_table,
    ("version_id", "criterion_id", "month", "kind", "levels"),
    ("n",),
    """
SELECT version_id, criterion_id, month, 'readings' AS kind, levels, count(*) AS n
FROM (
  SELECT version_id, criterion_id, month, array_agg(level ORDER BY level) AS levels
  FROM scored WHERE anchor_id IS NULL GROUP BY version_id, criterion_id, month, id HAVING count(*) > 1
) unit GROUP BY 1, 2, 3, 4, 5
UNION ALL
SELECT version_id, scored.criterion_id, month, 'anchor', ARRAY[t.level, scored.level], count(*)
FROM scored JOIN review_truescore t
  ON t.anchor_id = scored.anchor_id AND t.criterion_id = scored.criterion_id
GROUP BY 1, 2, 3, 4, 5""",
)
LEVELS = Rollup(
    LevelCount._meta.db_table,
    ("version_id", "criterion_id", "assessor_id", "month", "level", "first"),
    ("n",),
    """
SELECT version_id, criterion_id, assessor_id, month, level, attempt = 1 AS first, count(*) AS n
FROM scored WHERE anchor_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6""",
)
# A review of one open criterion says nothing about a halo, so it is never flat.
MONTHS = Rollup(
    AssessorMonth._meta.db_table,
    ("version_id", "assessor_id", "month"),
    ("reviews", "seconds", "flat"),
    """
, places AS (
  SELECT reading_id, count(*) > 1 AND count(DISTINCT place) = 1 AS flat
  FROM (
    SELECT reading_id, CASE WHEN top > 1 THEN (level - 1)::float8 / (top - 1) ELSE 1 END AS place
    FROM scored, LATERAL (
      SELECT max(l."order") AS top FROM catalog_level l WHERE l.criterion_id = scored.criterion_id
    ) levels
  ) placed GROUP BY reading_id
)
SELECT version_id, assessor_id, month, count(*) AS reviews, sum(active_seconds) AS seconds,
       count(*) FILTER (WHERE flat) AS flat
FROM reading LEFT JOIN places USING (reading_id) WHERE anchor_id IS NULL GROUP BY 1, 2, 3""",
)
# As first decided, from what was scored: an adjudication's level where there is one, else the readings', which agree.
OUTCOMES = Rollup(
    OutcomeCount._meta.db_table,
    ("version_id", "month", "attempt", "earned", "days", "late"),
    ("n",),
    """
, missed AS (
  SELECT DISTINCT w.id
  FROM whole w
  JOIN review_assignment r ON r.assessment_id = w.id AND r.state = 'completed'
  JOIN review_score c ON c.assignment_id = r.id AND NOT jsonb_exists(w.carried, c.criterion_id::text)
  JOIN catalog_criterion k ON k.id = c.criterion_id AND c.level < k.passing
  WHERE w.anchor_id IS NULL AND (r.role = 'adjudication' OR NOT EXISTS (
    SELECT 1 FROM review_assignment j JOIN review_score d ON d.assignment_id = j.id AND d.level IS NOT NULL
    WHERE j.assessment_id = w.id AND j.role = 'adjudication' AND j.state = 'completed'
      AND d.criterion_id = c.criterion_id
  ))
)
SELECT version_id, month, attempt, missed.id IS NULL AS earned, days, late, count(*) AS n
FROM whole
JOIN unnest(%(issuers)s::uuid[], %(began)s::date[], %(ended)s::date[], %(days)s::int[])
  AS taken (issuer_id, began, ended, days) USING (issuer_id, began, ended)
LEFT JOIN missed ON missed.id = whole.id
WHERE anchor_id IS NULL GROUP BY 1, 2, 3, 4, 5, 6""",
)
USEFUL = Rollup(
    UsefulCount._meta.db_table,
    ("version_id", "month", "rating"),
    ("n",),
    """
SELECT version_id, month, useful AS rating, count(*) AS n
FROM whole WHERE anchor_id IS NULL AND useful IS NOT NULL GROUP BY 1, 2, 3""",
)
FOLDED = (TALLY, LEVELS, MONTHS, OUTCOMES)


def fold(batch: int = BATCH) -> int:
    """Add the assessments decided since, a batch a transaction; returns how many. Costs what is new, not what is there.

    While a recount runs it leaves them for later.
    """
    folded = 0
    while True:
        with transaction.atomic():
            if not _shared():
                return folded
            ids = _next(batch)
            if ids:
                _add_all(ids)
        folded += len(ids)
        if len(ids) < batch:
            return folded


def fold_rating(submission: Submission) -> None:
    """Somebody rated her feedback, or changed her mind: that version's month is counted anew.

    Counting anew is right however often and in whatever order the same is heard; one counts at a time, so that the last
    one sees everything.
    """
    row = Assessment.objects.filter(
        submission=submission, state=Assessment.State.DECIDED, anchor=None, decided_at__isnull=False
    ).first()
    if row is None or row.decided_at is None:
        return
    since = row.decided_at.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    until = (since + timedelta(days=32)).replace(day=1)
    params = {"version": row.version_id, "since": since, "until": until, "month": since.date()}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [FIGURES])
        key = f"useful:{row.version_id}:{since:%Y-%m}"
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])
        _correct(USEFUL, RATED, params, "version_id = %(version)s AND month = %(month)s")


def recount() -> dict[str, int]:
    """Count everything folded so far from the scores and repair what differs; table → rows that were wrong.

    What may differ without a fault is what was changed afterwards: an anchor's true scores, or an issuer's calendar.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [FIGURES])
        params = _days_taken(ALL, {})
        wrong = {rollup.table: _correct(rollup, ALL, params) for rollup in FOLDED}
        rated = "s.useful IS NOT NULL"
        wrong[USEFUL.table] = _correct(USEFUL, rated, {})
    for table, rows in wrong.items():
        if rows:
            logger.error("%s differed from the scores in %d rows; counted anew", table, rows)
    return wrong


def _shared() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(%s)", [FIGURES])
        return bool(cursor.fetchone()[0])


def _next(batch: int) -> list[UUID]:
    """Assessments nobody else is folding, kept from others."""
    rows = Assessment.objects.select_for_update(skip_locked=True).filter(
        state=Assessment.State.DECIDED, folded_at=None
    )
    return list(rows.order_by("decided_at").values_list("pk", flat=True)[:batch])


def _add_all(ids: list[UUID]) -> None:
    params = {"ids": ids, **_days_taken(SOME, {"ids": ids})}
    for rollup in FOLDED:
        _add(rollup, params)
    Assessment.objects.filter(pk__in=ids).update(folded_at=timezone.now())


def _add(rollup: Rollup, params: dict[str, Any]) -> None:
    added = rollup.each("{name} = {table}.{name} + EXCLUDED.{name}")
    statement = f"""
INSERT INTO {rollup.table} ({rollup.columns})
SELECT {rollup.columns} FROM ({COUNTED.format(scope=SOME)} {rollup.select}) counted ORDER BY {rollup.order}
ON CONFLICT ({rollup.order}) DO UPDATE SET {added}"""  # noqa: S608 (constants of this module only)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)


def _correct(rollup: Rollup, scope: str, params: dict[str, Any], part: str = "TRUE") -> int:
    """Make the table (or a `part` of it) say what is counted; returns how many rows were wrong."""
    same = rollup.each("counted.{name} = {table}.{name}", " AND ", rollup.keys)
    put = rollup.each("{name} = EXCLUDED.{name}")
    differs = rollup.each("{table}.{name} <> EXCLUDED.{name}", " OR ")
    statement = f"""
WITH counted AS MATERIALIZED ({COUNTED.format(scope=scope)} {rollup.select}), gone AS (
  DELETE FROM {rollup.table} WHERE {part} AND NOT EXISTS (SELECT 1 FROM counted WHERE {same}) RETURNING 1
), put AS (
  INSERT INTO {rollup.table} ({rollup.columns})
  SELECT {rollup.columns} FROM counted ORDER BY {rollup.order}
  ON CONFLICT ({rollup.order}) DO UPDATE SET {put} WHERE {differs} RETURNING 1
)
SELECT (SELECT count(*) FROM gone) + (SELECT count(*) FROM put)"""  # noqa: S608 (constants of this module only)
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.fetchone()[0])


def _days_taken(scope: str, params: dict[str, Any]) -> dict[str, list[Any]]:
    """Each pair of days on which something was submitted and decided, and the business days between them."""
    with connection.cursor() as cursor:
        pairs = "SELECT DISTINCT issuer_id, began, ended FROM whole WHERE anchor_id IS NULL"
        cursor.execute(f"{COUNTED.format(scope=scope)} {pairs}", params)
        rows = cursor.fetchall()
    days = list(business_days(rows))
    issuers, began, ended = ([row[column] for row in rows] for column in range(3))
    return {"issuers": issuers, "began": began, "ended": ended, "days": days}


def business_days(rows: Iterable[tuple[UUID, date, date]]) -> Iterable[int]:
    """The open days after the first day up to the last one, by each issuer's calendar, as dates are promised."""
    calendars: dict[UUID, Calendar] = {}
    for issuer, began, ended in rows:
        calendar = calendars.get(issuer) or calendars.setdefault(issuer, calendar_of(issuer))
        first, last = (
            datetime.combine(day + timedelta(days=1), time(0), calendar.zone) for day in (began, ended)
        )
        yield max(round(calendar.between(first, last)), 0)
