"""Claiming from a queue of 1,000, 100,000 and 5,000,000 waiting submissions by eight assessors at once."""

from __future__ import annotations

import multiprocessing
import signal
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection, connections, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Membership, Organisation, Relation, User
from bench.table import Row
from catalog.models import MicroCredential
from review import rules, workflow
from review.models import Assessment, Assignment
from review.rules.reading import barred_from
from submissions.models import Enrolment, Submission

DEFAULT_ROWS = 5_000_000
SIZES = (1_000, 100_000)
CLAIMANTS = 8
CLAIMS = 40  # each claimant's, at each size
BARRED = 5_000  # rows at the head of the queue that are all of people close to the assessor
ISSUER = "northfield"
TARGET = "≤ 2×, flat"


@dataclass
class Taken:
    """What one claimant measured, in seconds, and which submissions she got."""

    selects: list[float] = field(default_factory=list)
    picks: list[float] = field(default_factory=list)
    claims: list[float] = field(default_factory=list)
    statements: list[int] = field(default_factory=list)
    got: list[UUID] = field(default_factory=list)


def run(rows: int) -> Iterator[Row]:
    """The same at each size up to `rows`, then with a head that is not for her, then the desk."""
    assessors = _assessors()
    there = 0
    for size in [*(one for one in SIZES if one < rows), rows]:
        fill(there, size)
        there = size
        yield _claimed(f"queue: claim among {size:,}", assessors)
    yield _barred(assessors, rows)
    yield _desk(assessors[0])


def _claimed(what: str, assessors: list[User]) -> Row:
    """All claimants at once; each takes a SELECT and a claim in turns, so that the load is the same for both."""
    before = Assignment.objects.count()
    connections.close_all()
    # A child must not end as the benchmark itself would, which stops the engines.
    ending = (signal.SIGTERM, signal.SIG_DFL)
    with multiprocessing.get_context("fork").Pool(CLAIMANTS, signal.signal, ending) as pool:
        taken = pool.map(claim, [user.pk for user in assessors], chunksize=1)
        pool.close()
        pool.join()
    got = Counter(pk for one in taken for pk in one.got)
    made = Assignment.objects.count() - before
    if max(got.values()) > 1 or made != got.total() or made != CLAIMANTS * CLAIMS:
        raise ValueError(f"{got.total()} claims of {len(got)} submissions made {made} rows")
    return _row(what, taken, f"{made} claims of {len(got)} submissions, none twice")


def _row(what: str, taken: list[Taken], counts: str) -> Row:
    pick, select, whole, statements = (
        statistics.median(value for one in taken for value in getattr(one, name))
        for name in ("picks", "selects", "claims", "statements")
    )
    counts += f"; a whole claim {_ms(whole)}, {statements:.0f} statements"
    return Row(
        what, f"{_ms(pick)} to find and lock", f"{_ms(select)} one SELECT", pick / select, counts, TARGET
    )


def claim(pk: UUID, count: int = CLAIMS) -> Taken:
    """One claimant: how long a plain SELECT takes, and the statement that finds and locks; then whole claims."""
    user, taken = User.objects.get(pk=pk), Taken()
    with _timing("FOR UPDATE OF", "SKIP LOCKED") as picks:
        for _number in range(count):
            with _timing("review_assessment") as selects:
                next_of(user)
            taken.selects += selects
            begun = time.perf_counter()
            with _timing("") as every:
                assignment = workflow.claim_next(user)
            taken.claims.append(time.perf_counter() - begun)
            taken.statements.append(len(every))
            if assignment:
                taken.got.append(assignment.submission_id)
    taken.picks = picks
    connections.close_all()
    return taken


def next_of(user: User) -> Assessment | None:
    """The baseline: what waits first, by the same index, with nobody kept from anything and nothing locked."""
    issuers = list(rules.issuers_assessed(user))
    rows = Assessment.objects.filter(state=Assessment.State.OPEN, places__gt=0, issuer=issuers[0])
    return rows.order_by("due", "pk").first()


