"""Named reads of this room: one attempt with everything its page shows, and a person's work, each in one query."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from allauth.account.models import EmailAddress
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import JSONObject
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from accounts.models import User
from catalog.models import Part
from catalog.queries.template import parts_of, template_of
from submissions import coverage
from submissions.carrying import Carry, passed_before
from submissions.checklist import Held, Missing, missing
from submissions.coverage import Register, by_id, named_by, rows_of
from submissions.models import (
    Artifact,
    Enrolment,
    Milestone,
    Outcome,
    Policy,
    Preview,
    SchoolClass,
    Submission,
)
from submissions.models.consent import Purpose
from submissions.plan import Plan, done_stages, plan_for

State = Submission.State
ARTIFACT_FIELDS = (
    *("id", "kind", "state", "requirement", "criteria", "title", "name", "url", "text", "content_id", "content_type"),
    *("size", "sha256", "received_size", "received_sha256", "scan", "progress", "problem_code", "problem", "coverage"),
    *("classes", "cleared", "origin", "delete_on", "captured_at", "deleted_at", "reused_from_id", "team_id"),
)  # fmt: skip
SHOWN_FIELDS = ("coverage", "classes", "cleared", "name", "content_type", "sha256")
HELD_FIELDS = ("requirement", "state", "title", "kind", "team_id", *SHOWN_FIELDS)
ASKS_AI = Exists(
    Policy.objects.filter(organisation=OuterRef("enrolment__micro_credential__issuer"), asks_ai=True)
)
MILESTONE_FIELDS = ("key", "day", "moved")
RECOGNISABLE = ("video/", "audio/", "image/")  # what may show her or let her be heard
OUTCOME_FIELDS = ("criterion_id", "level", "passed", "feedback", "next_step", "places", "carried_from")
VERSION_FIELDS = (
    "enrolment__version__title",
    "enrolment__version__attestations",
    "enrolment__version__template",
)
UNIT_FIELDS = tuple(
    f"enrolment__micro_credential__{name}"
    for name in ("slug", "title", "glyph", "state", "issuer__name", "issuer__slug", "issuer__colour")
)


WORK_FIELDS = (
    *("enrolment__state", "enrolment__target_date", "enrolment__created", "enrolment__reminders"),
    "enrolment__earner",
    *(
        "code",
        "attempt",
        "state",
        "answers",
        "resubmission_note",
        "ai_use",
        "contribution",
        "submitted_at",
        "decided_at",
        "saved_at",
    ),
    *VERSION_FIELDS,
    *UNIT_FIELDS,
)
WAITING = {
    State.SUBMITTED: gettext_lazy("Submitted. It waits for an assessor; you need not do anything."),
    State.IN_REVIEW: gettext_lazy("An assessor is reading your work. We will write to you."),
    State.EARNED: gettext_lazy("You earned it. Read what your assessor saw in your work."),
    State.NOT_YET: gettext_lazy("Not yet: read the feedback and build on what you have."),
    State.WITHDRAWN: gettext_lazy("You set this aside."),
}


# Earned after all, by an appeal: the attempt begun meanwhile no longer counts.
SET_ASIDE = Q(state=State.WITHDRAWN, enrolment__state__in=[Enrolment.State.EARNED, Enrolment.State.RENEWED])


def objects(*names: str) -> JSONObject:
    """The named columns as one JSON object."""
    return JSONObject(**{name: name for name in names})


def held(artifact: Artifact, known: Mapping[UUID, Register]) -> Held:
    """What the checklist needs to know of it; `known` are the classes it names."""
    gap = coverage.gap(artifact, Purpose.ASSESSMENT, known)
    return Held(artifact.requirement, artifact.state, artifact.title, artifact.kind, gap)


@dataclass(frozen=True)
class Attempt:
    """One attempt of an enrolment, for the list of attempts."""

    id: UUID
    attempt: int
    state: str
    appealed: str


@dataclass
class Whole:
    """An attempt with all its page shows."""

    submission: Submission
    artifacts: list[Artifact]
    outcomes: dict[str, dict[str, Any]]  # criterion id → level, passed, feedback
    previous: dict[str, dict[str, Any]]  # the same of the attempt before
    attempts: list[Attempt]
    verified: bool
    template: dict[str, Any]
    classes: dict[UUID, Register]  # hers, and those that shared evidence names
    own_classes: list[Register] = field(default_factory=list)
    asks_ai: bool = False  # whether the issuer wants to know what AI help was used

    @cached_property
    def carry(self) -> Carry:
        """What has passed and stays passed; asked only for a further attempt that is still a draft."""
        draft = self.submission.state == State.DRAFT
        return passed_before(self.submission) if draft and self.submission.attempt > 1 else Carry()

    @property
    def recognisable(self) -> bool:
        """Whether its evidence may show her or let her be heard."""
        return any(one.content_type.startswith(RECOGNISABLE) for one in self.artifacts)

    @property
    def latest(self) -> bool:
        """Whether there is no newer attempt that counts."""
        if self.submission.state == State.EARNED:
            return True
        return all(other.attempt <= self.submission.attempt for other in self.attempts)

    @property
    def gaps(self) -> list[Missing]:
        """What is still missing before this can be submitted."""
        return missing(
            self.template,
            answers=self.submission.answers,
            held=[held(artifact, self.classes) for artifact in self.artifacts],
            attempt=self.submission.attempt,
            note=self.submission.resubmission_note,
            ai_use=self.submission.ai_use if self.asks_ai else None,
            contribution=self.submission.contribution if self.of_a_team else None,
        )

    @property
    def of_a_team(self) -> bool:
        """Whether a team shares any of it, so that she says what her own part was."""
        return any(artifact.team_id for artifact in self.artifacts)

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The three parts as the template has them."""
        return parts_of(self.template)


