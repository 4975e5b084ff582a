"""Evidence used again by its owner, and shared in a team: said everywhere, and nothing else is seen of anybody."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client

from accounts.models import User
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from microcreds.demo import evidence
from notifications import tasks as notifications
from notifications import workflow as messages
from notifications.models import Message
from review import workflow as review
from submissions import workflow
from submissions.models import Artifact, Content, Submission, TeamMember
from submissions.rules import place_of, shared_with
from tests import factories
from tests.people import People, cast, signed_in
from tests.submissions.stories import FULL
from tests.submissions.test_likeness import ESSAY, noted, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    return factories.published(people.northfield, title="Talk together", teams=True)


@pytest.fixture
def draft(people: People, unit: MicroCredential) -> Submission:
    """The educator's, with a plan in it."""
    row = workflow.enrol(people.educator, unit)
    workflow.save(row, people.educator, revision=0, answers=FULL)
    factories.kept(row, evidence.plan(), "application/pdf", "riverbend-plan.pdf", title="Riverbend plan")
    return row


def invited(draft: Submission, email: str, name: str = "Grade 7") -> TeamMember:
    educator = draft.enrolment.earner
    place = place_of(draft.enrolment) or workflow.declare_team(draft, educator, name)
    return workflow.invite_mate(place, educator, email)


def joined(draft: Submission, mate: User) -> Submission:
    """The mate's own draft, with her texts."""
    row = workflow.accept_place(invited(draft, mate.email), mate)
    workflow.save(row, mate, revision=0, answers=FULL)
    return row


def html(client: Client, path: str, **data: Any) -> str:
    answer = client.post(path, data, follow=True) if data else client.get(path)
    return answer.content.decode()


class TestLibrary:
    def test_used_again_without_sending_it_again_and_said_everywhere(
        self, people: People, draft: Submission
    ) -> None:
        other = workflow.enrol(people.educator, factories.published(people.northfield))
        workflow.save(other, people.educator, revision=0, answers=FULL)
        source, client = draft.artifacts.get(), signed_in(people.educator)
        path = f"/submissions/{other.pk}/library/?requirement=plan"
        assert "Riverbend plan" in html(client, path)
        page = html(client, path, artifact=source.pk, requirement="plan")
        assert "Also used in another micro-credential, declared" in page
        new = other.artifacts.get()
        assert (new.content, new.reused_from, new.coverage, Content.objects.count()) == (
            source.content, source, "nobody", 1,
        )  # fmt: skip
        send(workflow.submit(draft, people.educator, ["privacy"]) and other)
        other.refresh_from_db()
        assert other.manifest["artifacts"][0]["reused_from"] == str(source.pk)
        desk = html(signed_in(people.assessor), f"/review/{review.claim(other, people.assessor).pk}/")
        assert "Also used in another micro-credential, declared" in desk
        assert "iverbend" not in desk

    def test_the_likeness_that_follows_is_declared(self, people: People, unit: MicroCredential) -> None:
        rows = [
            workflow.enrol(people.educator, one) for one in (unit, factories.published(people.northfield))
        ]
        for row in rows:
            workflow.save(row, people.educator, revision=0, answers=FULL)
        text = workflow.add_text(rows[0], people.educator, requirement="plan", text=ESSAY)
        send(rows[0])
        workflow.reuse(rows[1], people.educator, text, requirement="plan")
        send(rows[1])
        assert noted() == [(rows[1].pk, rows[0].pk, "same", True, True)]

    def test_only_her_own_from_elsewhere_and_only_what_is_ready(
        self, people: People, draft: Submission
    ) -> None:
        mine = draft.artifacts.get()
        theirs = workflow.enrol(people.educator2, factories.published(people.northfield))
        for row, person in ((theirs, people.educator2), (draft, people.educator)):
            with pytest.raises(GuardError):
                workflow.reuse(row, person, mine, requirement="plan")
        Artifact.objects.update(state="quarantined")
        other = workflow.enrol(people.educator, factories.published(people.northfield))
        with pytest.raises(GuardError):
            workflow.reuse(other, people.educator, mine, requirement="plan")

    def test_the_bytes_live_as_long_as_somebody_shows_them(self, people: People, draft: Submission) -> None:
        other = workflow.enrol(people.educator, factories.published(people.northfield))
        source = draft.artifacts.get()
        again = workflow.reuse(other, people.educator, source, requirement="plan")
        workflow.remove_artifact(source, people.educator)
        assert Content.objects.count() == 1
        again = Artifact.objects.select_related("submission__enrolment").get(pk=again.pk)
        workflow.remove_artifact(again, people.educator)
        assert Content.objects.count() == 0


