"""What the pages about anchors, calibration and licences show."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from string import ascii_uppercase
from typing import Any
from uuid import UUID

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from catalog.models import Criterion, Version
from review.models import (
    Anchor,
    AssessmentPolicy,
    Assignment,
    Calibration,
    Check,
    Licence,
    Permission,
    Score,
    TrueScore,
)
from review.queries.agreeing import Agreement
from review.queries.policy import policy_of
from review.queries.rubric import name_of
from submissions.models import Artifact, Submission
from submissions.models.consent import Purpose
from submissions.rules import covered_among

CANDIDATES = 60  # newest decided attempts looked through
SHOWN = 8


def rubric_of(version_id: UUID) -> list[dict[str, Any]]:
    """A version's criteria with their levels, for a form."""
    rows = Criterion.objects.filter(version=version_id).prefetch_related("levels")
    return [
        {
            "pk": row.pk, "key": row.key, "letter": ascii_uppercase[number % 26], "title": row.title,
            "description": row.description, "passing": row.passing,
            "levels": [{"order": one.order, "name": one.name, "description": one.description} for one in row.levels.all()],
        }
        for number, row in enumerate(rows)
    ]  # fmt: skip


# --- for those who build ----------------------------------------------------------------------------------


@dataclass
class Shelf:
    """One version: its anchors, what was asked for, and whom one could ask."""

    version: Version
    needed: int
    anchors: list[Anchor] = field(default_factory=list)
    given: list[Permission] = field(default_factory=list)  # to be built
    asked: int = 0
    declined: int = 0
    candidates: list[Submission] = field(default_factory=list)

    def ready(self, use: str) -> int:
        return sum(one.use == use and one.state == Anchor.State.READY for one in self.anchors)

    @property
    def qualifying(self) -> int:
        return self.ready(Anchor.Use.CALIBRATION)

    @property
    def practice(self) -> int:
        return self.ready(Anchor.Use.PRACTICE)

    @property
    def live(self) -> int:
        return self.ready(Anchor.Use.LIVE)

    @property
    def calibrated(self) -> bool:
        return self.qualifying >= self.needed


def shelves(
    anchors: QuerySet[Anchor], permissions: QuerySet[Permission], askable: QuerySet[Submission]
) -> list[Shelf]:
    """Every version that has something, by title."""
    found: dict[UUID, Shelf] = {}
    related = "version__micro_credential"
    for anchor in anchors.select_related(related, "submission").order_by("state", "created"):
        _shelf(found, anchor.version).anchors.append(anchor)
    built = {anchor.source_id for shelf in found.values() for anchor in shelf.anchors}
    asked = permissions.select_related("submission__enrolment__version__micro_credential")
    for row in asked.order_by("asked_at"):
        shelf = _shelf(found, row.submission.enrolment.version)
        shelf.asked += row.state == Permission.State.ASKED
        shelf.declined += row.state == Permission.State.DECLINED
        if row.state == Permission.State.GIVEN and row.submission_id not in built:
            shelf.given.append(row)
    for submission in coverable(askable):
        shelf = _shelf(found, submission.enrolment.version)
        if len(shelf.candidates) < SHOWN:
            shelf.candidates.append(submission)
    return sorted(found.values(), key=lambda one: (one.version.title, str(one.version.pk)))


def _shelf(found: dict[UUID, Shelf], version: Version) -> Shelf:
    if version.pk not in found:
        found[version.pk] = Shelf(version, policy_of(version.micro_credential.issuer_id).anchors_needed)
    return found[version.pk]


def coverable(askable: QuerySet[Submission]) -> list[Any]:
    """The newest of them of which everything may train assessors, each with how many criteria are `below`."""
    rows = list(
        askable.select_related("enrolment__version__micro_credential")
        .annotate(below=Count("outcomes", filter=Q(outcomes__passed=False)), total=Count("outcomes"))
        .order_by("-decided_at", "pk")[:CANDIDATES]
    )
    held: dict[UUID, list[Artifact]] = defaultdict(list)
    for artifact in Artifact.objects.filter(submission__in=rows).exclude(state=Artifact.State.REJECTED):
        held[artifact.submission_id].append(artifact)
    everything = [one for artifacts in held.values() for one in artifacts]
    allowed = covered_among(everything, Purpose.CALIBRATION)
    ready = Artifact.State.READY
    return [row for row in rows if all(one.state == ready and one.pk in allowed for one in held[row.pk])]


# --- for an assessor --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """Where an assessor stands with one version."""

    version: Version
    policy: AssessmentPolicy
    there: int  # anchors in the qualifying set
    practice: int
    licence: Licence | None
    run: Calibration | None
    last: Calibration | None

    @property
    def state(self) -> str:
        """`founding`, `open` (to be qualified for), `qualified`, `paused` or `ended`.

        A pause shows from the next day on: at once, it would tell which submission was a check.
        """
        if self.licence is None:
            return "open" if self.calibrated else "founding"
        since = self.licence.paused_at
        if self.licence.state == Licence.State.PAUSED and since and since.date() >= timezone.now().date():
            return "qualified"
        return self.licence.state

    @property
    def calibrated(self) -> bool:
        return self.policy.licensed_only and self.there >= self.policy.anchors_needed


