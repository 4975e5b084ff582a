"""The one way to change a state: `change()`, a conditional update and its journal entry in one transaction.

Every room's workflow calls it; consequences follow from the entry after commit (see `journal/tasks.py`). What must be
provable later is written into the chain of records by `chain()`.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from celery import current_app
from django.contrib.auth.models import AnonymousUser
from django.db import connection, models, transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from journal.models import FIRST, Entry, Record

logger = logging.getLogger(__name__)

# The advisory lock of the chain: PostgreSQL's own locks by number, of which nobody else takes this one.
CHAIN_LOCK = 6_277_101_735_386_680

# verb → (states it may start from, state it leads to, journal kind)
Transitions = Mapping[str, tuple[frozenset[str], str, str]]


class TransitionError(Exception):
    """A verb that is not possible now: carries words for people and the state the object is in."""

    def __init__(self, message: Any, *, state: str = "", code: str = "state") -> None:
        super().__init__(message)
        self.message = message
        self.state = state
        self.code = code


class GuardError(TransitionError):
    """A verb refused because of its data; `errors` maps field → list of messages, for the form."""

    def __init__(
        self, message: Any, errors: Mapping[str, list[Any]] | None = None, *, state: str = ""
    ) -> None:
        super().__init__(message, state=state, code="guard")
        self.errors = dict(errors or {})


def record(
    kind: str,
    subject: models.Model,
    *,
    actor: models.Model | AnonymousUser | None = None,
    organisation_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one entry inside the caller's transaction and have it dispatched after commit."""
    entry = Entry.objects.create(
        kind=kind,
        subject_kind=subject._meta.label_lower,
        subject_id=str(subject.pk),
        actor_id=actor.pk if actor is not None and actor.pk else None,
        organisation_id=organisation_id,
        data=dict(data or {}),
    )
    transaction.on_commit(lambda: announce(entry.pk))
    return entry


def announce(entry_id: UUID) -> None:
    """Ask the broker to dispatch now. A broker that is away costs a minute: beat's sweep finds the entry."""
    try:
        current_app.send_task("journal.tasks.dispatch", args=[str(entry_id)])
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("dispatch of %s left to the sweep: %s", entry_id, error)


def change(
    obj: models.Model,
    kind: str,
    *,
    frm: Iterable[str],
    to: str,
    actor: models.Model | AnonymousUser | None = None,
    organisation_id: UUID | None = None,
    data: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Entry:
    """Move `obj.state` from one of `frm` to `to`, together with `fields`, and write the entry.

    A conditional update: of two racing callers exactly one wins, the other gets `TransitionError` with the
    state the row is in now.
    """
    model = type(obj)
    with transaction.atomic():
        updated = model._default_manager.filter(pk=obj.pk, state__in=list(frm)).update(state=to, **fields)
        if not updated:
            obj.refresh_from_db(fields=["state"])
            raise TransitionError(f"{kind} is not possible: state is {obj.state}", state=obj.state)  # type: ignore[attr-defined]
        for name, value in {"state": to, **fields}.items():
            setattr(obj, name, value)
        return record(kind, obj, actor=actor, organisation_id=organisation_id, data=data)


def chain(entry: Entry, body: Mapping[str, Any]) -> Record:
    """Add a record to the chain, about what this entry tells, inside the caller's transaction.

    From here to the end of that transaction nobody else can add one, so that none forks off: call it last.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        last = Record.objects.order_by("-number").values_list("number", "hash").first()
        number, previous = last or (0, FIRST)
        return Record.objects.create(
            number=number + 1,
            entry=entry,
            body=dict(body),
            previous=previous,
            hash=Record.hash_of(previous, body),
        )
