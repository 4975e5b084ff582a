"""Granting one badge to ten thousand people: signed, stored and in the status list, beside bare signatures and COPY of the same bytes."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Membership, User
from accounts.workflow import expect
from badges import checking, issuing, keyring, sheets, workflow
from badges.models import Award, Batch, BatchRow
from badges.openbadges import documents, proofs
from badges.openbadges.template import Parts, template_of
from badges.workflow.granting import CHUNK
from bench.table import Row
from bench.timing import interleaved
from catalog.models import MicroCredential
from journal.models import Entry

DEFAULT_ROWS = 10_000
ISSUER = "northfield"
REPETITIONS = 2_000
UNSEEN = 6  # statements a chunk that no wrapper sees: the COPYs of awards and of entries, and four of the transaction
SAMPLE = 25  # awards that are checked from end to end
HEAD = "email,name,awarded_on,narrative,evidence_name,evidence_url,reference"


@dataclass
class Counted:
    """What one run took."""

    seconds: float = 0.0
    statements: int = 0


def run(rows: int) -> Iterator[Row]:
    """The whole batch, then signing alone."""
    unit = MicroCredential.objects.filter(issuer__slug=ISSUER, state="published").order_by("slug")[0]
    batch = _batch(unit, rows)
    ours = _granted(batch)
    awards = list(Award.objects.filter(origin=Award.Origin.GRANTED).order_by("pk"))
    _check(batch, awards, rows)
    bare = _bare(awards)
    chunks = -(-rows // CHUNK)
    hundred = 100 * (ours.statements + UNSEEN * chunks) / rows
    yield Row(
        f"issue: {rows:,} awards, whole",
        f"{rows / ours.seconds:,.0f}/s",
        f"{rows / bare:,.0f}/s Ed25519 + COPY",
        bare / ours.seconds,
        f"{hundred:.2f} queries per 100 awards; {rows:,} entries, status places; {SAMPLE} verified",
        "≥ 0.5×, ≤ 1 query per 100",
    )
    yield _signing(awards)


def _batch(unit: MicroCredential, rows: int) -> Batch:
    """A list of people who have accounts, half of them with a narrative and evidence of their own."""
    user = User.objects.create(email="granter@demo.test")
    Membership.objects.create(user=user, organisation=unit.issuer, role=Membership.Role.APPROVER)
    lines = [
        f"person{number}@district.example,Person {number},2025-06-30,"
        + (
            f"Taught it for {number} days.,Plan {number},https://district.example/plans/{number},"
            if number % 2
            else ",,,"
        )
        + f"HR-{number}"
        for number in range(rows)
    ]
    expect({f"person{number}@district.example": f"Person {number}" for number in range(rows)}, by=user.pk)
    content = "\n".join([HEAD, *lines]).encode()
    checked = sheets.checked(sheets.read_csv(content))
    batch = workflow.check_batch(user, unit, "bench.csv", workflow.file_key(content), checked)
    return workflow.start_batch(batch, user)


def _granted(batch: Batch) -> Counted:
    """As the worker does it, without the broker in between."""
    counted = Counted()
    with _counting(counted):
        begun = time.perf_counter()
        while Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING).exists():
            workflow.advance_batch(batch.pk)
        counted.seconds = time.perf_counter() - begun
    return counted


@contextmanager
def _counting(counted: Counted) -> Iterator[None]:
    """Every statement that Django hands on."""

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        counted.statements += 1
        return execute(sql, params, many, context)

    with connection.execute_wrapper(count):
        yield


def _check(batch: Batch, awards: Sequence[Award], rows: int) -> None:
    """What was measured must have happened: all of it, each once, and each verifiable."""
    batch.refresh_from_db()
    answered = BatchRow.objects.filter(batch=batch, state=BatchRow.State.AWARDED).count()
    places = {(award.status_list_id, award.status_index) for award in awards}
    entries = Entry.objects.filter(kind="badges.awarded", data__batch=str(batch.pk)).count()
    if not rows == len(awards) == answered == len(places) == entries or batch.state != Batch.State.DONE:
        raise ValueError(f"{rows} rows made {len(awards)} awards, {answered} answers, {entries} entries")
    for award in awards[:: max(1, rows // SAMPLE)]:
        if not checking.check(award.credential).valid:
            raise ValueError(f"award {award.pk} does not verify")


def _bare(awards: Sequence[Award]) -> float:
    """As many bare signatures, and the same rows COPYed once more into the table they were taken from."""
    file, columns = io.StringIO(), ", ".join(f'"{field.column}"' for field in Award._meta.concrete_fields)
    with connection.cursor() as cursor:
        cursor.copy_expert(
            f"COPY (SELECT {columns} FROM badges_award WHERE origin = 'granted') TO STDOUT", file
        )
        cursor.execute("UPDATE badges_batchrow SET award_id = NULL")
        cursor.execute("DELETE FROM badges_award WHERE origin = 'granted'")
        cursor.execute("VACUUM (ANALYZE) badges_award")
    file.seek(0)
    key, message = Ed25519PrivateKey.generate(), bytes(64)
    begun = time.perf_counter()
    for _award in awards:
        key.sign(message)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.copy_expert(f"COPY badges_award ({columns}) FROM STDIN", file)
    seconds = time.perf_counter() - begun
    if Award.objects.filter(origin=Award.Origin.GRANTED).count() != len(awards):
        raise ValueError("the baseline lost rows")
    return seconds


def _signing(awards: Sequence[Award]) -> Row:
    """One award from its parts to the signed text, against the signature in it alone."""
    award = Award.objects.select_related(
        "earner", "issuer", "status_list", "version__micro_credential__issuer"
    ).get(pk=awards[0].pk)
    by, now = keyring.signer(award.issuer), timezone.now()
    data = issuing.award_data(award, {}, now)
    document, parts = documents.credential(data), Parts.of(data)
    made = template_of(document, parts)
    sign = made.signer(by, verification_method=by.method, created=now)
    if json.loads(sign(parts)) != proofs.sign(document, by, verification_method=by.method, created=now):
        raise ValueError("the template's document is not the library's")
    key = Ed25519PrivateKey.generate()
    ours, bare = interleaved(lambda: sign(parts), lambda: key.sign(bytes(64)), REPETITIONS)
    whole, _bare_again = interleaved(
        lambda: proofs.sign(document, by, verification_method=by.method, created=now),
        lambda: key.sign(bytes(64)),
        3,
    )
    return Row(
        "issue: signing alone",
        f"{1e6 * ours:.1f} µs",
        f"{1e6 * bare:.1f} µs bare Ed25519",
        ours / bare,
        f"{len(sign(parts)):,} bytes; canonicalised as a whole {1e6 * whole:,.0f} µs",
        "≤ 2×",
    )
