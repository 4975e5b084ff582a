"""Every state × verb × role: what the tables allow happens once and is in the journal once, everything else leaves no trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import Membership, User
from journal.models import Entry
from journal.workflow import TransitionError
from review import workflow
from review.models import (
    Anchor,
    Appeal,
    Assessment,
    AssessmentPolicy,
    Assignment,
    Calibration,
    Licence,
    Score,
)
from review.workflow import APPEAL, ASSESSMENT, LICENCE, TRANSITIONS
from review.workflow.table import change_assessment
from submissions import workflow as submissions
from submissions.models import Submission
from submissions.workflow.table import TRANSITIONS as ATTEMPT
from tests import factories
from tests.cheaply import sweep
from tests.people import People, cast
from tests.review.anchored import ready
from tests.review.work import ALL_PASS, BELOW, NAMED, appealed, scored, submitted

pytestmark = pytest.mark.django_db
CLOCK = "the clock"  # nobody: the sweep
LOOKS = "I read your plan anew, and the photographs with it."
# Who may use which verb on a claim of which role; from which states, the tables say.
MAY: dict[str, dict[str, set[str]]] = {
    "reading": {
        "release": {"assessor"},
        "recuse": {"assessor"},
        "complete": {"assessor"},
        "return": {"assessor"},
        "lapse": {CLOCK},
    },
    "adjudication": {
        "release": {"approver"},
        "recuse": {"approver"},
        "complete": {"approver"},
        "return": set(),
        "lapse": {CLOCK},
    },
    "calibration": {
        "release": set(),
        "recuse": set(),
        "complete": {"assessor"},
        "return": set(),
        "lapse": set(),
    },
}
# Where an attempt is while its assessment is in this state.
ATTEMPTS = {
    "open": "submitted", "adjudication": "in_review", "decided": "earned", "returned": "draft", "ended": "draft",
}  # fmt: skip
TAKEN = {("open", "assessor"), ("open", "assessor2")}
DOORS = ("release", "recuse", "complete")


@dataclass
class World:
    people: People
    roles: dict[str, Any]
    claims: dict[str, Assignment]
    waiting: Submission
    appeal: Appeal
    licence: Licence


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Built once, for nothing that is tried stays; removed afterwards."""
    with django_db_blocker.unblock():
        yield build()
        sweep()


def build() -> World:
    """One claim of each role, one attempt that waits, an appeal, a licence; every try starts from here."""
    people = cast()
    second = factories.user("second@example.test")
    factories.member(second, people.northfield, Membership.Role.APPROVER)
    roles: dict[str, Any] = {
        name: getattr(people, name)
        for name in ("assessor", "assessor2", "approver", "educator", "author", "admin", "district_admin")
    }
    roles |= {"approver2": second, CLOCK: None}
    appeal = Appeal.objects.get(pk=appealed(people)["appeal"])
    unit = factories.published(people.northfield)
    reading = scored(workflow.claim(submitted(people, micro_credential=unit), people.assessor))
    calibration, licence = calibrating(people, appeal.submission)
    differing = adjudicating(people)
    waiting = submitted(people, micro_credential=factories.published(people.northfield))
    claims = {"reading": reading, "adjudication": differing, "calibration": calibration}
    return World(people, roles, claims, waiting, appeal, licence)


def calibrating(people: People, source: Submission) -> tuple[Assignment, Licence]:
    """A desk on an anchor made of this attempt, by an assessor who does not know it; and a licence of another's."""
    anchor: Anchor = ready(people, source)
    run = Calibration.objects.create(assessor=people.assessor, version=anchor.version)
    row = Assignment.objects.create(
        submission=anchor.submission, calibration=run, role="calibration", assessor=people.assessor,
        due=timezone.now() + timedelta(days=9),
    )  # fmt: skip
    scored(row)
    done = Calibration.objects.create(assessor=people.assessor2, version=anchor.version, state="completed")
    licence = Licence.objects.create(assessor=people.assessor2, version=anchor.version, calibration=done)
    return row, licence


def adjudicating(people: People) -> Assignment:
    """Two readings that differ, on an approver's desk."""
    policy = AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100)
    submission = submitted(people, micro_credential=factories.published(people.northfield))
    for user, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW)):
        workflow.complete(scored(workflow.claim(submission, user), scores), user)
    policy.delete()
    whole = Assessment.objects.get(submission=submission)
    return scored(workflow.begin_adjudication(whole, people.approver))


def snapshot(*rows: models.Model) -> list[Any]:
    """These rows as they are, and how much there is of what verbs write."""
    found = [type(row)._default_manager.filter(pk=row.pk).values().get() for row in rows]
    return [*found, Entry.objects.count(), Assignment.objects.count()]