def whole(visible: QuerySet[Submission]) -> QuerySet[Submission]:
    """The query behind `unfold`: artifacts, outcomes, other attempts and the verified address as columns."""
    drawn = ArraySubquery(Preview.objects.filter(content=OuterRef("content")).values("kind"))
    artifacts = Artifact.objects.filter(submission=OuterRef("pk")).order_by("order", "created")
    outcomes = Outcome.objects.filter(submission=OuterRef("pk")).order_by("pk")
    before = Outcome.objects.filter(
        submission__enrolment=OuterRef("enrolment"), submission__attempt=OuterRef("attempt") - 1
    ).order_by("pk")
    attempts = Submission.objects.filter(enrolment=OuterRef("enrolment")).order_by("attempt")
    verified = EmailAddress.objects.filter(user=OuterRef("enrolment__earner"), verified=True)
    return visible.select_related("enrolment__micro_credential__issuer", "enrolment__version").annotate(
        artifact_rows=ArraySubquery(
            artifacts.annotate(drawn=drawn).values(row=objects(*ARTIFACT_FIELDS, "drawn"))
        ),
        outcome_rows=ArraySubquery(outcomes.values(row=objects(*OUTCOME_FIELDS))),
        previous_rows=ArraySubquery(before.values(row=objects(*OUTCOME_FIELDS))),
        attempt_rows=ArraySubquery(attempts.values(row=objects("id", "attempt", "state", "appealed"))),
        address_verified=Exists(verified),
        own_classes=rows_of(SchoolClass.objects.filter(owner=OuterRef("enrolment__earner"))),
        named_classes=rows_of(named_by(Artifact.objects.filter(submission=OuterRef(OuterRef("pk"))))),
        asks_ai=ASKS_AI,
    )


def unfold(row: Any) -> Whole:
    """A row of `whole` as objects."""
    return Whole(
        submission=row,
        artifacts=[_artifact(row, values) for values in row.artifact_rows],
        outcomes={values["criterion_id"]: values for values in row.outcome_rows},
        previous={values["criterion_id"]: values for values in row.previous_rows},
        attempts=[
            Attempt(UUID(values["id"]), values["attempt"], values["state"], values["appealed"])
            for values in row.attempt_rows
        ],
        verified=row.address_verified,
        template=template_of(row.enrolment.version),
        classes=by_id([*row.named_classes, *row.own_classes]),
        own_classes=list(by_id(row.own_classes).values()),
        asks_ai=row.asks_ai,
    )


def _artifact(submission: Submission, values: dict[str, Any]) -> Artifact:
    """JSON has no identifiers and no dates, so those are read back."""
    given = {**values, "id": UUID(values["id"]), "submission": submission}
    given["delete_on"] = parse_date(values["delete_on"] or "")
    for name in ("captured_at", "deleted_at"):
        given[name] = parse_datetime(values[name] or "")
    drawn = given.pop("drawn")
    artifact = Artifact(**given)
    artifact.drawn = drawn  # type: ignore[attr-defined]
    return artifact


