"""Anchors made the way the program makes them: asked for, permitted, copied, given true levels."""

from __future__ import annotations

from typing import Any

from accounts.models import User
from catalog.models import Criterion, MicroCredential
from review import workflow
from review.models import Anchor, Assessment, AssessmentPolicy, Assignment, Calibration, Licence, Permission
from submissions.models import Submission
from tests import factories
from tests.people import People
from tests.review.work import NAMED

WHY = "It names the moves and shows them."


def policy(people: People, **fields: Any) -> AssessmentPolicy:
    """Northfield's rules: one reading decides, two anchors qualify, two checks count, every submission draws a check."""
    rules = {
        "double_first": 0,
        "double_rate": 0,
        "anchors_needed": 2,
        "window": 2,
        "anchor_rate": 50,
        **fields,
    }
    return AssessmentPolicy.objects.update_or_create(organisation=people.northfield, defaults=rules)[0]


def decided(people: People, unit: MicroCredential, below: str = "") -> Submission:
    """Somebody's decided attempt, read by an assessor of northfield's who does nothing else."""
    source, person = factories.submitted(factories.user(), unit), reader(people)
    version = source.enrolment.version
    if not Licence.objects.filter(assessor=person, version=version).exists():
        done = Calibration.objects.create(assessor=person, version=version, state="completed", passed=True)
        Licence.objects.create(assessor=person, version=version, calibration=done)
    return factories.reviewed(source, person, below=below)


def reader(people: People) -> User:
    """Reads what anchors are made from, so that the cast does not know them."""
    found = User.objects.filter(email="reader@example.test").first()
    if found is None:
        found = factories.user("reader@example.test", name="Rosa Reader")
        factories.member(found, people.northfield, "assessor")
    return found


def drafted(people: People, source: Submission, use: str = "calibration") -> Anchor:
    """An anchor without true levels, permitted by the educator."""
    permission = workflow.ask_permission(source, people.author)
    workflow.answer_permission(permission, permission.submission.enrolment.earner, "give")
    return workflow.build_anchor(permission, people.author, use)


def truth(anchor: Anchor, below: str = "") -> dict[str, dict[str, Any]]:
    """Every criterion at its passing level, except the one named `below`."""
    criteria = Criterion.objects.filter(version=anchor.version)
    return {row.key: {"level": row.passing - (row.key == below), "justification": WHY} for row in criteria}


def ready(people: People, source: Submission, use: str = "calibration", below: str = "") -> Anchor:
    """An anchor in use."""
    anchor = drafted(people, source, use)
    workflow.write_truth(anchor, people.author, truth(anchor, below))
    return workflow.make_ready(anchor, people.author)


def anchored(
    people: People, unit: MicroCredential, use: str = "calibration", number: int = 2
) -> list[Anchor]:
    """So many anchors of a micro-credential."""
    return [ready(people, decided(people, unit), use) for _one in range(number)]


def score(assignment: Assignment, below: str = "") -> Assignment:
    """Score every criterion at its passing level, except the one named `below`, and send it."""
    criteria = Criterion.objects.filter(version=assignment.submission.enrolment.version_id)
    scores = {
        row.key: {"level": row.passing - (row.key == below), "feedback": "Show who talks." if row.key == below else ""}
        for row in criteria
    }  # fmt: skip
    texts = {
        one: {**given, "where": "In the plan.", "next_step": "Wait longer."} for one, given in scores.items()
    }
    row = workflow.save(
        assignment,
        assignment.assessor,
        revision=assignment.revision,
        scores=texts,
        strength=NAMED["strength"],
        next_step=NAMED["next_step"],
    )
    return workflow.complete(row, assignment.assessor)


def run(unit: MicroCredential, assessor: User, *, kind: str = "qualifying", below: str = "") -> Calibration:
    """A whole calibration."""
    assert unit.current is not None
    started = workflow.start_calibration(unit.current, assessor, kind)
    for assignment in Assignment.objects.filter(calibration=started, state="claimed"):
        score(assignment, below)
    started.refresh_from_db()
    return started


def shown(row: Assessment) -> Assessment:
    """A copy in the queue whose time to appear has come."""
    row.entered_at = row.submission.created
    row.save(update_fields=["entered_at"])
    return row


def copy(people: People, unit: MicroCredential, anchor: Anchor) -> Assessment:
    """A blind copy of this anchor in the queue, drawn by a real submission."""
    from_rate = policy(people, anchor_rate=50)
    while True:
        real = workflow.enter(factories.submitted(factories.user(), unit))
        found = workflow.seed(real)
        if found is not None:
            assert found.anchor == anchor
            assert from_rate.anchor_rate == 50
            return shown(found)


def calibrated(people: People, source: Submission) -> dict[str, Any]:
    """The ids of an anchor made of this attempt, of the assessor's run on it, and of a licence of hers."""
    anchor = ready(people, source)
    assert source.enrolment.micro_credential.current is not None
    started = workflow.start_calibration(
        source.enrolment.micro_credential.current, people.assessor, "qualifying"
    )
    licence = Licence.objects.create(assessor=people.assessor, version=anchor.version, calibration=started)
    return {
        "permission": Permission.objects.get(submission=source).pk, "anchor": anchor.pk, "run": started.pk,
        "licence": licence.pk, "calibrated": anchor.version_id,
    }  # fmt: skip
