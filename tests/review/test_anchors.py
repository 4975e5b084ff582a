"""Anchors: permission, what may be copied, and blind copies that no educator hears of and no assessor can tell."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.workflow import keeper
from badges.models import Award
from badges.queries import earned_without_award
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from microcreds.wiring import WIRING
from notifications.models import Message
from notifications.tasks import permission as tell_permission
from notifications.tasks import stopped as tell_stopped
from review import queries, rules, tasks, workflow
from review.models import Anchor, Assessment, Assignment, Check, Permission
from review.queries.licences import coverable
from review.workflow.entering import drawn
from submissions import workflow as submissions
from submissions.models import Artifact, Consent, Enrolment, Outcome, Submission
from submissions.models.consent import Purpose
from submissions.queries import my_work
from tests import factories
from tests.people import People, cast, signed_in
from tests.review import anchored

pytestmark = pytest.mark.django_db
BOTH = [Purpose.ASSESSMENT.value, Purpose.CALIBRATION.value]


@pytest.fixture
def people() -> People:
    return cast()


def filmed(people: People, purposes: list[str]) -> Submission:
    """A decided attempt with a file that shows a class whose forms allow `purposes`."""
    unit = factories.published(people.northfield)
    draft = submissions.enrol(people.educator, unit)
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    register = factories.school_class(people.educator, purposes=purposes)
    artifact = factories.kept(draft, b"%PDF-1.4", "application/pdf", "Maya Rivera.pdf", coverage="")
    factories.covered(artifact, register)
    sent = submissions.submit(draft, people.educator, ["privacy"])
    return factories.reviewed(sent, anchored.reader(people))


# --- permission -------------------------------------------------------------------------------------------


def test_only_what_families_allow_for_training_can_be_asked_for(people: People) -> None:
    only_assessed, allowed = filmed(people, BOTH[:1]), filmed(people, BOTH)
    assert [row.pk for row in coverable(rules.askable(people.approver))] == [allowed.pk]
    with pytest.raises(GuardError):
        workflow.ask_permission(only_assessed, people.approver)


def test_the_educator_is_asked_and_sees_everything_that_would_be_seen(people: People) -> None:
    source = anchored.decided(people, factories.published(people.northfield))
    earner = source.enrolment.earner
    row = workflow.ask_permission(source, people.author)
    assert WIRING["review.permission_asked"] == ["notifications.tasks.permission"]
    tell_permission(str(Entry.objects.get(kind="review.permission_asked").pk))
    message = Message.objects.get(user=earner, kind="permission")
    page = signed_in(earner).get(message.url).content.decode()
    assert "First we look, then we talk." in page
    assert factories.ANSWERS["context"] in page
    assert "Lena Brandt" not in page
    assert signed_in(people.educator).get(message.url).status_code == 404
    signed_in(earner).post(message.url, {"answer": "give"})
    row.refresh_from_db()
    assert row.state == Permission.State.GIVEN


def test_nothing_is_built_without_her_word(people: People) -> None:
    source = anchored.decided(people, factories.published(people.northfield))
    row = workflow.ask_permission(source, people.author)
    with pytest.raises(TransitionError):
        workflow.build_anchor(row, people.author)
    with pytest.raises(TransitionError):
        workflow.ask_permission(source, people.approver)
    assert not Anchor.objects.exists()


def test_taking_it_back_ends_every_use_at_once(people: People) -> None:
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    held = workflow.claim(anchored.copy(people, unit, anchor).submission, people.assessor)
    assert held.submission.answers == factories.ANSWERS
    given = Permission.objects.get(submission=anchor.source)
    workflow.answer_permission(given, given.submission.enrolment.earner, "end")
    anchor.refresh_from_db()
    held.refresh_from_db()
    assert (anchor.state, held.state) == (Anchor.State.RETIRED, Assignment.State.LAPSED)
    copies = Submission.objects.filter(anchor=True)
    assert {row.state for row in copies} == {Submission.State.WITHDRAWN}
    assert [row.answers for row in copies] == [{}, {}]
    assert {row.state for row in Artifact.objects.filter(submission__in=copies)} == {Artifact.State.DELETED}
    assert signed_in(people.assessor).get(f"/review/{held.pk}/").status_code == 200


def test_the_copy_is_nobodys_and_says_nothing(people: People) -> None:
    source = filmed(people, BOTH)
    copy = anchored.drafted(people, source).submission
    copy = Submission.objects.get(pk=copy.pk)
    assert copy.enrolment.earner == keeper()
    assert not keeper().is_active
    assert (copy.enrolment.state, copy.attempt, copy.manifest) == (Enrolment.State.LEFT, 1, {})
    assert copy.code != source.code
    (item,) = queries.evidence(copy)
    assert not item.closed
    assert "Maya" not in item.name + item.label
    assert item.artifact.content == source.artifacts.get().content


def test_a_familys_stop_closes_it_everywhere_and_tells_nobody_about_copies(people: People) -> None:
    source = filmed(people, BOTH)
    anchor = anchored.ready(people, source)
    stopped = submissions.stop(Consent.objects.filter(school_class__owner=people.educator)[0])
    entry = Entry.objects.get(kind="submissions.consent_stopped", subject_id=str(stopped.pk))
    states = Artifact.objects.filter(submission__in=[source, anchor.submission]).values_list(
        "state", flat=True
    )
    assert list(states) == ["quarantined", "quarantined"]
    for name in WIRING["submissions.consent_stopped"]:
        {"review.tasks.stopped": tasks.stopped, "notifications.tasks.stopped": tell_stopped}.get(name, len)(
            str(entry.pk)
        )
    anchor.refresh_from_db()
    assert anchor.state == Anchor.State.RETIRED
    assert not Message.objects.filter(user=keeper()).exists()
    told = (
        Message.objects.filter(kind="stopped").exclude(user=people.educator).values_list("context", flat=True)
    )
    assert anchor.submission.code not in str(list(told))


def test_forms_for_assessment_do_not_cover_training(people: People) -> None:
    source = filmed(people, BOTH)
    copy = anchored.drafted(people, source).submission
    register = source.artifacts.get().classes[0]
    terms = submissions.Terms(label="Period 3", number=26, purposes=BOTH[:1])
    submissions.change_class(people.educator.school_classes.get(pk=register), people.educator, terms)
    assert [item.closed for item in queries.evidence(copy)] == [True]
    assert [item.closed for item in queries.evidence(source)] == [False]


def test_whoever_leaves_takes_her_anchors_along(people: People) -> None:
    source = filmed(people, BOTH)
    anchor = anchored.ready(people, source)
    workflow.end_permissions_of(people.educator)
    anchor.refresh_from_db()
    assert anchor.state == Anchor.State.RETIRED


# --- blind copies -----------------------------------------------------------------------------------------


def test_the_draw_is_recorded_once_and_never_draws_for_copies(people: People) -> None:
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    found = anchored.copy(people, unit, anchor)
    drew = Assessment.objects.get(draw__check__anchor=str(anchor.pk))
    check = drew.draw["check"]
    assert check["value"] == drawn(check["seed"], drew.submission) < check["rate"] == 50
    assert workflow.seed(drew) is None
    assert workflow.seed(found) is None
    assert Assessment.objects.filter(anchor=anchor).count() == 1
    assert found.due == drew.due


def test_no_copy_shows_before_its_time_nor_twice_to_one_person(people: People) -> None:
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    first = anchored.copy(people, unit, anchor)
    mine = rules.queue_for(people.assessor).filter(anchor=anchor)
    Assessment.objects.filter(pk=first.pk).update(entered_at="2099-01-01T00:00Z")
    assert not mine.exists()
    anchored.shown(first)
    assert mine.get() == first
    anchored.score(workflow.claim(first.submission, people.assessor))
    second = anchored.copy(people, unit, anchor)
    assert not mine.exists()
    assert rules.queue_for(people.assessor2).filter(pk=second.pk).exists()
    assert not rules.queue_for(anchored.reader(people)).filter(pk=second.pk).exists()


def told(client: Any, submission: Submission) -> dict[str, Any]:
    """Everything an assessor is told from the queue to the end of a review, with what differs by nature taken out."""
    seen: dict[str, Any] = {}
    row = next(
        one
        for one in client.get("/api/v1/reviews/").json()["results"]
        if one["submission"] == str(submission.pk)
    )
    seen["queue"] = row
    seen["claimed"] = client.post(f"/api/v1/reviews/{submission.pk}/claim/").json()
    address = f"/api/v1/reviews/{seen['claimed']['id']}/"
    assignment = Assignment.objects.get(pk=seen["claimed"]["id"])
    seen["desk"] = client.get(f"/review/{assignment.pk}/").content.decode()
    anchored.score(assignment)
    seen["whole"] = client.get(address).json()
    seen["ended"] = client.get(f"/review/{assignment.pk}/").content.decode()
    kinds = Entry.objects.filter(subject_id=str(assignment.pk)).order_by("created")
    seen["journal"] = [(one.kind, sorted(one.data), one.organisation_id, one.actor_id) for one in kinds]
    whole = Assessment.objects.get(submission=submission)
    seen["assessment"] = {
        name: getattr(whole, name) for name in ("state", "settled", "wanted", "places", "carried", "reopened")
    }
    seen["whole journal"] = [
        one.kind for one in Entry.objects.filter(subject_id=str(whole.pk)).order_by("created")
    ]
    return {key: masked(value, submission, assignment) for key, value in seen.items()}


def masked(value: Any, submission: Submission, assignment: Assignment) -> Any:
    """The same without identifiers, codes and moments."""
    if isinstance(value, dict):
        return {
            key: "…" if key in MOMENTS else masked(one, submission, assignment) for key, one in value.items()
        }
    if isinstance(value, list):
        return [masked(one, submission, assignment) for one in value]
    if isinstance(value, str):
        ids = [str(submission.pk), str(assignment.pk), submission.code]
        ids += [str(pk) for pk in submission.artifacts.values_list("pk", flat=True)]
        for one in ids:
            value = value.replace(one, "…")
        lines = [line for line in value.splitlines() if not any(word in line for word in VARYING)]
        return "\n".join(lines)
    return value


# A copy comes some hours after what drew it, which may be on the next day.
MOMENTS = {"due", "due_on", "saved_at", "submitted_on"}
VARYING = ("csrfmiddlewaretoken", "data-desk-tab", "?tab=", 'name="tab"', "nonce", "datetime=")


def test_an_assessor_cannot_tell_a_copy_from_real_work(people: People) -> None:
    """Key sets, values, pages and journal of a real and of a blind review, end to end."""
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    copy = anchored.copy(people, unit, anchor)
    real = Assessment.objects.filter(anchor=None, state="open").latest("entered_at")
    client = signed_in(people.assessor)
    one, other = told(client, real.submission), told(client, copy.submission)
    for name, value in one.items():
        assert value == other[name], name
    done = signed_in(people.assessor).get("/review/completed/").content.decode()
    assert done.count("<tr>") == 3


def test_a_blind_review_reaches_no_educator(people: People) -> None:
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    anchored.score(workflow.claim(anchored.copy(people, unit, anchor).submission, people.assessor), "plan")
    copies = Submission.objects.filter(anchor=True)
    assert not Outcome.objects.filter(submission__in=copies).exists()
    assert not Award.objects.filter(submission__in=copies).exists()
    assert not earned_without_award().filter(pk__in=copies).exists()
    kinds = Entry.objects.filter(subject_id__in=[str(one.pk) for one in copies]).values_list(
        "kind", flat=True
    )
    assert not {name for kind in kinds for name in WIRING.get(kind, [])}
    assert my_work(keeper()) == []
    check = Check.objects.get()
    assert (check.assessor, check.criteria, check.passing, check.exact) == (people.assessor, 3, 2, 2)
    assert not rules.assignments_visible_to(people.approver).filter(submission__in=copies).exists()


def test_a_copy_nobody_reads_leaves_the_queue_after_its_day(people: People) -> None:
    unit = factories.published(people.northfield)
    anchor = anchored.ready(people, anchored.decided(people, unit), "live")
    found = anchored.copy(people, unit, anchor)
    Assessment.objects.filter(pk=found.pk).update(due="2020-01-01T00:00Z")
    assert workflow.tidy_anchors() == 1
    found.refresh_from_db()
    found.submission.refresh_from_db()
    assert (found.state, found.submission.state) == ("ended", "withdrawn")


def test_no_copy_where_everybody_knows_the_anchor(people: People) -> None:
    unit = factories.published(people.northfield)
    anchored.ready(people, anchored.decided(people, unit), "live")
    for person in (people.assessor, people.assessor2):
        factories.member(person, people.northfield, "author")
    anchored.policy(people, anchor_rate=50)
    for _number in range(12):
        assert workflow.seed(workflow.enter(factories.submitted(factories.user(), unit))) is None


# --- true levels ------------------------------------------------------------------------------------------


def test_an_anchor_needs_every_level_and_every_reason(people: People) -> None:
    anchor = anchored.drafted(people, anchored.decided(people, factories.published(people.northfield)))
    page = signed_in(people.author)
    address = f"/review/anchors/{anchor.pk}/"
    assert "First we look, then we talk." in page.get(address).content.decode()
    answer = page.post(address, {"use": "practice", "level-plan": "3", "why-plan": "Shown.", "ready": "1"})
    assert answer.status_code == 400
    assert "Choose the true level of “Growth”." in answer.content.decode()
    full = {
        "use": "practice", "ready": "1", "level-plan": "3", "why-plan": "Shown.",
        "level-context": "2", "why-context": "Clear.", "level-growth": "1", "why-growth": "No change named.",
    }  # fmt: skip
    assert page.post(address, full).status_code == 302
    anchor.refresh_from_db()
    assert (anchor.state, anchor.use) == ("ready", "practice")
    with pytest.raises(TransitionError):
        workflow.write_truth(anchor, people.author, {"plan": {"level": 1, "justification": "x"}})
    assert signed_in(people.assessor).get(address).status_code == 403