def said(kind: str, row: models.Model) -> int:
    return Entry.objects.filter(kind=kind, subject_id=str(row.pk)).count()


def put(row: models.Model, **fields: Any) -> None:
    type(row)._default_manager.filter(pk=row.pk).update(**fields)


@contextmanager
def undone() -> Iterator[None]:
    """A combination is tried in a savepoint; the next one finds the world as it was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def fault(
    call: Callable[[], Any], row: models.Model, to: str | None, kind: str, *beside: models.Model
) -> str:
    """What goes otherwise than the table says, or nothing. `to` is the state it leads to, None where it is refused."""
    before, earlier = snapshot(row, *beside), said(kind, row)
    try:
        with transaction.atomic():
            call()
    except (TransitionError, PermissionDenied) as error:
        if to is not None:
            return f"refused: {error}"
        return "" if snapshot(row, *beside) == before else "refused, and yet it left a trace"
    if to is None:
        return "allowed"
    ends = (
        type(row)._default_manager.values_list("state", flat=True).get(pk=row.pk),
        said(kind, row) - earlier,
    )
    return "" if ends == (to, 1) else f"{ends[0]}, {ends[1]} × {kind}"


CLAIM: dict[str, Callable[[Assignment, Any], Any]] = {
    "release": workflow.release,
    "recuse": lambda row, user: workflow.recuse(row, user, "expertise"),
    "complete": workflow.complete,
    "lapse": lambda row, _user: workflow.lapse(row),
    "return": lambda row, user: workflow.return_incomplete(row, user, ["film"]),
}


def prepare(verb: str, claim: Assignment) -> None:
    """What the verb asks for besides a state: a day that is past, a list to look at before anything is scored."""
    if verb == "lapse":
        put(claim, due=timezone.now() - timedelta(minutes=1))
    if verb == "return":
        Score.objects.filter(assignment=claim).delete()
        issuer = claim.submission.enrolment.micro_credential.issuer
        AssessmentPolicy.objects.create(organisation=issuer, checklist=[{"key": "film", "text": "A film"}])


@pytest.mark.parametrize("kind", MAY)
def test_claims(world: World, kind: str) -> None:
    claim, wrong, allowed = world.claims[kind], [], 0
    whole = (claim.assessment,) if claim.assessment else ()
    assert set(CLAIM) == set(TRANSITIONS) == set(MAY[kind])
    for state, verb, role in product(Assignment.State.values, TRANSITIONS, world.roles):
        if (verb == "lapse") != (role == CLOCK):
            continue
        frm, to, entry = TRANSITIONS[verb]
        may = state in frm and role in MAY[kind][verb]
        with undone():
            prepare(verb, claim)
            row = Assignment.objects.get(pk=claim.pk)  # as a page saw it before
            put(claim, state=state)
            call = partial(CLAIM[verb], row, world.roles[role])
            if found := fault(call, claim, to if may else None, entry, claim.submission, *whole):
                wrong.append(f"{verb} from {state} by {role}: {found}")
        allowed += may
    assert wrong == []
    assert allowed == sum(len(users) for users in MAY[kind].values())


def test_claims_are_shut_to_whoever_is_not_signed_in(world: World) -> None:
    claim, client, wrong = world.claims["reading"], Client(), []
    doors = [f"{start}{claim.pk}/{verb}/" for start in ("/review/", "/api/v1/reviews/") for verb in DOORS]
    for state, door in product(Assignment.State.values, doors):
        with undone():
            put(claim, state=state)
            before = snapshot(claim, claim.submission)
            answer = client.post(door, {"reason": "other"})
            if answer.status_code not in {302, 401, 403} or snapshot(claim, claim.submission) != before:
                wrong.append(f"{door} from {state}: {answer.status_code}")
    assert wrong == []


def test_assessments(world: World) -> None:
    assessment, wrong = Assessment.objects.get(submission=world.waiting), []
    for state, verb in product(Assessment.State.values, ASSESSMENT):
        frm, to, entry = ASSESSMENT[verb]
        with undone():
            row = Assessment.objects.get(pk=assessment.pk)
            put(assessment, state=state)
            call = partial(change_assessment, verb, row, world.people.approver)
            if found := fault(call, assessment, to if state in frm else None, entry):
                wrong.append(f"{verb} from {state}: {found}")
    assert wrong == []


def test_only_assessors_take_what_waits(world: World) -> None:
    assessment, wrong = Assessment.objects.get(submission=world.waiting), []
    for (state, attempt), role in product(ATTEMPTS.items(), world.roles):
        if role == CLOCK:
            continue
        with undone():
            row = Submission.objects.get(pk=world.waiting.pk)
            put(assessment, state=state)
            put(row, state=attempt)
            before, earlier = snapshot(assessment, row), Entry.objects.filter(kind="review.claimed").count()
            try:
                with transaction.atomic():
                    workflow.claim(row, world.roles[role])
                may = True
            except TransitionError:
                may = False
            new = Entry.objects.filter(kind="review.claimed").count() - earlier
            trace = snapshot(assessment, row) != before
            if (may, new, trace) != ((True, 1, True) if (state, role) in TAKEN else (False, 0, False)):
                wrong.append(f"claim from {state} by {role}: {may}, {new} entries, trace {trace}")
    assert wrong == []


def test_only_approvers_take_what_differs(world: World) -> None:
    held, wrong = world.claims["adjudication"], []
    assessment = held.assessment
    assert assessment is not None
    for state, role in product(Assessment.State.values, world.roles):
        if role == CLOCK:
            continue
        with undone():
            put(held, state="released")
            row = Assessment.objects.get(pk=assessment.pk)
            put(assessment, state=state)
            before = snapshot(assessment, assessment.submission)
            try:
                with transaction.atomic():
                    begun = workflow.begin_adjudication(row, world.roles[role])
                ends: Any = said("review.adjudication_begun", begun)
            except TransitionError:
                ends = "unchanged" if snapshot(assessment, assessment.submission) == before else "a trace"
            may = state == "adjudication" and role in {"approver", "approver2"}
            if ends != (1 if may else "unchanged"):
                wrong.append(f"adjudicate from {state} by {role}: {ends}")
    assert wrong == []


def outcomes(submission: Submission, below: int = 0) -> list[submissions.OutcomeData]:
    """Every criterion at its passing level, or so far below it."""
    return [
        submissions.OutcomeData(row.pk, row.passing - below, not below, "Show who talks.", "Film it.")
        for row in submission.enrolment.version.criteria.all()
    ]


def decide(row: Submission, user: User, below: int = 0) -> str:
    return submissions.decide(
        row, user, outcomes=outcomes(row, below), strength=NAMED["strength"], next_step=NAMED["next_step"]
    )


# What the review room does with an attempt, and whether the educator herself is kept from it here.
ON_ATTEMPTS: dict[str, tuple[Callable[[Submission, User], Any], bool]] = {
    "begin_review": (submissions.begin_review, True),
    "return_to_queue": (submissions.return_to_queue, False),
    "return_incomplete": (lambda row, user: submissions.return_incomplete(row, user, ["A film"], ""), True),
    "earn": (decide, True),
    "not_yet": (partial(decide, below=1), True),
    "conclude_anchor": (submissions.conclude_anchor, False),
}


def test_attempts(world: World) -> None:
    wrong = []
    for state, verb, role in product(Submission.State.values, ON_ATTEMPTS, ("assessor", "educator")):
        frm, to, entry = ATTEMPT[verb]
        call, apart = ON_ATTEMPTS[verb]
        may = state in frm and not (apart and role == "educator")
        with undone():
            put(world.waiting, anchor=verb == "conclude_anchor")
            row = Submission.objects.get(pk=world.waiting.pk)
            put(world.waiting, state=state)
            if found := fault(partial(call, row, world.roles[role]), row, to if may else None, entry):
                wrong.append(f"{verb} from {state} by {role}: {found}")
    assert wrong == []


def test_appeals_and_licences(world: World) -> None:
    approvers, wrong = {"approver", "approver2"}, []
    looks: list[tuple[Any, Any, str, set[str], Callable[[Any, Any], Any]]] = [
        (world.appeal, APPEAL, "answer", approvers, partial(workflow.answer_appeal, finding="stands", text=LOOKS)),
        (world.appeal, APPEAL, "withdraw", {"educator"}, workflow.withdraw_appeal),
        (world.licence, LICENCE, "end", approvers, workflow.end_licence),
    ]  # fmt: skip
    for thing, table, verb, users, call in looks:
        frm, to, entry = table[verb]
        for state, role in product(type(thing).State.values, world.roles):
            if role == CLOCK:
                continue
            with undone():
                row = type(thing).objects.get(pk=thing.pk)
                put(thing, state=state)
                may = state in frm and role in users
                if found := fault(partial(call, row, world.roles[role]), thing, to if may else None, entry):
                    wrong.append(f"{verb} from {state} by {role}: {found}")
    assert wrong == []
