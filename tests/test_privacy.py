"""What must stay apart stays apart at every door: people and their power, districts and evidence, badges and strangers."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import workflow as accounts
from accounts.models import Membership, Relation, User
from badges import workflow as badges
from journal.models import Entry
from journal.workflow import GuardError
from notifications import tasks
from reports.queries import _first_month, _shared
from review import workflow as review
from submissions import workflow as submissions
from tests import factories
from tests.people import People, cast, signed_in
from tests.review.work import ALL_PASS, NAMED, claimed, desk, scored, submitted
from tests.test_access import handed_in

pytestmark = pytest.mark.django_db
JSON_LD = "application/vc+ld+json"


@pytest.fixture
def people() -> People:
    return cast()


def api(person: User, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    return signed_in(person).generic(method, path, json.dumps(body or {}), content_type="application/json")


# --- power --------------------------------------------------------------------------------------------------


def stand_close(kind: str, person: User, educator: User, people: People) -> None:
    """As `kind` says: a recorded relation, or the same school."""
    if kind == "colleague":
        factories.member(person, people.oak, Membership.Role.COACH)
    else:
        accounts.relate(person, educator, kind)


KINDS = [*Relation.Kind.values, "colleague"]


@pytest.mark.parametrize("kind", KINDS)
def test_who_stands_close_neither_finds_nor_claims(people: People, kind: str) -> None:
    waiting = submitted(people)
    stand_close(kind, people.assessor, people.educator, people)
    assert api(people.assessor, "GET", "/api/v1/reviews/").json()["results"] == []
    assert waiting.code not in signed_in(people.assessor).get("/review/").content.decode()
    assert api(people.assessor, "POST", f"/api/v1/reviews/{waiting.pk}/claim/", {}).status_code == 404
    assert signed_in(people.assessor).post(f"/review/claim/{waiting.pk}/").status_code == 404


@pytest.mark.parametrize("kind", KINDS)
def test_who_comes_to_stand_close_loses_the_evidence_she_held(people: People, kind: str) -> None:
    held = handed_in(people, factories.published(people.northfield))
    assignment = review.claim(held, people.assessor)
    file = f"/review/{assignment.pk}/artifacts/{held.artifacts.get().pk}/"
    client = signed_in(people.assessor)
    assert (
        client.get(file, follow=True).status_code,
        client.get(f"/api/v1/reviews/{assignment.pk}/").json()["evidence"] == [],
    ) == (200, False)
    stand_close(kind, people.assessor, people.educator, people)
    page, document = client.get(desk(assignment)), client.get(f"/api/v1/reviews/{assignment.pk}/").json()
    assert (page.status_code, "You may no longer assess this submission" in page.content.decode()) == (
        200,
        True,
    )
    assert factories.ANSWERS["context"] not in page.content.decode()
    assert (document["evidence"], document["overview"], document["reflection"]) == ([], [], [])
    assert client.get(file).status_code == 403
    assert client.post(f"/review/{assignment.pk}/recuse/", {"reason": "conflict"}).status_code == 302


def test_an_assessor_whose_role_ended_loses_the_evidence_at_once(people: People) -> None:
    assignment = claimed(people)
    factories.member(people.assessor, people.lakes, Membership.Role.ASSESSOR)
    accounts.end_role(
        people.assessor, Membership.objects.get(user=people.assessor, organisation=people.northfield)
    )
    client = signed_in(people.assessor)
    assert "Twenty six" not in client.get(desk(assignment)).content.decode()
    assert client.get(f"/api/v1/reviews/{assignment.pk}/").json()["overview"] == []
    refused = client.patch(
        f"/api/v1/reviews/{assignment.pk}/", {"revision": 0, "strength": "x"}, content_type="application/json"
    )
    assert refused.status_code == 400


@pytest.mark.parametrize("kind", KINDS)
def test_an_approver_who_stands_close_opens_no_completed_review_and_revokes_nothing(
    people: People, kind: str
) -> None:
    held = handed_in(people, factories.published(people.northfield))
    assignment = review.claim(held, people.assessor)
    review.save(assignment, people.assessor, revision=0, scores=ALL_PASS, **NAMED)
    review.complete(assignment, people.assessor)
    award = badges.award(held)
    client = signed_in(people.approver)
    doors = [
        desk(assignment),
        f"/api/v1/reviews/{assignment.pk}/",
        f"/review/{assignment.pk}/artifacts/{held.artifacts.get().pk}/",
        f"/badges/{award.pk}/revoke/",
        f"/api/v1/awards/{award.pk}/",
    ]
    assert [client.get(door, follow=True).status_code for door in doors] == [200] * 5
    stand_close(kind, people.approver, people.educator, people)
    client = signed_in(people.approver)
    assert [client.get(door).status_code for door in doors] == [404] * 5
    for listing in ("/review/completed/", "/badges/issued/", "/api/v1/awards/?issued=1"):
        assert held.code not in client.get(listing).content.decode()
        assert str(award.pk) not in client.get(listing).content.decode()
    with pytest.raises(GuardError):
        badges.open_revocation(award, people.approver, "Because I can.")


def test_a_district_admin_opens_no_work(people: People) -> None:
    held = handed_in(people, factories.published(people.northfield))
    artifact, client = held.artifacts.get(), signed_in(people.district_admin)
    for door in (f"/submissions/{held.pk}/", f"/artifacts/{artifact.pk}/file/", f"/api/v1/submissions/{held.pk}/",
                 f"/api/v1/artifacts/{artifact.pk}/", f"/api/v1/enrollments/{held.enrolment_id}/"):  # fmt: skip
        assert client.get(door).status_code == 404
    assert client.get("/api/v1/submissions/").json()["results"] == []


def test_leaving_a_district_ends_its_view_and_removes_nothing(people: People) -> None:
    award = factories.award(people)
    badges.share_with(award, people.educator, people.riverbend)
    first = _first_month(timezone.now())
    assert _shared(people.riverbend, first).total.count == 1
    for place in Membership.objects.filter(user=people.educator):
        accounts.end_role(people.educator, place)
    assert _shared(people.riverbend, first).total.count == 0
    assert signed_in(people.educator).get(f"/badges/{award.pk}/").status_code == 200


def test_a_former_admin_manages_nobody(people: People) -> None:
    factories.member(people.author, people.riverbend, Membership.Role.DISTRICT_ADMIN)
    client = signed_in(people.district_admin)
    assert client.get("/organizations/riverbend/").status_code == 200
    accounts.end_role(people.district_admin, Membership.objects.get(user=people.district_admin))
    invite = {"email": "x@example.test", "role": "educator"}
    assert client.get("/organizations/riverbend/").status_code == 404
    assert client.post("/organizations/riverbend/", invite).status_code == 404
    assert [
        client.get(door).status_code for door in ("/reports/", "/reports/export.csv", "/api/v1/reports/")
    ] == [403] * 3


@pytest.mark.parametrize("role", ["approver", "admin", "assessor", "district_admin ", "nothing"])
def test_a_role_cannot_be_forged_in_a_form(people: People, role: str) -> None:
    client = signed_in(people.district_admin)
    answer = client.post(
        "/organizations/riverbend/",
        {"email": "x@example.test", "role": role, "organisation": str(people.northfield.pk)},
    )
    assert (
        answer.status_code,
        Membership.objects.filter(role=role).exclude(organisation=people.northfield).count(),
    ) == (400, 0)
    assert (
        client.post("/organizations/northfield/", {"email": "x@example.test", "role": "approver"}).status_code
        == 404
    )


# --- the blind, from the other doors ------------------------------------------------------------------------


def test_the_queues_cursor_holds_no_time_of_day(people: People) -> None:
    for _number in range(2):
        submitted(people)
    document = api(people.assessor, "GET", "/api/v1/reviews/?page_size=1").json()
    assert "cursor=gAAAA" in document["next"]  # sealed
    assert [row["submitted_on"] for row in document["results"]] == [
        f"{submitted(people).submitted_at:%Y-%m-%d}"
    ]


def test_headers_of_a_blind_file_are_neutral(people: People) -> None:
    held = handed_in(people, factories.published(people.northfield))
    assignment = review.claim(held, people.assessor)
    artifact = held.artifacts.get()
    answer: Any = signed_in(people.assessor).get(
        f"/review/{assignment.pk}/artifacts/{artifact.pk}/", follow=True
    )
    assert artifact.name not in str(answer.redirect_chain)
    expected = {"Content-Disposition", "Content-Type", "Content-Length", "X-Content-Type-Options", "Content-Security-Policy",
                "X-Frame-Options", "Cache-Control", "Accept-Ranges", "ETag", "Vary", "Content-Language", "Referrer-Policy",
                "Cross-Origin-Opener-Policy"}  # fmt: skip
    assert set(answer.headers) <= expected
    assert answer["Content-Disposition"] == f'inline; filename="{held.code}-plan-1.pdf"'
    assert answer["Cache-Control"] == "private, no-store"


def test_mails_to_assessor_and_educator_name_neither(people: People) -> None:
    assignment = scored(claimed(people))
    entry = Entry.objects.create(
        kind="review.claim_due", subject_kind="review.assignment", subject_id=str(assignment.pk), data={}
    )
    tasks.claim_due(str(entry.pk))
    review.complete(assignment, people.assessor)
    tasks.decided(str(Entry.objects.get(kind="submissions.earned").pk))
    tasks.send_due()
    told = {sent.to[0]: sent.message().as_string() for sent in mail.outbox}
    assert [word for word in ("Maya", "Rivera", "educator@") if word in told["assessor@example.test"]] == []
    assert [word for word in ("Ingrid", "Vale", "assessor@") if word in told["educator@example.test"]] == []


@pytest.mark.parametrize("person", ["educator", "assessor", "approver", "district_admin"])
def test_the_journal_is_shown_to_nobody(people: People, person: str) -> None:
    claimed(people)
    answer = signed_in(getattr(people, person)).get("/admin/journal/entry/")
    assert answer.status_code in {302, 403}
    assert b"review.claimed" not in answer.content


# --- badges -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", ["text/html", JSON_LD, "application/json"])
@pytest.mark.parametrize("person", ["", "educator2", "district_admin"])
def test_private_and_unknown_are_the_same_bytes_at_every_door(
    people: People, person: str, accept: str
) -> None:
    award = factories.award(people)
    shown = badges.set_visibility(award, people.educator, "public")
    badges.set_visibility(shown, people.educator, "private")
    client = signed_in(getattr(people, person)) if person else Client()
    for path in ("/badges/{}/", "/badges/{}", "/badges/{}.json", "/badges/{}.png", "/badges/{}.svg", "/badges/{}/image.png",
                 "/api/v1/awards/{}/", "/badges/{}/revoke/"):  # fmt: skip
        private, unknown = (
            client.get(path.format(pk), headers={"accept": accept, "if-none-match": "*"})
            for pk in (award.pk, uuid4())
        )
        same = private.content.replace(str(award.pk).encode(), b"") == unknown.content.replace(b"", b"")
        assert (private.status_code, sorted(private.headers)) == (
            unknown.status_code,
            sorted(unknown.headers),
        )
        if private.status_code != 302:
            assert (same, dict(private.headers)) == (True, dict(unknown.headers))


def test_the_public_documents_hold_no_address_no_private_word_and_no_failed_attempt(people: People) -> None:
    unit = factories.published(people.northfield)
    first = factories.reviewed(factories.submitted(people.educator, unit), people.assessor, below="plan")
    again = submissions.resubmit(first, people.educator)
    submissions.save(again, people.educator, revision=0, answers={}, resubmission_note="More talk.")
    assignment = review.claim(submissions.submit(again, people.educator, ["privacy"]), people.assessor)
    open_ = {"plan": ALL_PASS["plan"]}  # the others passed before
    review.save(assignment, people.assessor, revision=0, scores=open_, private_note="Borderline.", **NAMED)
    review.complete(assignment, people.assessor)
    award = badges.set_visibility(badges.award(again), people.educator, "public")
    told = ""
    for path in ("/badges/{}/", "/badges/{}.json", "/badges/{}.svg", "/api/v1/awards/{}/"):
        person = signed_in(people.educator2) if "api" in path else Client()
        told += person.get(path.format(award.pk)).content.decode()
    hidden = ["educator@example.test", "Borderline", "Show more talk.", "Clear picture of the class", "Wait longer",
              first.code, again.code, "not_yet", "Ingrid", "More talk.", "Twenty six", people.oak.name]  # fmt: skip
    assert [word for word in hidden if word in told] == []


def test_the_status_list_names_nobody(people: People) -> None:
    award = factories.award(people, visibility="public")
    factories.revoke(award, people, "A copy of Maya’s.")
    told = Client().get(f"/status/{award.status_list_id}").content.decode()
    assert [
        word
        for word in (str(award.pk), str(people.educator.pk), "Maya", "educator@", "A copy")
        if word in told
    ] == []


def test_an_issuers_program_reads_no_name_that_is_not_shown(people: People) -> None:
    award = factories.award(people)
    listed = api(people.approver, "GET", "/api/v1/awards/?issued=1").json()["results"]
    assert [(row["id"], row["name_shown"]) for row in listed] == [(str(award.pk), "")]
    assert api(people.educator, "GET", f"/api/v1/awards/{award.pk}/").json()["name_shown"] == "Maya Rivera"


# --- accounts -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["educator@example.test", "EDUCATOR@Example.Test", "second@example.test"])
def test_signing_up_with_a_known_address_takes_nothing_over(people: People, address: str) -> None:
    EmailAddress.objects.create(user=people.educator, email="second@example.test", verified=True)
    before = (User.objects.count(), people.educator.password)
    client = Client()
    answer = client.post("/accounts/signup/", {"email": address, "password1": "another horse battery"})
    people.educator.refresh_from_db()
    assert (answer.status_code < 500, "_auth_user_id" in client.session) == (True, False)
    assert (User.objects.count(), people.educator.password) == before


def test_an_invitation_is_not_accepted_by_who_merely_holds_its_address(people: People) -> None:
    invitation = accounts.invite(
        people.district_admin, people.riverbend, "someone@example.test", "district_admin"
    )
    EmailAddress.objects.create(user=people.educator2, email="someone@example.test", verified=False)
    client = signed_in(people.educator2)
    assert client.post(f"/invitations/{invitation.pk}/").status_code == 302
    assert Membership.objects.filter(user=people.educator2, organisation=people.riverbend).count() == 0
    EmailAddress.objects.filter(email="someone@example.test").update(verified=True)
    assert client.post(f"/invitations/{invitation.pk}/").status_code == 302
    accounts.end_role(
        people.educator2, Membership.objects.get(user=people.educator2, organisation=people.riverbend)
    )
    assert client.post(f"/invitations/{invitation.pk}/").status_code == 404  # no replay
    assert (
        Membership.objects.filter(
            user=people.educator2, organisation=people.riverbend, state="active"
        ).count()
        == 0
    )