class TestInvitation:
    def test_by_mail_and_joined_with_one_click(self, people: People, draft: Submission) -> None:
        client, path = signed_in(people.educator), f"/submissions/{draft.pk}/team/"
        assert "Your team is there" in html(client, path, do="declare", name="Grade 7")
        assert "Enter a whole e-mail address" in html(client, path, do="invite", email="nobody")
        html(client, path, do="invite", email="New@Example.test")
        notifications.team(str(Entry.objects.get(kind="submissions.team_invited").pk))
        message = Message.objects.get(kind="team")
        messages.send(message)
        assert (message.user, mail.outbox[0].to) == (None, ["new@example.test"])
        place = TeamMember.objects.get(state="invited")
        here = f"/teams/invitations/{place.pk}/"
        assert here in mail.outbox[0].body
        assert "Sign in to answer" in html(Client(), here)
        new = factories.user("new@example.test", name="Nora New")
        assert signed_in(people.educator2).post(here, {"do": "accept"}).status_code == 400
        assert "You are in the team" in html(signed_in(new), here, do="accept")
        hers = Submission.objects.get(enrolment__earner=new)
        assert hers.enrolment.version_id == draft.enrolment.version_id
        assert "Nora New" in html(client, path)
        assert signed_in(new).post(here, {"do": "decline"}).status_code == 404

    def test_declined_and_left(self, people: People, draft: Submission) -> None:
        place = invited(draft, people.educator2.email)
        workflow.decline_place(place, people.educator2)
        with pytest.raises(TransitionError):
            workflow.accept_place(place, people.educator2)
        hers = joined(draft, people.educator2)  # asked again
        workflow.share(draft.artifacts.get(), people.educator)
        seat = place_of(hers.enrolment)
        assert seat is not None
        workflow.leave_team(seat, people.educator2)
        assert place_of(hers.enrolment) is None
        with pytest.raises(PermissionDenied):
            workflow.invite_mate(seat, people.educator2, "x@example.test")
        with pytest.raises(GuardError):
            workflow.take_shared(hers, people.educator2, draft.artifacts.get(), requirement="plan")

    def test_only_where_the_version_is_for_teams_and_one_team_each(
        self, people: People, draft: Submission
    ) -> None:
        alone = workflow.enrol(people.educator, factories.published(people.northfield))
        assert signed_in(people.educator).get(f"/submissions/{alone.pk}/team/").status_code == 404
        with pytest.raises(GuardError):
            workflow.declare_team(alone, people.educator, "Grade 7")
        place = invited(draft, people.educator2.email)
        theirs = workflow.enrol(people.educator2, draft.enrolment.micro_credential)
        workflow.declare_team(theirs, people.educator2, "Another")
        for attempt in (
            lambda: workflow.accept_place(place, people.educator2),
            lambda: workflow.declare_team(draft, people.educator, "Twice"),
            lambda: invited(draft, people.educator2.email.upper()),
        ):
            with pytest.raises(GuardError):
                attempt()


