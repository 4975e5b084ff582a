"""The conversation that comes before yet another attempt: a gate she can always get through."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Relation, User
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks
from notifications.models import Message
from notifications.workflow import title_of
from review.rules import people_close_to
from submissions import workflow
from submissions.models import Conversation, Policy, Submission, Utterance
from submissions.workflow import coaching
from tests import factories
from tests.people import People, cast, signed_in
from tests.submissions.stories import decided, outcomes

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    Policy.objects.create(organisation=people.northfield, coach_after=2)
    return factories.published(people.northfield)


@pytest.fixture
def coach(people: People) -> User:
    person = factories.user("coach@example.test", name="Jonah Reyes")
    factories.member(person, people.riverbend, "coach")
    return person


def again(people: People, before: Submission) -> Submission:
    """The next draft, complete."""
    draft = workflow.resubmit(before, people.educator)
    return workflow.save(draft, people.educator, revision=0, answers={}, resubmission_note="More.")


def third(people: People, unit: MicroCredential) -> Submission:
    """A draft after two attempts that were not yet."""
    draft = again(people, decided(people.educator, unit, below="plan"))
    workflow.submit(draft, people.educator, ["privacy"])
    assessor = factories.user()
    workflow.begin_review(draft, assessor)
    given = outcomes(draft, below="plan")
    workflow.decide(draft, assessor, outcomes=given, strength="A clear plan.", next_step="Film one talk.")
    return again(people, draft)


def test_a_conversation_is_asked_for_held_and_closed_and_then_she_submits(
    people: People, unit: MicroCredential, coach: User
) -> None:
    draft = third(people, unit)
    client, coaches = signed_in(people.educator), signed_in(coach)
    assert (
        "Before this attempt: talk with a coach" in client.get(f"/submissions/{draft.pk}/").content.decode()
    )
    with pytest.raises(GuardError) as refused:
        workflow.submit(draft, people.educator, ["privacy"])
    assert list(refused.value.errors) == ["coach"]
    assert client.post(f"/submissions/{draft.pk}/coach/", {"text": " "}).status_code == 400
    asked = client.post(f"/submissions/{draft.pk}/coach/", {"text": "Which part of the film counts?"})
    row = Conversation.objects.get()
    assert (asked["Location"], row.state, row.after) == (f"/conversations/{row.pk}/", "asked", 2)
    tasks.coach_asked(str(Entry.objects.get(kind="submissions.coach_asked").pk))
    told = Message.objects.get(kind="coach")
    assert (told.user, title_of(told)) == (coach, f"Maya Rivera asks for a conversation: {unit.title}")

    page = coaches.get("/conversations/").content.decode()
    assert ("Maya Rivera" in page, "Waiting for a coach" in page) == (True, True)
    page = coaches.get(asked["Location"]).content.decode()
    assert "Show where students answer one another." in page
    assert ("First we look" in page, "/artifacts/" in page) == (False, False), "no evidence"
    assert coaches.post(f"{asked['Location']}take/").status_code == 302
    assert people.educator in people_close_to(coach)
    tasks.coach(str(Entry.objects.get(kind="submissions.coach_taken").pk))
    assert (
        title_of(Message.objects.get(user=people.educator, kind="coach"))[:27]
        == "Jonah Reyes will talk with "
    )
    assert client.post(f"{asked['Location']}close/").status_code == 302
    row.refresh_from_db()
    assert row.state == "open", "the coach has not written yet"
    assert coaches.post(asked["Location"], {"text": "Minute six."}).status_code == 302
    client.post(f"{asked['Location']}close/")
    workflow.submit(draft, people.educator, ["privacy"])
    assert draft.state == "submitted"
    assert coaches.post(asked["Location"], {"text": "Too late."}).status_code == 409


def test_who_has_no_part_in_it_sees_nothing(people: People, unit: MicroCredential, coach: User) -> None:
    row = coaching.ask(third(people, unit), people.educator, "Help.")
    other = factories.user("second@example.test")
    factories.member(other, people.riverbend, "coach")
    coaching.take(row, coach)
    for person in (other, people.assessor, people.approver, people.educator2, people.district_admin):
        assert signed_in(person).get(f"/conversations/{row.pk}/").status_code == 404
    with pytest.raises(TransitionError):
        coaching.take(Conversation.objects.get(), other)
    for person in (people.assessor, people.educator):
        with pytest.raises(PermissionDenied):
            coaching.take(Conversation.objects.get(), person)


def test_she_is_never_stuck(people: People, unit: MicroCredential) -> None:
    draft = third(people, unit)
    gate = coaching.gate_of(draft)
    assert gate is not None
    assert (gate.why, gate.closed) == ("nobody", False)
    page = signed_in(people.educator).get(f"/submissions/{draft.pk}/").content.decode()
    assert "there is none for you" in page
    # Who assesses for the issuer would learn whose work it is, unless she stands apart already.
    factories.member(people.assessor, people.northfield, "coach")
    assert why(draft) == "nobody"
    Relation.objects.create(person=people.assessor, of=people.educator, kind="coaches")
    assert why(draft) == "ask"
    row = coaching.ask(draft, people.educator, "Help.")
    assert why(draft) == "waiting"
    Utterance.objects.update(created=timezone.now() - timedelta(days=20))
    assert why(draft) == "late"
    coaching.take(row, people.assessor)
    assert why(draft) == "late"
    coaching.write(row, people.assessor, "Sorry, here I am.")
    assert why(draft) == "open"
    Policy.objects.update(coach_after=0)
    draft.refresh_from_db()
    assert coaching.gate_of(Submission.objects.get(pk=draft.pk)) is None


def why(draft: Submission) -> str:
    gate = coaching.gate_of(draft)
    return gate.why if gate else ""


def test_a_first_or_second_attempt_asks_nobody(people: People, unit: MicroCredential, coach: User) -> None:
    first = decided(people.educator, unit, below="plan")
    draft = again(people, first)
    assert (coaching.gate_of(first), coaching.gate_of(draft)) == (None, None)
    with pytest.raises(GuardError):
        coaching.ask(draft, people.educator, "Help.")
