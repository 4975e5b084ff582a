"""The page of figures over a million scores: from the rollups, beside counting the scores themselves."""

from __future__ import annotations

import logging
import random
import statistics
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Membership, User
from bench.table import Row
from catalog.models import Version
from microcreds.demo.people import DOMAIN
from microcreds.demo.scale import copy_in
from review import quality, workflow
from review.models import Assessment, Assignment, Score
from review.queries import figures
from review.queries.figures import Ruler, Span
from review.workflow.folding import BATCH
from submissions.models import Enrolment, Submission

DEFAULT_ROWS = 1_000_000
ASSESSORS = 40
DOUBLE = 5  # every fifth attempt is read twice
MONTHS = 24
ASKED = 15
TARGET = "≤ 50 ms of SQL"


class Scored:
    """Decided attempts at one version, in great numbers; rows are copied in."""

    def __init__(self) -> None:
        published = Version.objects.filter(state="published", micro_credential__issuer__slug="northfield")
        self.version = published.select_related("micro_credential").order_by("pk")[0]
        self.rulers = figures.rulers([self.version.pk])[self.version.pk]
        self.earner = User.objects.get(email=f"educator@{DOMAIN}").pk
        self.chance = random.Random(1)
        self.there = 0
        self.assessors = [uuid.uuid4() for _number in range(ASSESSORS)]
        people = (
            {"id": pk, "email": f"bench-{number}@{DOMAIN}", "name": f"Assessor {number}", "password": secret}
            for secret in [make_password(None)]
            for number, pk in enumerate(self.assessors)
        )
        copy_in(User, people)

    def add(self, attempts: int, *, folded: bool) -> None:
        """So many more, spread over the months."""
        now, first = timezone.now(), self.there
        self.there += attempts
        rows = []
        for number in range(first, self.there):
            decided = now - timedelta(minutes=self.chance.randrange(MONTHS * 30 * 24 * 60))
            rows.append(([uuid.uuid4() for _id in range(5)], number, decided))
        copy_in(Enrolment, (self._enrolment(ids) for ids, _number, _at in rows))
        copy_in(Submission, (self._submission(*row) for row in rows))
        done = now if folded else None
        copy_in(Assessment, ({**self._assessment(*row), "folded_at": done} for row in rows))
        copy_in(Assignment, (one for row in rows for one in self._readings(*row)))
        copy_in(Score, (one for row in rows for one in self._scores(*row)))
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")

    def _enrolment(self, ids: list[uuid.UUID]) -> dict[str, Any]:
        unit = self.version.micro_credential_id
        return {
            "id": ids[0], "earner_id": self.earner, "micro_credential_id": unit, "version_id": self.version.pk,
            "state": "left",
        }  # fmt: skip

    def _submission(self, ids: list[uuid.UUID], number: int, at: datetime) -> dict[str, Any]:
        days = timedelta(days=number % 12)
        return {
            "id": ids[1], "enrolment_id": ids[0], "code": f"B-{number}", "attempt": 1 + number % 7 // 5,
            "state": "not_yet", "submitted_at": at - days, "decided_at": at,
        }  # fmt: skip

    def _assessment(self, ids: list[uuid.UUID], number: int, at: datetime) -> dict[str, Any]:
        wanted = self._wanted(number)
        return {
            "id": ids[2], "submission_id": ids[1], "version_id": self.version.pk, "wanted": wanted, "places": 0,
            "issuer_id": self.version.micro_credential.issuer_id, "state": "decided", "decided_at": at,
            "due": at + timedelta(days=1), "settled": "agreed" if wanted > 1 else "single",
        }  # fmt: skip

    def _readings(self, ids: list[uuid.UUID], number: int, at: datetime) -> Iterator[dict[str, Any]]:
        for place in range(self._wanted(number)):
            yield {
                "id": ids[3 + place], "submission_id": ids[1], "assessment_id": ids[2], "state": "completed",
                "assessor_id": self.assessors[(number * 7 + place * 11) % ASSESSORS], "due": at,
                "active_seconds": 1200,
            }  # fmt: skip

    def _scores(self, ids: list[uuid.UUID], number: int, _at: datetime) -> Iterator[dict[str, Any]]:
        for ruler in self.rulers:
            true = self.chance.randint(1, ruler.top)
            for place in range(self._wanted(number)):
                seen = true if self.chance.random() < 0.85 else self.chance.randint(1, ruler.top)
                yield {"assignment_id": ids[3 + place], "criterion_id": ruler.id, "level": seen}

    def _wanted(self, number: int) -> int:
        return 2 if number % DOUBLE == 0 else 1


