"""Named reads of lists of people to be granted a badge."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from badges.models import Batch, BatchRow
from catalog.models import MicroCredential

# The account of an address is the one that has verified it, or one that was made for the address and waits for its person.
# `award` is her newest badge of the micro-credential that is not revoked; `holds`, whether it has not ended. OFFSET keeps
# the planner at her few badges: while a list runs, there are more of the micro-credential every moment than it knows of.
PEOPLE = """
SELECT wanted.email, person.id, person.name, person.ready, award.id, coalesce(award.holds, false), coalesce(award.renewed, false)
FROM unnest(%(emails)s::text[]) AS wanted(email)
CROSS JOIN LATERAL (
    SELECT u.id, u.name, u.is_active AS ready, 1 AS rank
    FROM account_emailaddress e JOIN accounts_user u ON u.id = e.user_id
    WHERE e.email = wanted.email AND e.verified
    UNION ALL
    SELECT u.id, u.name, u.is_active AND u.password LIKE '!%%' AS ready, 2 AS rank
    FROM accounts_user u WHERE lower(u.email) = wanted.email
    ORDER BY rank LIMIT 1
) person
LEFT JOIN LATERAL (
    SELECT a.id, a.valid_until IS NULL OR a.valid_until > %(now)s AS holds,
           EXISTS (SELECT FROM badges_award r WHERE r.renews_id = a.id) AS renewed
    FROM (
        SELECT id, micro_credential_id, state, valid_until, awarded_at
        FROM badges_award WHERE earner_id = person.id OFFSET 0
    ) a
    WHERE a.micro_credential_id = %(micro_credential)s AND a.state <> 'revoked'
    ORDER BY a.awarded_at DESC, a.id LIMIT 1
) award ON true
"""
ANSWER = """
UPDATE badges_batchrow AS kept SET state = said.state, problem = said.problem, award_id = said.award
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::uuid[]) AS said(id, state, problem, award)
WHERE kept.id = said.id
"""


class Known(NamedTuple):
    """The account of an address. Only what is `ready` may be given anything: its holder has proved the address, or will."""

    id: UUID
    name: str
    ready: bool
    award: UUID | None
    holds: bool
    renewed: bool


class Waiting(NamedTuple):
    """What a row asks for, without its columns."""

    pk: int
    number: int
    email: str
    name: str
    narrative: str
    supporting: list[dict[str, str]]
    awarded_at: datetime | None


class Answer(NamedTuple):
    """What became of a row."""

    id: int
    state: str
    problem: str = ""
    award: UUID | None = None


def known_people(emails: Collection[str], micro_credential: UUID) -> dict[str, Known]:
    """The accounts there are for these addresses, each with her badge of the micro-credential, in one query."""
    asked: dict[str, Any] = {
        "emails": list(emails),
        "micro_credential": str(micro_credential),
        "now": timezone.now(),
    }
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE, asked)
        return {row[0]: Known(*row[1:]) for row in cursor.fetchall()}


def answer_rows(answers: Collection[Answer]) -> None:
    """Write down what became of each row, in one query."""
    columns = [list(column) for column in zip(*answers, strict=True)]
    columns[3] = [str(award) if award else None for award in columns[3]]
    with connection.cursor() as cursor:
        cursor.execute(ANSWER, columns)


def lock_batch(pk: UUID) -> Batch | None:
    """The batch with all that its awards say, kept to this transaction; None while another worker has it."""
    rows = Batch.objects.select_related("version__micro_credential__issuer", "by")
    return (
        rows.select_for_update(of=("self",), skip_locked=True)
        .filter(pk=pk, state=Batch.State.RUNNING)
        .first()
    )


def one_at_a_time(micro_credential: UUID) -> None:
    """Two lists for the same badge wait for each other, so that nobody on both gets it twice."""
    MicroCredential.objects.select_for_update(no_key=True).only("pk").get(pk=micro_credential)


def waiting(batch: Batch, most: int) -> list[Waiting]:
    """The next rows without an answer."""
    rows = BatchRow.objects.filter(batch=batch, state=BatchRow.State.WAITING).order_by("number")
    return [Waiting(*row) for row in rows.values_list(*Waiting.__annotations__)[:most]]


def rows_after(batch: Batch, number: int, most: int, *, problems: bool = False) -> list[BatchRow]:
    """A page of rows in their order; `problems` alone are what its sender has to look at."""
    rows = BatchRow.objects.filter(batch=batch, number__gt=number)
    if problems:
        rows = rows.exclude(problem="")
    return list(rows.order_by("number")[:most])


def unanswered_batches() -> QuerySet[Batch]:
    """What a lost task may have left behind, oldest first."""
    return Batch.objects.filter(state=Batch.State.RUNNING).order_by("created", "pk")


def newest_batches(batches: QuerySet[Batch], before: Batch | None, most: int) -> list[Batch]:
    """Newest first, from a place in the list on."""
    if before is not None:
        batches = batches.filter(Q(created__lt=before.created) | Q(created=before.created, pk__lt=before.pk))
    return list(batches.select_related("version", "issuer").order_by("-created", "-pk")[:most])


def columns_of(batch: Batch, most: int) -> list[str]:
    """The names of all columns that any of its rows has."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT jsonb_object_keys(columns) AS name FROM badges_batchrow"
            " WHERE batch_id = %s ORDER BY name LIMIT %s",
            [str(batch.pk), most],
        )
        return [name for (name,) in cursor.fetchall() if name]
