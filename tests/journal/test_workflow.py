"""`change()` lets exactly one of many win, and the outbox loses nothing and doubles nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier, Event
from typing import Any

import pytest
from celery import Celery
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from accounts.models import Membership
from journal.bulk import record_all
from journal.models import Entry
from journal.queries import timeline
from journal.tasks import BATCH, dispatch
from journal.workflow import TransitionError, change, record
from microcreds.celery import app
from microcreds.wiring import WIRING
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

NOWHERE = "redis://127.0.0.1:1/0"
Message = tuple[str, list[str]]


@pytest.fixture
def role() -> Membership:
    """Something with a state: `active`, later `ended`."""
    return factories.member(factories.user(), factories.organisation("northfield"), "assessor")


@pytest.fixture
def dead_broker() -> Iterator[None]:
    """The same program, configured alike, whose broker does not answer."""
    dead = Celery("microcreds", set_as_current=False)
    dead.config_from_object("django.conf:settings", namespace="CELERY")
    dead.conf.update(broker_url=NOWHERE)
    dead.set_current()
    yield
    app.set_current()
    dead.close()


def queued() -> list[Message]:
    """Take everything out of the broker, in order: task name and arguments."""
    messages: list[Message] = []
    with app.connection_for_read() as broker, broker.SimpleQueue("celery") as queue:
        while True:
            try:
                message = queue.get_nowait()
            except queue.Empty:
                return messages
            message.ack()
            messages.append((message.headers["task"], message.payload[0]))


def end(role: Membership, **more: Any) -> Entry:
    return change(role, "accounts.role_ended", frm=["active"], to="ended", **more)


def aged(entry: Entry, seconds: float = 60) -> Entry:
    """Written so long ago that the sweep takes it."""
    Entry.objects.filter(pk=entry.pk).update(created=timezone.now() - timedelta(seconds=seconds))
    return entry


def together(number: int, do: Callable[[], Any]) -> list[Any]:
    """Run in threads that start at the same moment, each with a connection of its own."""
    barrier = Barrier(number)

    def one() -> Any:
        barrier.wait(timeout=10)
        try:
            return do()
        finally:
            connection.close()

    with ThreadPoolExecutor(number) as pool:
        return [future.result(timeout=30) for future in [pool.submit(one) for _each in range(number)]]


# --- change() -----------------------------------------------------------------------------------------------


def test_change_moves_the_row_and_writes_one_entry(role: Membership) -> None:
    until = timezone.now()
    entry = end(
        role, actor=role.user, organisation_id=role.organisation_id, data={"note": "moved away"}, until=until
    )
    stored = Membership.objects.get(pk=role.pk)
    assert (role.state, role.until) == (stored.state, stored.until) == ("ended", until)
    assert list(timeline(role)) == [entry]
    assert (entry.kind, entry.subject_kind, entry.subject_id) == (
        "accounts.role_ended", "accounts.membership", str(role.pk),
    )  # fmt: skip
    assert (entry.actor_id, entry.organisation_id, entry.data, entry.dispatched_at) == (
        role.user_id, role.organisation_id, {"note": "moved away"}, None,
    )  # fmt: skip


def test_a_change_that_is_not_possible_says_which_state_it_met(role: Membership) -> None:
    stale = Membership.objects.get(pk=role.pk)
    end(role)
    with pytest.raises(TransitionError) as refused:
        end(stale)
    assert (refused.value.state, refused.value.code, stale.state) == ("ended", "state", "ended")
    assert timeline(role).count() == 1


def test_a_rollback_takes_the_entry_and_the_announcement_with_it(role: Membership) -> None:
    with transaction.atomic():
        end(role)
        transaction.set_rollback(True)
    assert (Membership.objects.get(pk=role.pk).state, Entry.objects.count(), queued()) == ("active", 0, [])


def test_of_many_callers_exactly_one_wins(role: Membership) -> None:
    def attempt() -> str:
        try:
            end(Membership.objects.get(pk=role.pk))
        except TransitionError as error:
            return f"refused: {error.state}"
        return "won"

    assert Counter(together(8, attempt)) == {"won": 1, "refused: ended": 7}
    assert timeline(role).count() == 1


def test_who_comes_while_the_winner_is_not_yet_done_waits_and_loses(role: Membership) -> None:
    moved, go_on = Event(), Event()

    def winner() -> None:
        with transaction.atomic():
            end(Membership.objects.get(pk=role.pk))
            moved.set()
            go_on.wait(timeout=10)
        connection.close()

    def loser() -> str:
        moved.wait(timeout=10)
        try:
            end(role)
        except TransitionError as error:
            return error.state
        finally:
            connection.close()
        return "won too"

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.submit(winner), pool.submit(loser)
        moved.wait(timeout=10)
        assert not second.done()
        go_on.set()
        assert (first.result(timeout=10), second.result(timeout=10)) == (None, "ended")


def test_an_entry_without_a_person_has_no_actor(role: Membership) -> None:
    assert record("notifications.asked", role.organisation, actor=AnonymousUser()).actor_id is None


# --- The outbox ---------------------------------------------------------------------------------------------


def test_an_entry_is_announced_after_the_commit_and_not_before(role: Membership) -> None:
    with transaction.atomic():
        entry = end(role)
        assert queued() == []
    assert queued() == [("journal.tasks.dispatch", [str(entry.pk)])]


def test_an_entry_reaches_every_task_of_the_wiring_once(role: Membership) -> None:
    entry = record("submissions.earned", role)
    queued()
    assert (dispatch(str(entry.pk)), dispatch(str(entry.pk))) == (1, 0)
    assert queued() == [
        ("badges.tasks.award", [str(entry.pk)]),
        ("notifications.tasks.decided", [str(entry.pk)]),
    ]
    entry.refresh_from_db()
    assert entry.dispatched_at is not None


def test_what_nobody_waits_for_is_done_too(role: Membership) -> None:
    entry = end(role)
    queued()
    assert (dispatch(str(entry.pk)), queued()) == (1, [])
    assert not Entry.objects.filter(dispatched_at=None).exists()


def awarded(entry: Entry) -> list[tuple[str, list[str]]]:
    """What is sent when a badge was awarded."""
    return [(task, [str(entry.pk)]) for task in WIRING["badges.awarded"]]


def test_without_a_broker_the_change_stands_and_the_sweep_sends_it_later(
    role: Membership, dead_broker: None
) -> None:
    entry = aged(record("badges.awarded", role))
    with pytest.raises(OperationalError):
        dispatch()
    assert Entry.objects.get(pk=entry.pk).dispatched_at is None
    app.set_current()
    assert (dispatch(), dispatch()) == (1, 0)
    assert queued() == awarded(entry)


def test_a_caller_does_not_wait_long_for_a_broker_that_is_away(role: Membership, dead_broker: None) -> None:
    started = timezone.now()
    end(role)
    assert timezone.now() - started < timedelta(seconds=3)
    assert Membership.objects.get(pk=role.pk).state == "ended"


def test_the_sweep_goes_from_old_to_new_and_leaves_the_last_seconds_to_the_hooks(role: Membership) -> None:
    kind = "badges.awarded"
    fresh, newer, older = (record(kind, role), aged(record(kind, role), 10), aged(record(kind, role), 300))
    queued()
    assert dispatch() == 2
    assert queued() == [*awarded(older), *awarded(newer)]
    assert Entry.objects.get(dispatched_at=None) == fresh


def test_an_entry_that_one_dispatcher_holds_is_skipped_by_the_other(role: Membership) -> None:
    entry = record("badges.awarded", role)
    queued()
    with transaction.atomic():
        Entry.objects.select_for_update().get(pk=entry.pk)
        assert together(1, lambda: dispatch(str(entry.pk))) == [0]
    assert (dispatch(str(entry.pk)), queued()) == (1, awarded(entry))


def test_many_dispatchers_send_every_entry_once(role: Membership) -> None:
    entries = [aged(record("badges.awarded", role)) for _number in range(30)]
    queued()
    assert sum(together(4, dispatch)) + dispatch() == len(entries)
    assert sorted(queued()) == sorted(task for entry in entries for task in awarded(entry))


def test_what_was_written_by_the_thousand_waits_for_everything_else(
    role: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    for kind in ("badges.awarded", "nobody.listens"):
        record_all(kind, Membership, [role.pk, role.pk], data={"batch": "1"})
    Entry.objects.update(created=timezone.now() - timedelta(hours=1))
    mine = aged(record("badges.awarded", role))
    many = list(Entry.objects.filter(kind="badges.awarded").exclude(pk=mine.pk).order_by("created", "pk"))
    queued()
    monkeypatch.setattr("journal.tasks.BATCH", 1)
    assert (dispatch(), queued()) == (1, awarded(mine))
    assert not Entry.objects.filter(kind="nobody.listens", dispatched_at=None).exists()
    assert (dispatch(), dispatch(), dispatch()) == (1, 1, 0)
    last = record("badges.awarded", role)
    assert dispatch(str(last.pk)) == 1
    order = [one for one in queued() if one[0] != "journal.tasks.dispatch"]
    assert order[:2] == awarded(last)
    assert sorted(order[2:]) == sorted(task for entry in many for task in awarded(entry))


def test_a_sweep_takes_a_bounded_batch(role: Membership) -> None:
    long_ago = timezone.now() - timedelta(hours=1)
    rows = [Entry(kind="nobody.listens", subject_kind="x", subject_id="1") for _number in range(BATCH + 1)]
    Entry.objects.bulk_create(rows)
    Entry.objects.update(created=long_ago)
    assert (dispatch(), dispatch(), dispatch()) == (BATCH, 1, 0)
