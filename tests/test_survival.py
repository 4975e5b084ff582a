"""What happens when a part is away: pages answer, and what should follow arrives when it is back, once."""

from __future__ import annotations

import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest
from celery import Celery
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from badges import tasks as badge_tasks
from badges.models import Award
from journal.models import Entry
from journal.tasks import dispatch
from microcreds.celery import app
from microcreds.services import engines, valkey
from microcreds.services.process import stop
from notifications.models import Message
from review import workflow as review
from submissions import workflow as submissions
from submissions.models import Submission
from tests import factories
from tests.people import People, cast, signed_in
from tests.workers import start_worker

pytestmark = pytest.mark.django_db(transaction=True)


class Broker:
    """A Valkey of this test's own that can be stopped and started again."""

    def __init__(self, home: Path, settings: Any) -> None:
        app.loader.import_default_modules()
        self.home, self.settings, self.clients = engines.prepare(home), settings, list[Celery]()
        self.start()

    def start(self) -> None:
        self.server = valkey.start(self.home)
        self.settings.CACHES = {"default": {**self.settings.CACHES["default"], "LOCATION": self.server.url}}
        client = Celery("microcreds", set_as_current=False)
        client.config_from_object("django.conf:settings", namespace="CELERY")
        client.conf.update(broker_url=self.server.url)
        client.set_current()
        self.clients.append(client)

    def stop(self) -> None:
        stop(self.server.process, signal.SIGKILL)

    def work(self) -> None:
        """Do what beat and a worker do: hand on what lies in the outbox, run what arrives, until nothing is left."""
        Entry.objects.update(created=timezone.now() - timedelta(minutes=1))
        while dispatch() or self._run():
            Entry.objects.update(created=timezone.now() - timedelta(minutes=1))

    def _run(self) -> int:
        done = 0
        with self.clients[-1].connection_for_read() as link, link.SimpleQueue("celery") as inbox:
            while True:
                try:
                    message = inbox.get_nowait()
                except queue.Empty:
                    return done
                message.ack()
                app.tasks[message.headers["task"]](*message.payload[0])
                done += 1


@pytest.fixture
def broker(tmp_path: Path, settings: Any) -> Iterator[Broker]:
    own = Broker(tmp_path / "home", settings)
    yield own
    own.stop()
    app.set_current()
    for client in own.clients:
        client.close()


@pytest.fixture
def people(transactional_db: None) -> People:
    return cast()


def ready(people: People) -> Submission:
    """A draft with everything in it."""
    draft = submissions.enrol(people.educator, factories.published(people.northfield))
    submissions.save(draft, people.educator, revision=0, answers=factories.ANSWERS)
    submissions.add_text(draft, people.educator, requirement="plan", text="First we look, then we talk.")
    return Submission.objects.get(pk=draft.pk)


def test_valkey_away_while_submitting_and_deciding(people: People, broker: Broker) -> None:
    draft = ready(people)
    educator, assessor = signed_in(people.educator), signed_in(people.assessor)
    broker.stop()

    form = {
        "revision": draft.revision,
        "attest-privacy": "on",
        **{f"answer-{k}": v for k, v in factories.ANSWERS.items()},
    }
    answer = educator.post(f"/submissions/{draft.pk}/submit/", form)
    assert (answer.status_code, Submission.objects.get(pk=draft.pk).state) == (302, "submitted")
    assert assessor.post(f"/review/claim/{draft.pk}/").status_code == 302
    assignment = draft.assignments.get()
    scores = {
        key: {"level": 3 if key == "plan" else 2, "feedback": ""} for key in ("context", "plan", "growth")
    }
    review.save(
        assignment, people.assessor, revision=0, scores=scores, strength="A tally.", next_step="Wait."
    )
    assignment.refresh_from_db()
    answer = assessor.post(f"/review/{assignment.pk}/complete/", {"revision": assignment.revision})
    assert (answer.status_code, Submission.objects.get(pk=draft.pk).state) == (302, "earned")
    assert (Award.objects.count(), Message.objects.count()) == (0, 0)

    broker.start()
    broker.work()
    assert Award.objects.count() == 1
    kinds = Message.objects.filter(user=people.educator).order_by("kind").values_list("kind", "state")
    assert list(kinds) == [("decided", "sent"), ("earned", "sent"), ("submitted", "sent")]
    assert len(mail.outbox) == 3
    broker.work()
    assert (Award.objects.count(), len(mail.outbox)) == (1, 3)


def test_valkey_away_stops_nobody_from_signing_in(people: People, broker: Broker) -> None:
    broker.stop()
    client = Client()
    answer = client.post(
        "/accounts/login/", {"login": people.educator.email, "password": "correct horse battery"}
    )
    assert (answer.status_code, client.get("/my/").status_code) == (302, 200)
    assert client.get("/readyz").json()["broker"] == "unreachable"


def hold(work: Callable[[], Any]) -> tuple[threading.Event, threading.Thread]:
    """Do `work` in a transaction of another connection and stay in it until told to go on."""
    held, go_on = threading.Event(), threading.Event()

    def run() -> None:
        with transaction.atomic():
            work()
            held.set()
            go_on.wait(60)
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    assert held.wait(20)
    return go_on, thread


def waiting_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def test_a_worker_killed_in_the_middle_of_a_task(
    people: People, celery_worker_process: Popen[bytes], home: Path
) -> None:
    earned = factories.earned(people)
    until = time.monotonic() + 30
    while not Award.objects.filter(submission=earned).exists() and time.monotonic() < until:
        time.sleep(0.1)
    first = Award.objects.get(submission=earned)

    def lock_awards() -> None:
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE badges_award IN SHARE ROW EXCLUSIVE MODE")

    go_on, thread = hold(lock_awards)
    second = factories.reviewed(
        factories.submitted(people.educator2, factories.published(people.northfield)), people.assessor
    )
    until = time.monotonic() + 30
    while not waiting_for_a_lock() and time.monotonic() < until:
        time.sleep(0.1)
    assert waiting_for_a_lock()
    stop(celery_worker_process, signal.SIGKILL)
    go_on.set()
    thread.join()
    entry = Entry.objects.get(kind="submissions.earned", subject_id=str(second.pk))
    assert (entry.dispatched_at is not None, Award.objects.filter(submission=second).count()) == (True, 0)

    another = start_worker(home)
    try:
        badge_tasks.heal.delay()
        until = time.monotonic() + 30
        while not Award.objects.filter(submission=second).exists() and time.monotonic() < until:
            time.sleep(0.1)
        badge_tasks.award(str(entry.pk))  # what the broker delivers again, late
    finally:
        stop(another)
    assert Award.objects.filter(submission=second).count() == 1
    assert Award.objects.get(submission=earned).pk == first.pk