def run(rows: int) -> Iterator[Row]:
    """Fold into nothing, count everything, fold into what is there; then the page."""
    scored = Scored()
    scored.add(BATCH, folded=False)
    empty = _seconds(workflow.fold)
    each = len(scored.rulers) * (1 + 1 / DOUBLE)
    scored.add(max(int(rows / each) + 1 - 2 * BATCH, 1), folded=True)
    logging.disable()  # that nothing was folded yet is no news here
    counting = _seconds(workflow.recount)
    logging.disable(logging.NOTSET)
    scored.add(BATCH, folded=False)
    full = _seconds(workflow.fold)
    scores = Score.objects.filter(assignment__assessment__version=scored.version).count()
    yield Row(
        f"reliability: fold {BATCH} among {scores:,} scores",
        _ms(full), f"{_ms(empty)} into empty tables", full / empty,
        f"{counting:.1f} s to count everything anew", "flat",
    )  # fmt: skip
    yield _page(scored, scores)


def _page(scored: Scored, scores: int) -> Row:
    approver = Membership.objects.filter(
        organisation=scored.version.micro_credential.issuer_id, role=Membership.Role.APPROVER
    )[0].user
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(approver)
    taken, queries = [], 0
    for _number in range(ASKED):
        with CaptureQueriesContext(connection) as context:
            answer = client.get("/review/quality/", {"version": str(scored.version.pk), "period": "all"})
        if answer.status_code != 200:
            raise ValueError(f"the page answered {answer.status_code}")
        taken.append(sum(float(query["time"]) for query in context))
        queries = len(context)
    begun = time.perf_counter()
    plain = _plainly(scored)
    counted = time.perf_counter() - begun
    if _from_rollups(scored) != plain:
        raise ValueError("the rollups do not say what the scores say")
    ours = statistics.median(taken)
    return Row(
        f"reliability: page over {scores:,} scores",
        f"{_ms(ours)} of SQL", f"{_ms(counted)} from the scores", ours / counted,
        f"{queries} queries, equal to plain counting", TARGET,
    )  # fmt: skip


def _from_rollups(scored: Scored) -> tuple[Any, ...]:
    span = Span((scored.version.pk,))
    tallies = figures.tallies(span)
    levels = Counter[tuple[Any, ...]]()
    for row in figures.given(span):
        levels[row.assessor, row.criterion, row.level] += row.n
    return (
        _figures(scored.rulers, tallies.readings),
        dict(levels),
        sum(row.n for row in figures.decided(span)),
    )


def _plainly(scored: Scored) -> tuple[Any, ...]:
    """The same, score by score."""
    rows = Score.objects.filter(assignment__assessment__version=scored.version, assignment__role="reading")
    columns = ("assignment__assessment", "assignment__assessor", "criterion", "level")
    units: dict[tuple[Any, Any], list[int]] = {}
    levels = Counter[tuple[Any, ...]]()
    for whole, assessor, criterion, level in rows.values_list(*columns).iterator(chunk_size=50_000):
        units.setdefault((criterion, whole), []).append(level)
        levels[assessor, criterion, level] += 1
    patterns: dict[Any, Counter[tuple[int, ...]]] = {ruler.id: Counter() for ruler in scored.rulers}
    for (criterion, _whole), given in units.items():
        if len(given) > 1:
            patterns[criterion][tuple(sorted(given))] += 1
    found = {criterion: list(counts.items()) for criterion, counts in patterns.items()}
    return _figures(scored.rulers, found), dict(levels), scored.there


def _figures(rulers: list[Ruler], patterns: dict[Any, list[Any]]) -> list[Any]:
    return [quality.measured(ruler, figures.Tallies(readings=patterns)) for ruler in rulers]


def _seconds(call: Callable[[], object]) -> float:
    begun = time.perf_counter()
    call()
    return time.perf_counter() - begun


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:.1f} ms"