def standings(versions: QuerySet[Version], runs: QuerySet[Calibration], assessor_id: UUID) -> list[Standing]:
    """Each version she scores, by title."""
    related = versions.select_related("micro_credential__issuer")
    uses = Anchor.objects.filter(state=Anchor.State.READY, version__in=versions).values_list("version", "use")
    ready: dict[tuple[UUID, str], int] = defaultdict(int)
    for version_id, use in uses:
        ready[version_id, use] += 1
    licences = {one.version_id: one for one in Licence.objects.filter(assessor=assessor_id)}
    latest: dict[UUID, Calibration] = {}
    under_way: dict[UUID, Calibration] = {}
    for run in runs.order_by("created"):
        if run.state == Calibration.State.OPEN:
            under_way[run.version_id] = run
        elif run.state == Calibration.State.COMPLETED:
            latest[run.version_id] = run
    return [
        Standing(
            version=row, policy=policy_of(row.micro_credential.issuer_id),
            there=ready[row.pk, Anchor.Use.CALIBRATION], practice=ready[row.pk, Anchor.Use.PRACTICE],
            licence=licences.get(row.pk), run=under_way.get(row.pk), last=latest.get(row.pk),
        )
        for row in related.order_by("title", "pk")
    ]  # fmt: skip


def desks_of(run: Calibration) -> list[Assignment]:
    """What a run asks to be scored, in a steady order."""
    rows = Assignment.objects.filter(calibration=run).exclude(state=Assignment.State.LAPSED)
    return list(rows.select_related("submission").order_by("submission__code"))


@dataclass(frozen=True)
class Answer:
    """One criterion of an anchor: what she gave, what is true, and why."""

    letter: str
    title: str
    given: str
    true: str
    same: bool  # exactly
    side: bool  # on the same side of the passing level
    why: str


def answers_of(run: Calibration) -> list[tuple[Assignment, list[Answer]]]:
    """After a run: the answers, anchor by anchor."""
    desks = [one for one in desks_of(run) if one.state == Assignment.State.COMPLETED]
    given = {
        (score.assignment_id, score.criterion_id): score.level or 0
        for score in Score.objects.filter(assignment__in=desks)
    }
    truth = {
        (row.anchor.submission_id, row.criterion_id): row
        for row in TrueScore.objects.filter(anchor__submission__in=[one.submission_id for one in desks])
        .select_related("anchor")
    }  # fmt: skip
    lines = rubric_of(run.version_id)
    return [
        (desk, [
            _answer(line, given.get((desk.pk, line["pk"]), 0), truth[desk.submission_id, line["pk"]])
            for line in lines if (desk.submission_id, line["pk"]) in truth
        ])
        for desk in desks
    ]  # fmt: skip


def _answer(line: dict[str, Any], level: int, truth: TrueScore) -> Answer:
    return Answer(
        letter=line["letter"],
        title=line["title"],
        given=name_of(line["levels"], level),
        true=name_of(line["levels"], truth.level),
        same=level == truth.level,
        side=(level >= line["passing"]) == (truth.level >= line["passing"]),
        why=truth.justification,
    )


# --- for approvers ----------------------------------------------------------------------------------------


@dataclass
class Figures:
    """One assessor at one version: how often checked, how far she agreed, and her licence."""

    version: Version
    name: str
    window: int
    checks: int = 0
    agreement: Agreement = field(default_factory=Agreement)
    licence: Licence | None = None


def figures(checks: QuerySet[Check], licences: QuerySet[Licence]) -> list[Figures]:
    """Everybody who was checked or has a licence, by version and name; of the checks those of the policy's window count."""
    found: dict[tuple[UUID, UUID], Figures] = {}
    related = ("version__micro_credential", "assessor")
    for licence in licences.select_related(*related):
        _figures(found, licence).licence = licence
    for check in checks.select_related(*related).order_by("-created", "-pk"):
        row = _figures(found, check)
        row.checks += 1
        if row.checks <= row.window:
            row.agreement += Agreement(check.criteria, check.passing, check.exact)
    return sorted(found.values(), key=lambda one: (one.version.title, one.name))


def _figures(found: dict[tuple[UUID, UUID], Figures], row: Check | Licence) -> Figures:
    key = row.version_id, row.assessor_id
    if key not in found:
        window = policy_of(row.version.micro_credential.issuer_id).window
        found[key] = Figures(row.version, str(row.assessor), window)
    return found[key]


def by_version(rows: Iterable[Figures]) -> dict[Version, list[Figures]]:
    """The same, a list for each version."""
    grouped: dict[Version, list[Figures]] = defaultdict(list)
    for row in rows:
        grouped[row.version].append(row)
    return dict(grouped)
