"""Taking everything along, and leaving for good: by oneself, at once, and saying what stays."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.utils import timezone

from accounts import workflow
from accounts.models import DataExport, Membership, Profile, User
from badges import tasks as badges
from badges.models import Award
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from microcreds import tasks
from notifications import tasks as notifications
from notifications.models import Message
from submissions import tasks as submissions
from submissions import vault
from submissions import workflow as submitting
from submissions.models import Artifact, Content, Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.submissions.stories import FULL

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
BODY = b"a lesson " * 30_000


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def educator(people: People) -> User:
    """With a badge, a draft with a file, and a message."""
    person = people.educator
    factories.award(people, earner=person, visibility="public")
    draft = submitting.enrol(person, factories.published(people.northfield))
    submitting.save(draft, person, revision=0, answers=FULL)
    factories.kept(draft, BODY, "application/pdf", "../lesson ä.pdf")
    return person


def last(kind: str) -> str:
    return str(Entry.objects.filter(kind=kind).latest("created").pk)


def exported(person: User) -> DataExport:
    row = workflow.ask_for_export(person)
    tasks.export(last("accounts.export_asked"))
    row.refresh_from_db()
    return row


def test_the_copy_holds_everything_of_hers_and_nothing_of_others(educator: User, people: People) -> None:
    row = exported(educator)
    assert (row.state, row.progress) == ("ready", 100)
    answer: Any = signed_in(educator).get(f"/account/data/{row.pk}/")
    archive = zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))
    draft = Submission.objects.get(state="draft")
    assert archive.read(f"submissions/{draft.code}/01-lesson ä.pdf") == BODY
    attempt = json.loads(archive.read(f"submissions/{draft.code}/attempt.json"))
    assert attempt["answers"] == FULL
    badge = Award.objects.get()
    assert json.loads(archive.read(f"badges/{badge.pk}.json")) == badge.credential
    told = json.loads(archive.read("account.json"))
    assert (told["email"], told["roles"][0]["state"]) == (educator.email, "active")
    whole = b"".join(archive.read(name) for name in archive.namelist()).decode("utf-8", "ignore")
    assert [
        one for one in (people.assessor.name, people.assessor.email, people.educator2.email) if one in whole
    ] == []


def test_one_copy_at_a_time_and_only_for_her(educator: User, people: People) -> None:
    first = workflow.ask_for_export(educator)
    assert workflow.ask_for_export(educator).pk == first.pk
    tasks.export(last("accounts.export_asked"))
    tasks.export(last("accounts.export_asked"))  # delivered twice
    assert DataExport.objects.get().state == "ready"
    for stranger, status in ((people.educator2, 404), (people.assessor, 404)):
        assert signed_in(stranger).get(f"/account/data/{first.pk}/").status_code == status


def test_the_copy_goes_after_a_week_and_a_dead_one_is_said_to_have_failed(educator: User) -> None:
    row = exported(educator)
    stuck = workflow.ask_for_export(educator)
    past = timezone.now() - timedelta(days=8)
    DataExport.objects.filter(pk=row.pk).update(expires=past)
    DataExport.objects.filter(pk=stuck.pk).update(state_since=past)
    assert tasks.tidy_exports() == 2
    row.refresh_from_db()
    stuck.refresh_from_db()
    assert (row.state, vault.exists(row.file), stuck.state) == ("expired", False, "failed")
    assert signed_in(educator).get(f"/account/data/{row.pk}/").status_code == 404


def test_a_copy_that_cannot_be_made_says_so_and_leaves_nothing(educator: User) -> None:
    content = Content.objects.get()
    vault.put(content.file, io.BytesIO(BODY), vault.new_secret())  # damaged: another key
    workflow.ask_for_export(educator)
    with pytest.raises(vault.Damaged):
        tasks.export(last("accounts.export_asked"))
    notifications.export(last("accounts.export_failed"))
    assert (DataExport.objects.get().state, Message.objects.latest("created").kind) == ("failed", "export")


def test_closing_takes_all_that_is_hers_and_leaves_the_badge_valid(
    educator: User, django_capture_on_commit_callbacks: Any
) -> None:
    content, award = Content.objects.get(), Award.objects.get()
    sealed = Submission.objects.get(award=award)
    before = sealed.manifest["artifacts"]
    Message.objects.create(user=educator, kind="welcome", entry_id=award.pk)
    client = signed_in(educator)
    page = client.post("/account/close/", {"password": PASSWORD, "sure": "on"})
    assert (page.status_code, client.get("/my/").status_code) == (200, 302)
    with django_capture_on_commit_callbacks(execute=True):
        for task in (submissions.closed, badges.closed, notifications.closed):
            task(last("accounts.closed"))
    educator.refresh_from_db()
    assert (educator.name, educator.is_active, educator.email) == ("", False, f"closed-{educator.pk}@invalid")
    left = (EmailAddress, Profile, Message)
    assert [model.objects.filter(user=educator).count() for model in left] == [0, 0, 0]
    assert not Membership.objects.filter(user=educator, state="active").exists()
    assert (Content.objects.count(), vault.exists(content.file)) == (0, False)
    assert {row.answers != {} for row in Submission.objects.filter(enrolment__earner=educator)} == {False}
    assert set(Artifact.objects.values_list("title", "name", "text")) == {("", "", "")}
    sealed.refresh_from_db()
    after = sealed.manifest["artifacts"]
    assert [(row["sha256"], row["salt"], row["digest"]) for row in after] == [
        (row["sha256"], row["salt"], row["digest"]) for row in before
    ]
    assert ([row["title"] for row in before] != [""], [row["title"] for row in after]) == (True, [""])
    award.refresh_from_db()
    assert (award.state, award.visibility, award.name_shown) == ("active", "private", "")
    assert educator.name not in json.dumps(award.credential) or educator.name == ""


def test_work_that_is_being_read_goes_after_its_decision(educator: User, people: People) -> None:
    waiting = factories.submitted(educator, factories.published(people.northfield))
    submitting.begin_review(waiting, people.assessor)
    workflow.close(educator, PASSWORD)
    assert submitting.let_go_of_person(educator) == 1
    waiting.refresh_from_db()
    assert waiting.answers != {}
    submitting.return_to_queue(waiting, None)
    assert submitting.let_go_of_person(educator) == 0
    waiting.refresh_from_db()
    assert (waiting.state, waiting.answers) == ("withdrawn", {})


@pytest.mark.parametrize(("password", "sure"), [("wrong", "on"), ("", "on"), (PASSWORD, "")])
def test_closing_needs_the_password_and_a_yes(educator: User, password: str, sure: str) -> None:
    answer = signed_in(educator).post(
        "/account/close/", {"password": password, **({"sure": sure} if sure else {})}
    )
    educator.refresh_from_db()
    assert (answer.status_code, educator.is_active) == (400, True)


def test_the_last_admin_hands_over_first(people: People) -> None:
    with pytest.raises(GuardError):
        workflow.close(people.district_admin, PASSWORD)
    assert people.district_admin.is_active


def test_twice_is_once(educator: User) -> None:
    again = User.objects.get(pk=educator.pk)
    workflow.close(educator, PASSWORD)
    with pytest.raises(TransitionError):
        workflow.close(again, PASSWORD)
    assert (Entry.objects.filter(kind="accounts.closed").count(), len(mail.outbox)) == (1, 0)
