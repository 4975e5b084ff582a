"""Long and broken lists, and what must not wait behind them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from badges import checking, tasks, workflow
from badges.models import Batch, BatchRow
from catalog.models import MicroCredential
from journal.bulk import copy_rows
from journal.models import Entry
from microcreds.wiring import WIRING
from notifications import tasks as notifications
from notifications.models import Message
from tests import factories
from tests.badges.test_granting import award_of, batch_of, run, signed_in
from tests.people import People, cast

pytestmark = pytest.mark.django_db

MEMBERS = ("reference", "name", "narrative", "supporting", "columns", "state", "problem")
TEXTS: tuple[Any, ...] = ("", "", "", [], {}, "waiting", "")


@pytest.fixture
def people() -> People:
    return cast()


@pytest.fixture
def unit(people: People) -> MicroCredential:
    return factories.published(people.northfield)


def test_what_spreadsheets_break_is_refused_in_words_and_what_is_large_is_read(
    people: People, unit: MicroCredential
) -> None:
    client, url = signed_in(people.approver), reverse("grants")

    def send(content: bytes) -> tuple[int, str]:
        file = SimpleUploadedFile("l.csv", content)
        page = client.post(url, {"micro_credential": unit.slug, "file": file}, follow=True)
        return page.status_code, page.content.decode()

    wide = b"email,note\n" + b"".join(b"p%d@example.org,%s\n" % (n, b"x" * 4000) for n in range(1_500))
    assert len(wide) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    assert send(wide)[0] == 200
    assert Batch.objects.get().total == 1_500
    for content, status, words in (
        (b"email\n" + b"a@b.org\n" * 1_700_000, 413, "can have up to"),
        (b"email\n" + b"\n" * 2_000_000, 400, "There is no row below the header."),
        ("email\na@b.org".encode("utf-16-le"), 400, "This is not a CSV file."),
        (b'email,name\na@b.org,"x\n' + b"b@b.org,x\n" * 20_000, 400, "row that begins in line 2 cannot"),
    ):
        answer = send(content)
        assert (answer[0], words in answer[1]) == (status, True)
    assert Batch.objects.count() == 1


def test_one_row_that_cannot_be_signed_holds_up_no_other(people: People, unit: MicroCredential) -> None:
    ends = ("<x>", "{a}", "a|b", "a\\b", "%zz", "#a#b", "ü", "x?y=%20#z")
    rows = (f"p{number}@example.org,,,,Plan,https://example.org/{end},,," for number, end in enumerate(ends))
    answered = run(people, batch_of(people, unit, *rows))
    assert [row.state for row in answered] == ["refused"] * 6 + ["awarded"] * 2
    for row in answered[6:]:
        assert str(checking.check(award_of(row).credential).outcome) == "ok"


def test_a_list_that_cannot_go_on_holds_up_no_other(people: People, unit: MicroCredential) -> None:
    stuck, other = (
        batch_of(people, unit, f"{name}@example.org,,,,Plan,https://example.org/,,,") for name in "xy"
    )
    for batch in (stuck, other):
        workflow.start_batch(batch, people.approver)
    BatchRow.objects.filter(batch=stuck).update(supporting=[{"name": "", "url": "no:<x>", "narrative": ""}])
    assert tasks.heal_grants() == 1
    assert dict(Batch.objects.values_list("pk", "state")) == {stuck.pk: "running", other.pk: "done"}


def test_nothing_in_the_answers_is_taken_for_a_formula(people: People, unit: MicroCredential) -> None:
    client = signed_in(people.approver)
    file = SimpleUploadedFile("l.csv", b'email,=1+1,note\nx@example.org,@a,\t+1\n-1,"=\n",x\n')
    client.post(reverse("grants"), {"micro_credential": unit.slug, "file": file})
    url = reverse("grant-result", args=[Batch.objects.get().pk])
    head, *rows = csv.reader(io.StringIO(b"".join(client.get(url)).decode("utf-8-sig"), newline=""))
    assert (head[-3:], rows[0][-3:]) == (["email", "'=1+1", "note"], ["x@example.org", "'@a", "'+1"])
    assert rows[1][-3:] == ["'-1", "'=", "x"]


def test_what_the_database_refuses_in_bulk_is_known_as_such(people: People, unit: MicroCredential) -> None:
    batch = batch_of(people, unit, "x@example.org,,,,,,,,")
    with pytest.raises(IntegrityError), transaction.atomic():
        copy_rows(BatchRow, ("batch", "number", "email", *MEMBERS), [(batch.pk, 2, "y@example.org", *TEXTS)])


def test_its_sender_is_told_when_every_row_is_answered(people: People, unit: MicroCredential) -> None:
    batch = batch_of(people, unit, "x@example.org,,,,,,,,", "nobody,,,,,,,,")
    run(people, batch)
    entry = Entry.objects.get(kind="badges.batch_done", subject_id=str(batch.pk))
    assert WIRING[entry.kind] == ["notifications.tasks.granted"]
    for _twice in range(2):
        notifications.granted(str(entry.pk))
    message = Message.objects.get()
    assert (message.user, message.url) == (people.approver, reverse("grant", args=[batch.pk]))
    notifications.send_due()
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([people.approver.email], f"Your list is done: {unit.title}")
    assert "All 2 rows of your list l.csv" in sent.body
    assert "One of them was refused; beside it stands why." in sent.body


def test_mails_to_a_list_are_left_to_their_own_tasks_for_an_hour(
    people: People, unit: MicroCredential
) -> None:
    run(people, batch_of(people, unit, "x@example.org,,,,,,,,"))
    entry = Entry.objects.get(kind="badges.awarded")
    assert entry.data["bulk"] is True
    notifications.earned(str(entry.pk))
    assert (notifications.send_due(), len(mail.outbox)) == (0, 0)
    Message.objects.update(next_try=timezone.now() - timedelta(hours=2))
    assert (notifications.send_due(), len(mail.outbox)) == (1, 1)
