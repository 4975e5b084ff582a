"""Awarding once, showing and hiding, sharing with a district, revoking: every verb and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.models import Membership
from badges import checking, issuing, tasks, workflow
from badges.models import Award, Share, StatusList
from badges.openbadges.documents import identity_hash
from badges.openbadges.status import bit, decode_list
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from submissions.models import Submission
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def people() -> People:
    return cast()


def entries(kind: str) -> list[Entry]:
    return list(Entry.objects.filter(kind=kind))


def revoked(award: Award) -> bool:
    document = checking.fetch_status_list(issuing.status_url(award.status_list_id))
    assert document is not None
    return bit(decode_list(document["credentialSubject"]["encodedList"]), award.status_index)


# --- awarding ---------------------------------------------------------------------------------------------


def test_an_award_is_a_credential_that_verifies(people: People) -> None:
    submission = factories.earned(people)
    award = workflow.award(submission)
    report = checking.check(award.credential)
    assert [(step.name, str(step.outcome)) for step in report.steps] == [
        ("document", "ok"),
        ("proof", "ok"),
        ("issuer", "ok"),
        ("dates", "ok"),
        ("status", "ok"),
        ("evidence", "ok"),
    ]
    assert (award.earner, award.issuer, award.visibility) == (people.educator, people.northfield, "private")
    assert award.awarded_at == submission.decided_at


def test_the_credential_names_nobody_and_holds_no_evidence(people: People) -> None:
    award = workflow.award(factories.earned(people))
    subject = award.credential["credentialSubject"]
    assert award.credential["id"] == f"http://127.0.0.1:8000/badges/{award.pk}"
    assert subject["identifier"] == [
        {
            "type": "IdentityObject",
            "hashed": True,
            "identityHash": identity_hash(people.educator.email, award.salt),
            "identityType": "emailAddress",
            "salt": award.salt,
        }
    ]
    assert "evidence" not in award.credential
    text = str(award.credential)
    assert [
        word for word in (people.educator.name, people.educator.email, "First we look") if word in text
    ] == []


def test_the_credential_carries_the_levels_reached(people: People) -> None:
    award = workflow.award(factories.earned(people))
    base = f"http://127.0.0.1:8000/achievements/{award.version_id}"
    assert [
        (result["resultDescription"], result["achievedLevel"])
        for result in award.credential["credentialSubject"]["result"]
    ] == [
        (f"{base}#criterion-context", f"{base}#level-context-2"),
        (f"{base}#criterion-plan", f"{base}#level-plan-3"),
        (f"{base}#criterion-growth", f"{base}#level-growth-2"),
    ]


def test_awarding_writes_one_entry_about_the_award(people: People) -> None:
    award = workflow.award(factories.earned(people))
    (entry,) = entries("badges.awarded")
    assert (entry.subject_kind, entry.subject_id) == ("badges.award", str(award.pk))
    assert entry.organisation_id == people.northfield.pk
    assert entry.data == {"submission": str(award.submission_id)}


def test_awarding_twice_gives_one_award(people: People) -> None:
    submission = factories.earned(people)
    assert workflow.award(submission) == workflow.award(submission)
    assert len(entries("badges.awarded")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_give_one_award(people: People) -> None:
    submission = factories.earned(people)
    workflow.award(factories.earned(people, earner=people.educator2))

    def deliver(_number: int) -> Any:
        try:
            return workflow.award(Submission.objects.get(pk=submission.pk)).pk
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        given = set(pool.map(deliver, range(4)))
    assert given == set(Award.objects.filter(submission=submission).values_list("pk", flat=True))
    assert len(given) == 1
    assert len(entries("badges.awarded")) == 2


def test_what_is_not_earned_gets_no_badge(people: People) -> None:
    submission = factories.submitted(people.educator, factories.published(people.northfield))
    with pytest.raises(TransitionError):
        workflow.award(submission)
    factories.reviewed(submission, people.assessor, below="plan")
    with pytest.raises(TransitionError):
        workflow.award(submission)
    assert Award.objects.count() == 0


def test_awarding_takes_twelve_queries_or_fewer(people: People, django_assert_max_num_queries: Any) -> None:
    workflow.award(factories.earned(people))
    submission = factories.earned(people, earner=people.educator2)
    with django_assert_max_num_queries(12):
        workflow.award(submission)


def test_a_taken_place_in_the_list_is_passed_over(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    first = workflow.award(factories.earned(people))
    places = iter([first.status_index, first.status_index, 7])
    monkeypatch.setattr(workflow.placing, "random_index", lambda size: next(places))
    second = workflow.award(factories.earned(people, earner=people.educator2))
    assert (second.status_list_id, second.status_index) == (first.status_list_id, 7)


def test_a_full_list_is_followed_by_another(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    first = workflow.award(factories.earned(people))
    monkeypatch.setattr(workflow.placing, "random_index", lambda size: first.status_index)
    second = workflow.award(factories.earned(people, earner=people.educator2))
    assert second.status_list_id != first.status_list_id
    assert checking.check(second.credential).valid


def test_the_task_awards_from_the_journal(people: People) -> None:
    submission = factories.earned(people)
    (entry,) = entries("submissions.earned")
    tasks.award(str(entry.pk))
    tasks.award(str(entry.pk))
    assert [award.submission for award in Award.objects.all()] == [submission]


def test_healing_awards_what_a_lost_task_left(people: People) -> None:
    submission = factories.earned(people)
    assert tasks.heal() == 1
    assert Award.objects.get().submission == submission
    assert tasks.heal() == 0


def test_an_unreadable_key_holds_up_only_its_issuer(people: People, settings: Any, tmp_path: Any) -> None:
    settings.SIGNING_KEYS = tmp_path
    lakes = factories.published(people.lakes)
    factories.member(people.assessor, people.lakes, Membership.Role.ASSESSOR)
    factories.earned(people)
    factories.earned(people, lakes)
    broken = tmp_path / "issuers" / "northfield" / "0001.pem"
    broken.parent.mkdir(parents=True)
    broken.write_text("not a key")
    broken.chmod(0o600)
    assert tasks.heal() == 1
    assert Award.objects.get().issuer == people.lakes


def test_control_characters_in_a_template_do_not_hold_up_the_badge(people: People) -> None:
    unit = factories.published(
        people.northfield, title="Talk\u202e that\tbuilds", competency="One.\x0bTwo\x07."
    )
    award = workflow.award(factories.earned(people, unit))
    achievement = award.credential["credentialSubject"]["achievement"]
    assert (achievement["name"], achievement["description"]) == ("Talk that builds", "One.\nTwo.")


# --- what the earner decides --------------------------------------------------------------------------------


def test_the_earner_decides_who_sees_it(people: People) -> None:
    award = factories.award(people)
    workflow.set_visibility(award, people.educator, "public", name_shown="M. Rivera")
    award.refresh_from_db()
    assert (award.visibility, award.name_shown, award.state) == ("public", "M. Rivera", "active")
    assert [entry.data for entry in entries("badges.visibility_changed")] == [{"visibility": "public"}]


@pytest.mark.parametrize("person", ["educator2", "approver", "author", "admin"])
def test_nobody_else_decides_who_sees_it(people: People, person: str) -> None:
    award = factories.award(people)
    with pytest.raises(PermissionDenied):
        workflow.set_visibility(award, getattr(people, person), "public")


@pytest.mark.parametrize(
    ("visibility", "name"), [("everybody", ""), ("public", "x" * 121), ("public", "a\x00b")]
)
def test_nonsense_is_refused(people: People, visibility: str, name: str) -> None:
    with pytest.raises(GuardError):
        workflow.set_visibility(factories.award(people), people.educator, visibility, name_shown=name)


def test_sharing_with_her_district_names_her_school(people: People) -> None:
    share = workflow.share_with(factories.award(people), people.educator, people.riverbend)
    assert (share.organisation, share.school, share.state) == (people.riverbend, people.oak, "active")
    (entry,) = entries("badges.shared")
    assert entry.organisation_id == people.riverbend.pk


def test_sharing_twice_shares_once(people: People) -> None:
    award = factories.award(people)
    assert workflow.share_with(award, people.educator, people.riverbend) == workflow.share_with(
        award, people.educator, people.riverbend
    )
    assert len(entries("badges.shared")) == 1


def test_a_share_can_be_taken_back_and_given_again(people: People) -> None:
    award = factories.award(people)
    workflow.share_with(award, people.educator, people.riverbend)
    workflow.unshare(award, people.educator, people.riverbend)
    assert Share.objects.get().state == "ended"
    with pytest.raises(TransitionError):
        workflow.unshare(award, people.educator, people.riverbend)
    workflow.share_with(award, people.educator, people.riverbend)
    assert Share.objects.get().state == "active"


def test_another_district_cannot_be_shared_with(people: People) -> None:
    award = factories.award(people)
    for place in (people.hillside, people.oak, people.northfield):
        with pytest.raises(GuardError):
            workflow.share_with(award, people.educator, place)
    assert Share.objects.count() == 0


def test_only_the_earner_shares(people: People) -> None:
    with pytest.raises(PermissionDenied):
        workflow.share_with(factories.award(people), people.district_admin, people.riverbend)


# --- revoking -----------------------------------------------------------------------------------------------


def test_a_revocation_shows_at_once(people: People) -> None:
    award = factories.award(people)
    other = factories.award(people, earner=people.educator2)
    factories.revoke(award, people, " Copied from a colleague. ")
    assert (award.state, award.revocation_reason) == ("revoked", "Copied from a colleague.")
    steps = checking.check(award.credential).steps
    assert [step.name for step in steps if str(step.outcome) == "failed"] == ["status"]
    assert checking.check(other.credential).valid
    (entry,) = entries("badges.revoked")
    assert (entry.subject_id, entry.actor, entry.data) == (str(award.pk), people.admin, {"why": "reason"})


@pytest.mark.parametrize("person", ["educator", "educator2", "assessor", "author", "district_admin"])
def test_only_the_issuers_approvers_and_admins_begin_to_revoke(people: People, person: str) -> None:
    with pytest.raises(PermissionDenied):
        workflow.open_revocation(factories.award(people), getattr(people, person), "Because.")


def test_an_approver_never_revokes_her_own(people: People) -> None:
    award = factories.award(people)
    factories.member(people.educator, people.northfield, Membership.Role.APPROVER)
    with pytest.raises(PermissionDenied):
        workflow.open_revocation(award, people.educator, "Because.")


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2001, "a\x00b"])
def test_a_revocation_needs_a_reason(people: People, reason: str) -> None:
    award = factories.award(people)
    with pytest.raises(GuardError) as refused:
        workflow.open_revocation(award, people.approver, reason)
    assert list(refused.value.errors) == ["reason"]
    assert Award.objects.get().state == "active"


def test_revoking_twice_is_refused(people: People) -> None:
    award = factories.award(people)
    factories.revoke(award, people)
    with pytest.raises(TransitionError):
        workflow.open_revocation(Award.objects.get(pk=award.pk), people.approver, "Again.")


@pytest.mark.django_db(transaction=True)
def test_of_two_revocations_at_once_neither_is_lost() -> None:
    people = cast()
    awards = [factories.award(people), factories.award(people, earner=people.educator2)]

    def take_back(award: Award) -> None:
        try:
            factories.revoke(Award.objects.get(pk=award.pk), people)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(take_back, awards))
    assert [revoked(award) for award in awards] == [True, True]
    assert StatusList.objects.count() == 1


def test_the_buttons_follow_the_verbs(people: People) -> None:
    award = factories.award(people)
    can: Callable[..., set[str]] = lambda person: workflow.available(award, person)  # noqa: E731
    assert can(people.educator) == {"set_visibility", "share_with", "unshare"}
    assert can(people.approver) == {"open_revocation"}
    assert can(people.assessor) == set()
