"""Whoever is close to an educator is kept from all of it: never offered, cannot claim, adjudicate, unblind or hear an appeal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, Relation, User
from journal.workflow import GuardError
from review import rules, workflow
from review.models import Appeal, Assessment, AssessmentPolicy
from submissions.models import Conversation, Submission, Team, TeamMember
from tests import factories
from tests.people import cast
from tests.review.work import ALL_PASS, BELOW, scored, submitted

pytestmark = pytest.mark.django_db
Role = Membership.Role


class Works:
    """Three attempts of one educator: one waits, one is to be adjudicated, one is under appeal."""

    def __init__(self) -> None:
        self.people = people = cast()
        self.person = people.approver  # reads, settles and answers, as long as nothing is between
        factories.member(self.person, people.northfield, Role.ASSESSOR)
        self.person = User.objects.get(pk=self.person.pk)
        self.waiting = submitted(people)
        decided = submitted(people)
        workflow.complete(scored(workflow.claim(decided, people.assessor), BELOW), people.assessor)
        decided.refresh_from_db()
        day = timezone.localdate() + timedelta(days=9)
        self.appeal = Appeal.objects.create(submission=decided, reason="I showed it.", answer_by=day)
        AssessmentPolicy.objects.create(organisation=people.northfield, double_rate=100)
        differing = submitted(people)
        for reader, scores in ((people.assessor, ALL_PASS), (people.assessor2, BELOW)):
            workflow.complete(scored(workflow.claim(differing, reader), scores), reader)
        self.differing = Assessment.objects.get(submission=differing)
        self.enrolment = differing.enrolment

    def open_to(self, person: User) -> list[str]:
        """What `person` may do with them."""
        person = User.objects.get(pk=person.pk)
        waits = Assessment.objects.get(submission=self.waiting)
        allowed = {
            "queue": rules.queue_for(person).filter(submission=self.waiting).exists(),
            "offer": person in rules.eligible_for(waits),
            "claim": self.done(workflow.claim, self.waiting, person),
            "adjudicate": self.done(workflow.begin_adjudication, self.differing, person),
            "unblind": self.done(
                workflow.unblind, self.waiting, person, "Her district asked us who sent this."
            ),
            "appeal": rules.may_answer(person, self.appeal),
        }
        return [name for name, open_ in allowed.items() if open_]

    @staticmethod
    def done(verb: Callable[..., Any], *arguments: Any) -> bool:
        """Whether a verb lets her; undone again."""
        try:
            with transaction.atomic():
                verb(*arguments)
                transaction.set_rollback(True)
        except GuardError:
            return False
        return True


EVERYTHING = ["queue", "offer", "claim", "adjudicate", "unblind", "appeal"]


def ways(works: Works) -> dict[str, Callable[[], Any]]:
    """Every way to stand close."""
    people, person, educator = works.people, works.person, works.people.educator

    def team() -> None:
        row = Team.objects.create(version=works.enrolment.version, name="Grade 7")
        mate = factories.user("mate@example.test")
        for user in (educator, person):
            TeamMember.objects.create(team=row, user=user, email=user.email, invited_by=mate, state="joined")

    def district() -> None:
        AssessmentPolicy.objects.filter(organisation=people.northfield).update(same_district=True)
        factories.member(person, people.riverbend, Role.COACH)

    def outside() -> None:
        Submission.objects.update(outside=True)
        factories.member(person, people.riverbend, Role.COACH)

    relations = {
        kind: (lambda kind=kind: accounts.relate(person, educator, kind)) for kind in Relation.Kind.values
    }
    return {
        **relations,
        "the other way round": lambda: accounts.relate(educator, person, "evaluates"),
        "same school": lambda: factories.member(person, people.oak, Role.COACH),
        "team": team,
        "coach": lambda: Conversation.objects.create(enrolment=works.enrolment, after=1, coach=person),
        "same district, where the issuer says so": district,
        "same district, where she asked": outside,
    }


def test_every_way_to_stand_close_closes_every_door() -> None:
    works = Works()
    assert works.open_to(works.person) == EVERYTHING
    left = {}
    for name, stand_close in ways(works).items():
        with transaction.atomic():
            stand_close()
            left[name] = works.open_to(works.person)
            transaction.set_rollback(True)
    assert {name: doors for name, doors in left.items() if doors} == {}


def test_the_same_district_alone_is_no_conflict() -> None:
    works = Works()
    factories.member(works.person, works.people.riverbend, Role.COACH)
    assert works.open_to(works.person) == EVERYTHING


def test_who_recognises_somebody_is_kept_from_all_her_work_and_it_is_counted() -> None:
    works = Works()
    assessor = factories.user("third@example.test")
    factories.member(assessor, works.people.northfield, Role.ASSESSOR)
    assignment = workflow.claim(works.waiting, assessor)
    workflow.recuse(assignment, assessor, "knows")
    again = submitted(works.people)
    assert list(rules.queue_for(User.objects.get(pk=assessor.pk))) == []
    assert not rules.may_assess(assessor, again)
    assert works.person in rules.eligible_for(Assessment.objects.get(submission=works.waiting))