@contextmanager
def _timing(*words: str) -> Iterator[list[float]]:
    """The seconds of each statement that holds all of `words`."""
    seconds: list[float] = []

    def measure(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            if all(word in sql for word in words):
                seconds.append(time.perf_counter() - begun)

    with connection.execute_wrapper(measure):
        yield seconds


def _barred(assessors: list[User], rows: int) -> Row:
    """The head of the queue is all of people she is related to: one alone, as the others would take nothing."""
    user = assessors[0]
    count = min(BARRED, rows // 2)
    waiting = Assessment.objects.filter(state=Assessment.State.OPEN, places__gt=0, issuer__slug=ISSUER)
    head = waiting.order_by("due", "pk").values("pk")[:count]
    earners = Enrolment.objects.filter(submissions__assessments__in=head).values_list("earner", flat=True)
    close = [Relation(person=user, of_id=pk, kind=Relation.Kind.COACHES) for pk in set(earners)]
    Relation.objects.bulk_create(close)
    _analyze()
    taken = claim(user.pk)
    barred = len(barred_from(user, waiting))
    row = _row(f"queue: {count:,} at the head of {rows:,} not hers", [taken], f"{barred:,} kept from her")
    Relation.objects.filter(person=user).delete()
    return row


def _desk(user: User) -> Row:
    """How many statements a desk takes."""
    assignment = Assignment.objects.filter(assessor=user, state=Assignment.State.CLAIMED).first()
    if assignment is None:
        raise ValueError("nothing was claimed")
    client = Client(headers={"host": "127.0.0.1"})
    client.force_login(user)
    counts = []
    for url in (reverse("review-desk", args=[assignment.pk]), reverse("review-queue")):
        client.get(url)
        with CaptureQueriesContext(connection) as context:
            begun = time.perf_counter()
            if client.get(url).status_code != 200:
                raise ValueError(f"{url} cannot be opened")
            counts.append((len(context), time.perf_counter() - begun))
    (desk, seconds), (queue, longer) = counts
    return Row(
        "queue: the desk's page", f"{desk} queries", "8 queries", desk / 8,
        f"{_ms(seconds)}; the queue's page {queue} queries, {_ms(longer)}", "≤ 8 queries",
    )  # fmt: skip


# --- what waits -------------------------------------------------------------------------------------------


def _assessors() -> list[User]:
    """Eight people who assess for one issuer."""
    issuer = Organisation.objects.get(slug=ISSUER)
    users = [User(email=f"claimant-{number}@demo.test") for number in range(CLAIMANTS)]
    User.objects.bulk_create(users)
    role = Membership.Role.ASSESSOR
    Membership.objects.bulk_create(Membership(user=one, organisation=issuer, role=role) for one in users)
    return users


def fill(first: int, last: int) -> None:
    """Submissions number `first` to `last` that wait at one issuer, due one after the other.

    Made in the database from one real submission each; the triggers that check foreign keys are left out, because
    every row points to one made the moment before.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        _multiply_all(_sample(), first, last)
        cursor.execute("SET session_replication_role = DEFAULT")
    _analyze()


def _multiply_all(sample: Assessment, first: int, last: int) -> None:
    issuer = Organisation.objects.get(slug=ISSUER)
    units = list(MicroCredential.objects.filter(state="published", issuer__slug=ISSUER).order_by("slug"))
    place = f"[1 + mod(n, {len(units)})]"
    unit, version = (
        f"({_array(ids)}){place}" for ids in ([u.pk for u in units], [u.current_id for u in units])
    )
    _multiply(
        sample.submission.enrolment.earner,
        {"id": _id("a"), "email": "'waits-' || n || '@demo.test'", "last_login": "NULL"},
        -(-first // len(units)), -(-last // len(units)),
    )  # fmt: skip
    _multiply(
        sample.submission.enrolment,
        {
            "id": _id("b"), "earner_id": _id("a", f"n / {len(units)}"), "micro_credential_id": unit,
            "version_id": version,
        },
        first, last,
    )  # fmt: skip
    _multiply(
        sample.submission,
        {
            "id": _id("c"), "enrolment_id": _id("b"), "code": "'Q-' || to_hex(n)",
            **dict.fromkeys(("manifest", "answers"), "'{}'"), "attestations": "'[]'",
        },
        first, last,
    )  # fmt: skip
    due = "row.due + n * interval '1 second'"
    _multiply(
        sample,
        {
            "id": _id("d"), "submission_id": _id("c"), "version_id": version, "issuer_id": f"'{issuer.pk}'",
            "due": due, "wanted": "1", "places": "1", "reserved_for_id": "NULL", "reserved_until": "NULL",
        },
        first, last,
    )  # fmt: skip


def _sample() -> Assessment:
    """One of the demonstration that waits."""
    waiting = Submission.objects.filter(state=Submission.State.SUBMITTED, anchor=False)
    submission = waiting.select_related("enrolment__earner").order_by("submitted_at")[0]
    assessment = workflow.enter(submission)
    assessment.submission = submission
    return assessment


def _multiply(row: models.Model, other: dict[str, str], first: int, last: int) -> None:
    """Copies number `first` to `last` of a row; `other` says in SQL what differs, by column."""
    table = row._meta.db_table
    columns = [str(one.column) for one in row._meta.concrete_fields]
    values = ", ".join(other.get(name, f'row."{name}"') for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{table}" ({names}) SELECT {values} FROM "{table}" row, '
            "generate_series(%s, %s - 1) n WHERE row.id = %s",
            [first, last, row.pk],
        )


def _id(letter: str, number: str = "n") -> str:
    """An id that follows from a number, so that rows may point to one another."""
    return f"('{letter * 8}-0000-4000-8000-' || lpad(to_hex({number}), 12, '0'))::uuid"


def _array(ids: list[Any]) -> str:
    return "ARRAY[" + ", ".join(f"'{pk}'" for pk in ids) + "]::uuid[]"


def _analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE)")


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"