class TestSharing:
    def test_a_member_sees_what_is_shared_and_nothing_else(self, people: People, draft: Submission) -> None:
        secret = workflow.add_text(
            draft, people.educator, requirement="plan", text="For myself alone.", title="Mine"
        )
        hers = joined(draft, people.educator2)
        workflow.share(draft.artifacts.exclude(pk=secret.pk).get(), people.educator)
        client = signed_in(people.educator2)
        page = html(client, f"/submissions/{hers.pk}/team/")
        assert ("Riverbend plan" in page, "Mine" in page, "myself alone" in page) == (True, False, False)
        paths = [f"/submissions/{draft.pk}/", f"/submissions/{draft.pk}/team/"]
        paths += [f"/artifacts/{row.pk}/file/" for row in draft.artifacts.all()]
        assert [client.get(path).status_code for path in paths] == [404] * 4
        api = [
            client.get(f"/api/v1/submissions/{draft.pk}/"),
            client.get(f"/api/v1/submissions/{draft.pk}/artifacts/"),
        ]
        assert [answer.status_code for answer in api] == [404, 404]
        stranger = workflow.enrol(factories.user(), draft.enrolment.micro_credential)
        with pytest.raises(GuardError):
            workflow.take_shared(
                stranger, stranger.enrolment.earner, draft.artifacts.all()[0], requirement="plan"
            )
        with pytest.raises(GuardError):
            workflow.take_shared(hers, people.educator2, secret, requirement="plan")

    def test_taken_it_is_the_teams_and_asks_for_her_own_part(self, people: People, draft: Submission) -> None:
        source = draft.artifacts.get()
        Artifact.objects.update(coverage="covered", classes=[factories.school_class(people.educator).pk])
        hers = joined(draft, people.educator2)
        workflow.share(source, people.educator)
        client = signed_in(people.educator2)
        path = f"/submissions/{hers.pk}/team/"
        html(client, path, do="take", artifact=source.pk, requirement="plan")
        taken = hers.artifacts.get()
        assert (taken.content, taken.team, taken.coverage, taken.classes) == (
            source.content, Artifact.objects.get(pk=source.pk).team, "covered", source.classes or taken.classes,
        )  # fmt: skip
        with pytest.raises(GuardError):
            workflow.unshare(Artifact.objects.get(pk=source.pk), people.educator)
        page = html(client, f"/submissions/{hers.pk}/")
        assert ("Team artifact" in page, 'name="contribution"' in page) == (True, True)
        with pytest.raises(GuardError) as refused:
            workflow.submit(hers, people.educator2, ["privacy"])
        assert list(refused.value.errors) == ["contribution"]
        saved = client.patch(
            f"/api/v1/submissions/{hers.pk}/", {"revision": 1, "contribution": "I led the second talk."},
            content_type="application/json",
        )  # fmt: skip
        assert saved.status_code == 200
        workflow.submit(hers, people.educator2, ["privacy"])
        hers.refresh_from_db()
        assert [row["team"] for row in hers.manifest["artifacts"]] == [str(taken.team_id)]
        assert "contribution" in {row["key"] for row in hers.manifest["texts"]}
        self.is_read(people, hers)

    def is_read(self, people: People, hers: Submission) -> None:
        """By an assessor: a team's, her part in it, and no names."""
        client = signed_in(people.assessor)
        pk = review.claim(hers, people.assessor).pk
        desk, api = html(client, f"/review/{pk}/"), html(client, f"/api/v1/reviews/{pk}/")
        assert ("Team artifact" in desk, "I led the second talk." in desk, "I led the second talk." in api) == (
            True, True, True,
        )  # fmt: skip
        for name in ("Grade 7", "Rivera", "Okafor", "iverbend", "example.test"):
            assert (name in desk.replace(people.assessor.email, ""), name in api) == (False, False)

    def test_stopped_by_a_family_it_is_closed_for_everybody(self, people: People, draft: Submission) -> None:
        row = factories.school_class(people.educator)
        Artifact.objects.update(coverage="covered", classes=[row.pk], content_type="video/mp4")
        hers = joined(draft, people.educator2)
        workflow.share(draft.artifacts.get(), people.educator)
        place = place_of(hers.enrolment)
        assert place is not None
        workflow.take_shared(hers, people.educator2, shared_with(place).get(), requirement="plan")
        workflow.stop(row.consents.get(number=7))
        assert set(Artifact.objects.values_list("state", flat=True)) == {"quarantined"}
        assert shared_with(place).count() == 0