def with_newest(visible: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """Enrolments, each with the id of its newest attempt."""
    newest = (
        Submission.objects.filter(enrolment=OuterRef("pk"))
        .exclude(SET_ASIDE)
        .order_by("-attempt")
        .values("pk")[:1]
    )
    return visible.select_related("micro_credential", "version").annotate(newest=Subquery(newest))


def newest_of(enrolment: Enrolment) -> Submission:
    """The attempt that counts now; there is always one."""
    return Submission.objects.filter(enrolment=enrolment).exclude(SET_ASIDE).order_by("-attempt")[0]


# --- my work ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WorkItem:
    """One thing a person works on, or has earned: what `/my/` shows, with the one next step in words."""

    title: str
    slug: str
    issuer: str
    colour: str
    glyph: str
    enrolment: Enrolment
    submission: Submission
    state: str
    next_step: str
    url: str
    target_date: date | None
    done: int  # parts done, of 3
    steps: list[str] = field(default_factory=list)  # "done" | "now" | "todo", a part each
    decided_at: datetime | None = None
    plan: Plan | None = None  # where she chose a target date and has something left to do

    @property
    def steps_label(self) -> str:
        return _("%(done)d of 3 parts done") % {"done": self.done}


def my_work(user: User) -> list[WorkItem]:
    """Everything she is enrolled in, what needs her first: not yet, drafts by their date, waiting, earned. One query."""
    mine = Q(enrolment__earner=user) & ~Q(enrolment__state=Enrolment.State.LEFT)
    return sorted(work_of(mine, timezone.localdate()), key=_urgency)


def work_of(wanted: Q, today: date) -> list[WorkItem]:
    """The newest attempt of each enrolment that is wanted, with its checklist and its plan as of `today`. One query."""
    rows = Artifact.objects.filter(submission=OuterRef("pk")).order_by("order")
    milestones = Milestone.objects.filter(enrolment=OuterRef("enrolment"))
    newest = (
        Submission.objects.filter(wanted)
        .exclude(SET_ASIDE)
        .order_by("enrolment", "-attempt")
        .distinct("enrolment")
        .select_related("enrolment__micro_credential__issuer", "enrolment__version")
        .annotate(
            held=ArraySubquery(rows.values(row=objects(*HELD_FIELDS))),
            classes=rows_of(named_by(Artifact.objects.filter(submission=OuterRef(OuterRef("pk"))))),
            asks_ai=ASKS_AI,
            milestones=ArraySubquery(milestones.values(row=objects(*MILESTONE_FIELDS))),
        )
        .only(*WORK_FIELDS)
    )
    return [_item(row, today) for row in newest]


def _urgency(item: WorkItem) -> tuple[int, date, str]:
    order = {State.NOT_YET: 0, State.DRAFT: 1, State.IN_REVIEW: 2, State.SUBMITTED: 2, State.EARNED: 3}
    return order.get(State(item.state), 4), item.target_date or date.max, item.title


def _item(row: Any, today: date) -> WorkItem:
    submission: Submission = row
    gaps = missing(
        template_of(submission.enrolment.version),
        answers=submission.answers,
        held=[held(Artifact(**values), by_id(row.classes)) for values in row.held],
        attempt=submission.attempt,
        note=submission.resubmission_note,
        ai_use=submission.ai_use if row.asks_ai else None,
        contribution=submission.contribution if any(one["team_id"] for one in row.held) else None,
    )
    draft = submission.state == State.DRAFT
    steps = steps_of(gaps) if draft else ["done"] * 3
    unit = submission.enrolment.micro_credential
    return WorkItem(
        title=submission.enrolment.version.title,
        slug=unit.slug,
        issuer=unit.issuer.name,
        colour=unit.issuer.colour,
        glyph=unit.glyph,
        enrolment=submission.enrolment,
        submission=submission,
        state=submission.state,
        next_step=next_step(submission, gaps),
        url=reverse("submission", args=[submission.pk]) + (anchor(gaps) if draft else ""),
        target_date=submission.enrolment.target_date,
        done=steps.count("done"),
        steps=steps,
        decided_at=submission.decided_at,
        plan=_plan(row, steps, today),
    )


def _plan(row: Any, steps: list[str], today: date) -> Plan | None:
    enrolment: Enrolment = row.enrolment
    if enrolment.target_date is None or enrolment.state != Enrolment.State.ACTIVE:
        return None
    rows = {one["key"]: {**one, "day": date.fromisoformat(one["day"])} for one in row.milestones}
    begun = timezone.localdate(enrolment.created)
    return plan_for(enrolment.target_date, rows, done_stages(row.state, steps), today, begun)


def steps_of(gaps: Iterable[Missing]) -> list[str]:
    """Each part as done, now (the first that is not) or todo."""
    open_parts = {gap.part or int(Part.OVERVIEW) for gap in gaps}
    first = min(open_parts, default=None)
    return ["done" if part not in open_parts else "now" if part == first else "todo" for part in Part.values]


def anchor(gaps: list[Missing]) -> str:
    """Where on the page the first gap is, else the button that submits."""
    return f"#part-{gaps[0].part}" if gaps and gaps[0].part else "#note" if gaps else "#submit"


def next_step(submission: Submission, gaps: list[Missing]) -> str:
    """The one thing to do now, in a sentence."""
    if submission.state != State.DRAFT:
        return str(WAITING[State(submission.state)])
    if not gaps:
        return _("Everything is there. Read it once more and submit.")
    first = gaps[0].part
    if first == 0:
        return _("Say what you changed since the last attempt.")
    number = sum(gap.part == first for gap in gaps)
    if first == Part.ARTIFACTS:
        return (
            ngettext("Part 2: add %d more piece of evidence.", "Part 2: add evidence in %d places.", number)
            % number
        )
    words = ngettext(
        "Part %(part)d: %(number)d question to finish.",
        "Part %(part)d: %(number)d questions to finish.",
        number,
    )
    return words % {"part": first, "number": number}
