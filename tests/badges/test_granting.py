"""Granting a badge to a list of people: every row answered, once, and nothing claimed that was not seen."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts import workflow as accounts
from accounts.models import User
from accounts.workflow import relate
from badges import checking, issuing, sheets, tasks, workflow
from badges.models import Award, Batch, BatchRow, StatusList
from badges.openbadges import documents
from badges.openbadges.documents import identity_hash
from catalog.models import MicroCredential
from journal.models import Entry
from journal.workflow import GuardError, TransitionError
from notifications import tasks as notifications
from notifications.models import Message
from tests import factories
from tests.people import People, cast

pytestmark = pytest.mark.django_db

HEAD = "email,name,awarded_on,narrative,evidence_name,evidence_url,evidence_narrative,reference,Employee No"
MANY = 300


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    return factories.published(people.northfield)


def batch_of(people: People, unit: MicroCredential, *rows: str, by: User | None = None) -> Batch:
    """A list, read and checked."""
    content = "\n".join([HEAD, *rows]).encode()
    lines = sheets.checked(sheets.read_csv(content))
    return workflow.check_batch(by or people.approver, unit, "l.csv", workflow.file_key(content), lines)


def run(people: People, batch: Batch) -> list[BatchRow]:
    """Started and worked off as the worker does."""
    batch.refresh_from_db()
    if batch.state == Batch.State.CHECKED:
        workflow.start_batch(batch, people.approver)
    while Batch.objects.filter(pk=batch.pk, state=Batch.State.RUNNING).exists():
        workflow.advance_batch(batch.pk)
    batch.refresh_from_db()
    return list(BatchRow.objects.filter(batch=batch))


def award_of(row: BatchRow) -> Award:
    """The award a row got, with all that its document says."""
    loaded = Award.objects.select_related(
        "earner", "issuer", "status_list", "version__micro_credential__issuer"
    )
    assert row.award_id
    return loaded.get(pk=row.award_id)


def told(rows: list[BatchRow]) -> list[tuple[int, str, str]]:
    return [(row.number, row.state, row.problem) for row in rows]


# --- what is granted ------------------------------------------------------------------------------------------


def test_everybody_on_the_list_gets_a_badge_that_verifies_and_claims_no_assessment(
    people: People, unit: MicroCredential
) -> None:
    quoted = '"Led a group.\nFor two years, “ütt”."'
    rows = run(
        people,
        batch_of(
            people,
            unit,
            f"maya.new@example.org,Maya Ö,2025-06-30,{quoted},Plan,https://example.org/p,Kept.,HR-1,77",
            "educator@example.test,,,,,,,,",
            "li@example.org,李,2024-02-29,,,,,,",
        ),
    )
    assert told(rows) == [(2, "awarded", ""), (3, "awarded", ""), (4, "awarded", "")]
    awards = [award_of(row) for row in rows]
    for award in awards:
        report = checking.check(award.credential)
        assert {step.name: str(step.outcome) for step in report.steps if str(step.outcome) != "ok"} == {}
    first, known = awards[0], awards[1]
    assert known.earner == people.educator
    assert (first.origin, first.visibility, first.awarded_at) == (
        "granted", "private", datetime(2025, 6, 30, 12, tzinfo=UTC),
    )  # fmt: skip
    subject = first.credential["credentialSubject"]
    assert subject["identifier"][0]["identityHash"] == identity_hash("maya.new@example.org", first.salt)
    assert subject["achievement"]["criteria"]["narrative"] == issuing.GRANTED
    assert {"result", "source"} & set(subject) == set()
    assert "resultDescription" not in subject["achievement"]
    assert (subject["narrative"], first.narrative) == ("Led a group.\nFor two years, “ütt”.",) * 2
    assert first.supporting == [{"name": "Plan", "url": "https://example.org/p", "narrative": "Kept."}]
    assert rows[0].columns["employee_no"] == "77"


def test_what_is_signed_in_bulk_is_what_signing_each_alone_would_say(
    people: People, unit: MicroCredential
) -> None:
    row = 'x@example.org,X,2025-01-02,"Done  “before”.  \nTwice \\ more.",A  “plan”,https://example.org/p,Kept.,,'
    award = award_of(run(people, batch_of(people, unit, row))[0])
    alone = documents.credential(issuing.award_data(award, {}, award.issued_at or award.created))
    assert {name: value for name, value in award.credential.items() if name != "proof"} == alone


def test_rows_that_cannot_be_granted_are_answered_in_words(people: People, unit: MicroCredential) -> None:
    factories.award(people, unit, people.educator2)
    relate(people.approver, people.educator, "supervises")
    unsure = User.objects.create_user("unsure@example.org", "a password of hers")
    EmailAddress.objects.create(user=people.assessor, email="second@example.org", verified=True)
    addresses = (
        "educator2@example.test",
        "educator@example.test",
        "approver@example.test",
        "unsure@example.org",
    )
    again = ("assessor@example.test", "second@example.org", "ASSESSOR@example.test")
    broken = ("nobody,,2030-01-01,,,ftp://x,,,", ",,30.6.2025,,,,only text,,,too,many")
    sheet = [*(f"{address},,,,,,,," for address in (*addresses, *again)), *broken]
    rows = run(people, batch_of(people, unit, *sheet))
    assert told(rows) == [
        (2, "already", ""),
        (3, "refused", "email: You stand close to this person, so somebody else at your organisation has to decide."),
        (4, "refused", "email: This is you. Somebody else at your organisation has to grant you a badge."),
        (5, "refused", "email: The holder of this address has not confirmed it yet. Grant it when she has."),
        (6, "awarded", ""),
        (7, "already", "email: The same person as in row 6, by another address of hers."),
        (8, "refused", "email: Row 6 has the same address. Nobody gets a badge twice."),
        (9, "refused",
         ("email: “nobody” is not an e-mail address.\nawarded_on: This day is still to come.\n"
          "evidence_url: This is not a whole web address. It begins with https:// or http://, and has neither spaces nor"
          " quotation marks.")),
        (10, "refused",
         ("This row has more cells than the header names: too | many\nemail: There is no e-mail address.\n"
          "awarded_on: Write the day as 2025-06-30: year, month, day.\n"
          "evidence_name: Say what the evidence is called.")),
    ]  # fmt: skip
    batch = rows[0].batch
    assert (batch.total, batch.answered, batch.refused, batch.state) == (9, 9, 6, "done")
    assert not Award.objects.filter(earner=unsure).exists()


def test_only_the_issuers_approvers_and_admins_grant_what_it_has_published(
    people: People, unit: MicroCredential
) -> None:
    for stranger in (people.author, people.assessor, people.educator, people.admin):
        with pytest.raises(PermissionDenied):
            batch_of(people, unit, "x@example.org,,,,,,,,", by=stranger)
    with pytest.raises(PermissionDenied):
        batch_of(people, factories.published(people.lakes), "x@example.org,,,,,,,,")
    MicroCredential.objects.filter(pk=unit.pk).update(state="retired")
    unit.refresh_from_db()
    with pytest.raises(GuardError):
        batch_of(people, unit, "x@example.org,,,,,,,,")
    assert not Batch.objects.exists()


# --- once, whatever happens -----------------------------------------------------------------------------------


def test_the_same_list_again_is_the_same_batch_until_it_is_set_aside(
    people: People, unit: MicroCredential
) -> None:
    row = "x@example.org,,,,,,,,"
    first = batch_of(people, unit, row)
    assert batch_of(people, unit, row) == first
    workflow.drop_batch(first, people.approver)
    second = batch_of(people, unit, row)
    assert second != first
    run(people, second)
    assert batch_of(people, unit, row) == second
    for verb in (workflow.start_batch, workflow.drop_batch):
        with pytest.raises(TransitionError):
            verb(second, people.approver)
    again = run(people, batch_of(people, unit, row, "y@example.org,,,,,,,,"))
    assert [row.state for row in again] == ["already", "awarded"]
    assert Award.objects.count() == 2


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("badges.workflow.granting.CHUNK", 2)


@pytest.mark.usefixtures("small_chunks")
def test_a_worker_that_dies_loses_nothing_and_doubles_nothing(people: People, unit: MicroCredential) -> None:
    batch = batch_of(people, unit, *(f"p{number}@example.org,,,,,,,," for number in range(5)))
    workflow.start_batch(batch, people.approver)
    workflow.advance_batch(batch.pk)
    with transaction.atomic():
        workflow.advance_batch(batch.pk)
        transaction.set_rollback(True)  # killed before the commit
    batch.refresh_from_db()
    assert (batch.answered, Award.objects.count(), User.objects.filter(email__startswith="p").count()) == (
        2,
        2,
        2,
    )
    assert [tasks.heal_grants() for _number in range(3)] == [1, 1, 0]
    workflow.advance_batch(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.answered, Award.objects.count()) == ("done", 5, 5)
    assert Entry.objects.filter(kind="badges.awarded").count() == 5
    steps = Entry.objects.filter(kind__startswith="badges.batch_").order_by("created")
    assert [entry.kind.removeprefix("badges.batch_") for entry in steps] == [
        *("checked", "started", "advanced", "advanced", "done"),
    ]  # fmt: skip


def test_three_hundred_awards_take_as_many_queries_as_three(people: People, unit: MicroCredential) -> None:
    run(people, batch_of(people, unit, "first@example.org,,,,,,,,"))  # the issuer's key and status list
    taken = []
    for name, count in (("few", 3), ("many", MANY)):
        batch = batch_of(people, unit, *(f"{name}{number}@example.org,,,,,,,," for number in range(count)))
        workflow.start_batch(batch, people.approver)
        with CaptureQueriesContext(connection) as context:
            workflow.advance_batch(batch.pk)
        taken.append(len(context))
    # COPYs and savepoints among them. A chunk has up to 4,000 awards: far fewer than one query for a hundred.
    assert taken[1] <= 30
    assert taken[1] == taken[0]
    places = set(Award.objects.values_list("status_list", "status_index"))
    assert (len(places), Award.objects.count(), StatusList.objects.count()) == (MANY + 4, MANY + 4, 1)
    order = list(Award.objects.order_by("created", "pk").values_list("status_index", flat=True))
    assert order != sorted(order)


# --- people who have no account yet ---------------------------------------------------------------------------


def test_whoever_has_no_account_claims_hers_by_her_mail_and_nobody_sees_her_before(
    people: People, unit: MicroCredential
) -> None:
    award = award_of(run(people, batch_of(people, unit, "Maya.New@example.org,Maya New,,,,,,,"))[0])
    person = User.objects.get(email="maya.new@example.org")
    assert (person.has_usable_password(), EmailAddress.objects.filter(user=person).exists()) == (False, False)
    assert Entry.objects.filter(kind="accounts.expected", subject_id=str(person.pk)).count() == 1
    assert Client().get(reverse("badge", args=[award.pk])).status_code == 404
    entry = Entry.objects.get(kind="badges.awarded", subject_id=str(award.pk))
    notifications.earned(str(entry.pk))
    notifications.send(str(Message.objects.get().pk))
    (message,) = mail.outbox
    assert message.to == ["maya.new@example.org"]
    assert "has granted you the badge" in message.body
    assert reverse("account_reset_password") in message.body
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "maya.new@example.org"})
    link = re.search(r"https?://\S+/password/reset/key/\S+", str(mail.outbox[1].body))
    assert link
    form = client.get(urlsplit(link[0]).path, follow=True).redirect_chain[-1][0]
    client.post(form, {"password1": "a long road home", "password2": "a long road home"})
    assert EmailAddress.objects.get(user=person).verified
    assert Entry.objects.filter(kind="accounts.arrived", subject_id=str(person.pk)).count() == 1
    client.post(reverse("account_login"), {"login": person.email, "password": "a long road home"})
    page = client.get(reverse("badge", args=[award.pk]))
    assert "Granted for prior learning, not assessed here" in page.content.decode()
    person.refresh_from_db()
    accounts.close(person, "a long road home")
    tasks.closed(str(Entry.objects.get(kind="accounts.closed").pk))
    row = BatchRow.objects.get()
    assert (row.email, row.name, row.columns, row.state) == ("", "", {}, "awarded")


# --- pages and API --------------------------------------------------------------------------------------------


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_a_list_is_sent_looked_at_started_and_its_result_taken_home(
    people: People, unit: MicroCredential
) -> None:
    client = signed_in(people.approver)
    page = client.post(
        reverse("grants"),
        {"micro_credential": unit.slug, "file": SimpleUploadedFile("l.csv", b"email\nx\xff")},
    )
    assert page.status_code == 400
    assert "Line 2 is not in UTF-8" in page.content.decode()
    content = b"email,Note\nnew@example.org,=1+1\nnobody,x"
    data = {"micro_credential": unit.slug, "file": SimpleUploadedFile("l.csv", content)}
    page = client.post(reverse("grants"), data, follow=True)
    batch = Batch.objects.get()
    shown = page.content.decode()
    assert "Grant 1 badge" in shown
    assert "“nobody” is not an e-mail address." in shown
    assert (
        "new@example.org"
        not in client.get(f"{reverse('grant', args=[batch.pk])}?rows=problems").content.decode()
    )
    assert client.post(reverse("grant-start", args=[batch.pk]), follow=True).status_code == 200
    assert client.post(reverse("grant-start", args=[batch.pk])).status_code == 409
    run(people, batch)
    result = b"".join(client.get(reverse("grant-result", args=[batch.pk]))).decode("utf-8-sig").splitlines()
    award = Award.objects.get()
    assert result == [
        "number,status,problem,badge,email,note",
        f"2,awarded,,{issuing.absolute(reverse('badge', args=[award.pk]))},new@example.org,'=1+1",
        "3,refused,email: “nobody” is not an e-mail address.,,nobody,x",
    ]
    template = b"".join(client.get(reverse("grant-template")))
    assert [number for number, _row in sheets.read_csv(template)] == [2]
    lakes = factories.user()
    factories.member(lakes, people.lakes, "admin")
    assert signed_in(lakes).get(reverse("grant", args=[batch.pk])).status_code == 404


def test_programs_send_rows_once_and_page_through_the_answers(people: People, unit: MicroCredential) -> None:
    client = signed_in(people.approver)

    def send(rows: Any, key: str = "march", **more: Any) -> Any:
        body = json.dumps({"micro_credential": unit.slug, "rows": rows, **more})
        headers = {"Idempotency-Key": key} if key else {}
        return client.post(reverse("api-grants"), body, content_type="application/json", headers=headers)

    rows = [{"email": f"p{number}@example.org", "reference": f"HR-{number}"} for number in range(3)]
    first, again = send(rows, name="HR"), send(rows, name="HR")
    assert (first.status_code, first.json()["state"], again.json()["id"]) == (
        202,
        "running",
        first.json()["id"],
    )
    assert send(rows[:2]).status_code == 409
    assert send(rows, "").json()["id"] == send(rows, "").json()["id"] != first.json()["id"]
    assert list(send(["x"], "n").json()["errors"]) == ["rows"]
    assert list(send(None, "n").json()["errors"]) == ["rows"]
    assert list(send([{"email": 7}], "n").json()["errors"]) == ["rows"]
    assert list(send(rows, "no spaces allowed").json()["errors"]) == ["Idempotency-Key"]
    run(people, Batch.objects.get(pk=first.json()["id"]))
    progress = client.get(reverse("api-grant", args=[first.json()["id"]])).json()
    assert (progress["state"], progress["total"], progress["answered"], progress["refused"]) == (
        "done",
        3,
        3,
        0,
    )
    page = client.get(reverse("api-grant-rows", args=[progress["id"]]) + "?page_size=2").json()
    rest = client.get(page["next"]).json()
    got = [(row["number"], row["reference"], row["state"]) for row in page["results"] + rest["results"]]
    assert got == [(1, "HR-0", "awarded"), (2, "HR-1", "awarded"), (3, "HR-2", "awarded")]
    assert client.get(reverse("api-grants")).json()["results"][-1]["name"] == "HR"
