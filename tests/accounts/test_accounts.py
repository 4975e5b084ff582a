"""People: sign-up, several addresses, roles given, ended and invited to."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import rules, workflow
from accounts.models import Invitation, Membership, Profile, Relation, User
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def sign_up(client: Client, email: str = "new@example.test") -> Any:
    return client.post("/accounts/signup/", {"email": email, "password1": "correct horse battery"})


class TestSigningUp:
    def test_asks_for_address_and_password_only(self, client: Client) -> None:
        response = sign_up(client)
        user = User.objects.get(email="new@example.test")
        assert (response.status_code, response["Location"]) == (302, "/my/")
        assert Profile.objects.filter(user=user).count() == 1
        assert list(Entry.objects.values_list("kind", "actor_id")) == [("accounts.signed_up", user.pk)]

    def test_a_mail_verifies_the_address(self, client: Client) -> None:
        sign_up(client)
        assert EmailAddress.objects.get(email="new@example.test").verified is False
        link = re.search(r"http://\S+/accounts/confirm-email/\S+", str(mail.outbox[0].body))
        assert link is not None
        client.post(link.group())
        assert EmailAddress.objects.get(email="new@example.test").verified is True

    def test_a_dead_mail_server_stops_nobody(self, client: Client, settings: Any) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", 1, 1
        assert sign_up(client).status_code == 302
        assert User.objects.filter(email="new@example.test").exists()

    def test_recovery_works_by_any_verified_address(self, client: Client) -> None:
        user = factories.user("school@example.test")
        EmailAddress.objects.create(user=user, email="private@example.test", verified=True)
        client.post("/accounts/password/reset/", {"email": "private@example.test"})
        assert [message.to for message in mail.outbox] == [["private@example.test"]]
        assert "/accounts/password/reset/key/" in mail.outbox[0].body

    def test_sign_in_works_by_any_verified_address(self, client: Client) -> None:
        user = factories.user("school@example.test")
        EmailAddress.objects.create(user=user, email="private@example.test", verified=True)
        client.post(
            "/accounts/login/", {"login": "private@example.test", "password": "correct horse battery"}
        )
        assert client.session["_auth_user_id"] == str(user.pk)

    def test_sign_in_is_rate_limited(self, client: Client) -> None:
        factories.user("school@example.test")
        answers = [
            client.post("/accounts/login/", {"login": "school@example.test", "password": f"wrong {n}"})
            for n in range(12)
        ]
        client.post("/accounts/login/", {"login": "school@example.test", "password": "correct horse battery"})
        assert "_auth_user_id" not in client.session
        assert {answer.status_code for answer in answers} <= {200, 429}


class TestTokens:
    def test_are_given_for_address_and_password(self, client: Client) -> None:
        user = factories.user("api@example.test")
        body = {"email": "api@example.test", "password": "correct horse battery"}
        answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
        assert (answer.status_code, answer.json()) == (200, {"token": user.auth_token.key})

    def test_a_wrong_password_is_a_problem_document(self, client: Client) -> None:
        factories.user("api@example.test")
        body = {"email": "api@example.test", "password": "wrong"}
        answer = client.post("/api/v1/auth/token/", body, content_type="application/json")
        assert answer.status_code == 400
        assert answer["Content-Type"] == "application/problem+json"
        assert answer.json()["errors"] == {
            "non_field_errors": ["The e-mail address and password do not match."]
        }

    def test_bad_json_is_the_clients_fault(self, client: Client) -> None:
        answer = client.post("/api/v1/auth/token/", "{", content_type="application/json")
        assert (answer.status_code, answer.json()["status"]) == (400, 400)

    def test_guessing_is_slowed(self, client: Client) -> None:
        body = {"email": "api@example.test", "password": "wrong"}
        codes = [
            client.post("/api/v1/auth/token/", body, content_type="application/json").status_code
            for _ in range(11)
        ]
        assert codes == [400] * 10 + [429]


class TestRoles:
    def test_only_admins_invite(self, people: People) -> None:
        with pytest.raises(TransitionError):
            workflow.invite(people.educator, people.riverbend, "x@example.test", "educator")
        assert Invitation.objects.count() == 0

    def test_a_role_must_fit_the_organisation(self, people: People) -> None:
        with pytest.raises(GuardError):
            workflow.invite(people.district_admin, people.riverbend, "x@example.test", "assessor")

    def test_a_district_admin_invites_to_her_schools(self, people: People) -> None:
        invitation = workflow.invite(people.district_admin, people.oak, "x@example.test", "educator")
        assert (invitation.organisation, invitation.state) == (people.oak, "sent")

    def test_an_invitation_is_accepted_by_the_verified_address_only(self, people: People) -> None:
        invitation = workflow.invite(
            people.district_admin, people.riverbend, "educator2@example.test", "educator"
        )
        with pytest.raises(GuardError):
            workflow.accept(invitation, people.educator)
        workflow.accept(invitation, people.educator2)
        assert Membership.objects.filter(user=people.educator2, organisation=people.riverbend).count() == 1

    def test_an_invitation_works_once(self, people: People) -> None:
        invitation = workflow.invite(
            people.district_admin, people.riverbend, "educator2@example.test", "educator"
        )
        workflow.accept(invitation, people.educator2)
        with pytest.raises(TransitionError):
            workflow.accept(invitation, people.educator2)

    def test_an_expired_invitation_is_refused(self, people: People) -> None:
        invitation = workflow.invite(
            people.district_admin, people.riverbend, "educator2@example.test", "educator"
        )
        invitation.expires = timezone.now() - timedelta(days=1)
        with pytest.raises(TransitionError):
            workflow.accept(invitation, people.educator2)

    def test_nobody_is_made_a_member_without_agreeing(self, people: People) -> None:
        with pytest.raises(GuardError):
            workflow.grant_role(people.district_admin, people.riverbend, people.educator2, "coach")

    def test_a_member_is_given_a_further_role_and_a_former_one_is_invited(
        self, client: Client, people: People
    ) -> None:
        client.force_login(people.district_admin)
        form = {"email": "EDUCATOR@example.test", "role": "coach"}
        client.post("/organizations/riverbend/", form)
        held = Membership.objects.filter(user=people.educator, organisation=people.riverbend, state="active")
        assert (set(held.values_list("role", flat=True)), Invitation.objects.count()) == (
            {"educator", "coach"},
            0,
        )
        for membership in held:
            workflow.end_role(people.educator, membership)
        client.post("/organizations/riverbend/", form)
        assert (held.all().count(), Invitation.objects.get().role) == (0, "coach")

    def test_the_last_admin_cannot_leave(self, people: People) -> None:
        membership = Membership.objects.get(user=people.district_admin)
        with pytest.raises(GuardError):
            workflow.end_role(people.district_admin, membership)
        assert Membership.objects.get(pk=membership.pk).state == "active"

    def test_leaving_keeps_history(self, people: People) -> None:
        membership = Membership.objects.get(user=people.educator, organisation=people.oak)
        workflow.end_role(people.educator, membership)
        assert Membership.objects.get(pk=membership.pk).state == "ended"

    def test_access_follows_active_roles_only(self, people: People) -> None:
        membership = Membership.objects.get(user=people.assessor)
        workflow.end_role(people.assessor, membership)
        fresh = User.objects.get(pk=people.assessor.pk)
        assert rules.access_of(fresh).assesses is False
        assert rules.access_of(User.objects.get(pk=people.assessor2.pk)).of("assessor") == {
            people.northfield.pk
        }


class TestRelations:
    def test_keep_both_sides_apart(self, people: People) -> None:
        workflow.relate(people.assessor, people.educator, Relation.Kind.EVALUATES)
        assert set(rules.people_apart_from(people.assessor)) == {people.educator}
        assert set(rules.people_apart_from(people.educator)) == {people.assessor}

    def test_are_recorded_and_ended_by_platform_admins(self, client: Client, people: People) -> None:
        client.force_login(people.admin)
        form = {"person": people.assessor.pk, "of": people.educator.pk, "kind": "evaluates"}
        assert client.post("/admin/accounts/relation/add/", form).status_code == 302
        relation = Relation.objects.get()
        assert set(rules.people_apart_from(people.assessor)) == {people.educator}
        client.post(f"/admin/accounts/relation/{relation.pk}/delete/", {"post": "yes"})
        assert Relation.objects.count() == 0
        kinds = Entry.objects.filter(actor=people.admin).order_by("created").values_list("kind", flat=True)
        assert list(kinds) == ["accounts.related", "accounts.unrelated"]

    def test_colleagues_at_a_school_are_kept_apart(self, people: People) -> None:
        factories.member(people.assessor, people.oak, "educator")
        assert set(rules.people_apart_from(people.assessor)) == {people.educator}


class TestPages:
    def test_profile_keeps_what_was_typed_on_error(self, client: Client, people: People) -> None:
        client.force_login(people.educator)
        answer = client.post("/account/", {"name": "M\0", "time_zone": "UTC", "state": "Nevada"})
        assert answer.status_code == 400
        assert 'value="Nevada"' in answer.content.decode()

    def test_questions_come_one_at_a_time_and_may_be_skipped(self, client: Client) -> None:
        user = factories.user("one@example.test")
        workflow.update_profile(user)
        client.force_login(user)
        asked = []
        while (page := client.get("/account/question/")).status_code == 200:
            asked.append(next(iter(page.context["form"].fields)))
            client.post("/account/question/", {"skip": "1"})
        assert asked == ["name", "job_roles", "grade_bands", "subjects", "state"]

    def test_an_admin_invites_and_ends_roles(self, client: Client, people: People) -> None:
        client.force_login(people.district_admin)
        client.post("/organizations/riverbend/", {"email": "x@example.test", "role": "educator"})
        assert Invitation.objects.get().email == "x@example.test"
        page = client.post("/organizations/riverbend/", {"email": "X@example.test", "role": "educator"})
        assert page.status_code == 400
        assert "already has an open invitation" in page.content.decode()

    def test_another_districts_page_does_not_exist(self, client: Client, people: People) -> None:
        client.force_login(people.district_admin2)
        assert client.get("/organizations/riverbend/").status_code == 404

    def test_another_persons_role_cannot_be_ended(self, client: Client, people: People) -> None:
        membership = Membership.objects.get(user=people.educator, organisation=people.riverbend)
        client.force_login(people.educator2)
        assert client.post(f"/roles/{membership.pk}/end/").status_code == 404

    def test_times_are_shown_in_ones_own_zone(self, client: Client, people: People) -> None:
        workflow.update_profile(people.district_admin, time_zone="Asia/Tokyo")
        Membership.objects.update(since=datetime(2026, 3, 31, 23, 30, tzinfo=UTC))
        client.force_login(people.district_admin)
        assert "April 1, 2026" in client.get("/organizations/riverbend/").content.decode()
        client.force_login(people.admin)
        assert "March 31, 2026" in client.get("/organizations/riverbend/").content.decode()
